"""One spelling of a domain: in ASCII. And letters that only look like case (ß, ss) tell people apart."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from gateway.mail.addresses import address_key, normalise_address

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_LONGEST = 320  # characters of any of these columns

_KEYS = ("customer", "address"), ("auto_answer", "address_key"), ("suppression", "address_key")
_ADDRESSES = (
    *(("seller", "address"), ("staff", "address"), ("customer", "address"), ("numbered_mail", "to_address")),
    *(("received", "header_from"), ("received", "mail_from"), ("outbox", "to_address")),
)
_UNIQUE_IN = {
    **{"seller": ["store_id"], "customer": ["store_id"], "staff": [], "suppression": []},
    "outbox": ["cause", "kind"],
}


def upgrade() -> None:
    for table, column in _KEYS:
        _respell(table, column, "address_key", address_key)
    for table, column in _ADDRESSES:
        _respell(table, column, column, normalise_address)


def _respell(name: str, source: str, target: str, spelt: Callable[[str], str]) -> None:
    """Of what is not ASCII; a row keeps the old spelling if another has the new one already, or it has no room."""
    bind = op.get_bind()
    table = sa.Table(name, sa.MetaData(), autoload_with=bind)
    [key], old = table.primary_key.columns, table.c[source]
    octets = sa.func.octet_length(old) if bind.dialect.name == "postgresql" else sa.func.length(sa.cast(old, sa.BLOB))
    for row, text in bind.execute(sa.select(key, old).where(octets != sa.func.length(old))).all():
        new = spelt(text)
        if len(new) > _LONGEST:
            continue
        change = table.update().where(key == row).values({target: new})
        if name in _UNIQUE_IN:
            other = table.alias()
            same = [other.c[column] == table.c[column] for column in _UNIQUE_IN[name]]
            change = change.where(~sa.exists().where(other.c[target] == new, *same).correlate(table))
        bind.execute(change)
