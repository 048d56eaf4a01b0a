"""Addresses to which nothing is sent any more."""

from datetime import datetime

from sqlmodel import Field

from gateway.store.columns import Base, at_column, text_column


class Suppression(Base, table=True):
    """An address that was found dead: a far server said for good that it is not there."""

    __tablename__ = "suppression"

    address_key: str = Field(primary_key=True, max_length=320)  # normalised, without case
    at: datetime = at_column()
    outbox_id: str = Field(max_length=18)  # the mail that found it
    reply: str = text_column()  # the server's word
