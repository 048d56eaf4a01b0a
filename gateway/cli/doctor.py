"""`doctor`: is all set up as it must be, and what is to be done where it is not?"""

import asyncio
from collections.abc import Iterator

import typer

from gateway.cli.context import NO, configuration
from gateway.cli.output import Json, print_json, print_table
from gateway.config import ConfigError
from gateway.config.values import split_endpoint
from gateway.doctor.finding import Finding, Result, wrong


def doctor(context: typer.Context, json: Json = False) -> None:
    """Check configuration, files, keys, database, rules, ports, smarthost, disk, clock and DNS. Exit code 1 when
    something is wrong."""
    findings = asyncio.run(_found(context))
    if json:
        print_json([_row(finding) for finding in findings])
    else:
        print_table(("", "check", "found"), [line for finding in findings for line in _lines(finding)])
    if any(finding.result is Result.WRONG for finding in findings):
        raise typer.Exit(NO)


async def _found(context: typer.Context) -> list[Finding]:
    try:
        config = configuration(context)
    except ConfigError as error:  # nothing else can be asked
        return [wrong("configuration", str(error), "Mend that line; `toiawase config check` looks again.")]
    from gateway.doctor.examine import examine  # the other commands need not wait for what it needs

    servers = [split_endpoint(server) for server in config.dns.servers]
    return [finding async for finding in examine(config, servers)]


def _lines(finding: Finding) -> Iterator[tuple[str, str, str]]:
    yield finding.result.value, finding.check, finding.text
    if finding.remedy:
        yield "", "", f"→ {finding.remedy}"


def _row(finding: Finding) -> dict[str, str]:
    return {
        "check": finding.check,
        "result": finding.result.value,
        "text": finding.text,
        "remedy": finding.remedy,
    }
