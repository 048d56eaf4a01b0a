"""What every table is made of: the metadata they share, and columns that all of them write alike."""

from typing import Any

from sqlalchemy import JSON, Boolean, Column, MetaData, String, Text, false, true
from sqlmodel import Field, SQLModel

from gateway.store.types import EnumText, UTCDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(SQLModel):
    """The tables' own metadata, so that no other library's tables join ours."""

    metadata = MetaData(naming_convention=NAMING)


def at_column(*, index: bool = False, null: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UTCDateTime(), nullable=null, index=index))


def enum_column(enum: Any, *, null: bool = False, default: Any = None) -> Any:
    return Field(default=default, sa_column=Column(EnumText(enum), nullable=null))


def text_column(*, null: bool = False, default: str | None = "") -> Any:
    return Field(default=None if null else default, sa_column=Column(Text(), nullable=null))


def json_column(default: Any, *, late: str | None = None) -> Any:
    """`late` is what the rows of before have in a column that came later."""
    return Field(default_factory=default, sa_column=Column(JSON(), nullable=False, server_default=late))


def late_column(default: str, length: int) -> Any:
    """A short text that came with a later release: the database fills it for older nodes too."""
    return Field(default=default, sa_column=Column(String(length), nullable=False, server_default=default))


def late_flag(*, default: bool, before: bool) -> Any:
    """A flag that came with a later release; the rows of before, and those of older nodes, have `before`."""
    return Field(
        default=default, sa_column=Column(Boolean(), nullable=False, server_default=true() if before else false())
    )
