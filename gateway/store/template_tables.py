"""The texts that a store keeps to answer with (よく使う返事, F6)."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from gateway.store.columns import Base, at_column, text_column

NAME_LENGTH = 60  # characters


class Template(Base, table=True):
    """A store's named text with merge fields, which a seller sends by #定型 NAME."""

    __tablename__ = "template"
    __table_args__ = (UniqueConstraint("store_id", "name_key"),)

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id")
    name: str = Field(max_length=NAME_LENGTH)  # as it was written
    name_key: str = Field(max_length=4 * NAME_LENGTH)  # without width and case: what names are compared by
    text: str = text_column()
    uses: int = 0  # answers that it was sent in
    created_at: datetime = at_column()
    changed_at: datetime = at_column()
