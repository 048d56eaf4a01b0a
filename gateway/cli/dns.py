"""`dns`: the records that the gateway's domain needs."""

from typing import Annotated

import typer

from gateway.cli.context import USAGE, CommandError, configuration
from gateway.cli.output import Json, print_json, print_text


def dns(
    context: typer.Context,
    mx: Annotated[
        str, typer.Option(metavar="HOST", help="The server that takes mail for the domain; else as [trust] tells.")
    ] = "",
    senders: Annotated[
        str, typer.Option("--spf", metavar="MECHANISMS", help="Who sends it, such as include:_spf.example.net.")
    ] = "",
    address: Annotated[
        list[str] | None, typer.Option(metavar="IP", help="This machine's, where it takes the mail itself.")
    ] = None,
    json: Json = False,
) -> None:
    """Print every DNS record to set: lines for a zone file, or type, name and value with --json."""
    from gateway.doctor.machine import own_addresses  # the other commands need not wait for what these need
    from gateway.doctor.records import records

    config = configuration(context)
    try:
        wanted = records(config, mx.rstrip(".").lower(), senders, address or own_addresses())
    except ValueError as error:  # not an IP address
        raise CommandError(str(error), USAGE) from None
    if json:
        print_json([vars(record) | {"zone": record.zone} for record in wanted])
        return
    lines = [f"; {record.why}\n{record.zone}" for record in wanted]
    if not any(record.type in ("A", "AAAA") for record in wanted) and wanted[0].value.endswith(f" {config.domain}."):
        lines.append(f"; {config.domain} needs an A or AAAA record too: see --address, and --mx for another server.")
    if not config.dkim.keys:
        lines.append("; [dkim] is not set: nothing is signed here, and DMARC can only watch until it is.")
    print_text("\n".join(lines))
