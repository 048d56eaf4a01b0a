"""The mails to sellers whose lines have numbers, lists and digests: what an answer such as `3 完了` means."""

from datetime import datetime

from sqlmodel import Field

from gateway.store.columns import Base, at_column, json_column


class NumberedMail(Base, table=True):
    """Line n of the mail was about inquiry `numbers[n - 1]`, whatever came since."""

    __tablename__ = "numbered_mail"

    id: int | None = Field(default=None, primary_key=True)
    outbox_id: str = Field(unique=True, max_length=18)
    store_id: int = Field(foreign_key="store.id")
    to_address: str = Field(max_length=320)
    numbers: list[int] = json_column(list)
    at: datetime = at_column()
