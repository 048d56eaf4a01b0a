"""What the rules did, which of them were active when, and what their answers are counted by."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field

from gateway.store.columns import Base, at_column, enum_column, json_column, text_column
from gateway.store.states import RuleOutcome, one_of


class RuleDecision(Base, table=True):
    """What the rules made of one mail from the customer's side. `undone_at` marks an example for the rules' writer."""

    __tablename__ = "rule_decision"
    __table_args__ = (
        one_of("outcome", RuleOutcome, "outcome"),
        Index("ix_rule_decision_store_id_at", "store_id", "at"),
        Index("ix_rule_decision_inquiry_number", "inquiry_number"),
    )

    message_id: int = Field(primary_key=True, foreign_key="message.id")
    inquiry_number: int = Field(foreign_key="inquiry.number")
    store_id: int = Field(foreign_key="store.id")
    at: datetime = at_column()
    version: str = Field(max_length=64)
    outcome: RuleOutcome = enum_column(RuleOutcome)
    rule: str | None = Field(default=None, max_length=200)  # the one that answered, filed or quarantined
    words: list[str] = json_column(list)  # by which it decided
    prior_status: str = Field(max_length=20)  # before this mail; new for a first one
    withheld: str | None = Field(default=None, max_length=40)  # why nothing was sent, or why rules could do no more
    matched: list[dict[str, Any]] = json_column(list)  # every rule that acted: name, words
    shadowed: list[dict[str, Any]] = json_column(list)  # every rule that would have
    undone_at: datetime | None = at_column(null=True)  # a seller said #要対応
    undone_by: str | None = Field(default=None, max_length=320)
    told_at: datetime | None = at_column(null=True)  # the sellers were told, by a notice or in the digest


class AutoAnswer(Base, table=True):
    """An answer that a rule put into the outbox: one for an inquiry, ever (RFC 3834 2, N30)."""

    __tablename__ = "auto_answer"
    __table_args__ = (
        Index("ix_auto_answer_address_key_at", "address_key", "at"),
        Index("ix_auto_answer_store_id_at", "store_id", "at"),
    )

    inquiry_number: int = Field(primary_key=True, foreign_key="inquiry.number")
    store_id: int = Field(foreign_key="store.id")
    address_key: str = Field(max_length=320)  # the customer's, without case
    rule: str = Field(max_length=200)
    at: datetime = at_column(index=True)


class RuleFiles(Base, table=True):
    """A rule set by its version: every file that it was made from, packed."""

    __tablename__ = "rule_files"

    version: str = Field(primary_key=True, max_length=64)
    first_at: datetime = at_column()
    rules: int = 0  # how many
    files: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))


class RuleUse(Base, table=True):
    """A node took a rule set into use, or refused one and kept what it had."""

    __tablename__ = "rule_use"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = at_column(index=True)
    node: str = Field(max_length=64)
    version: str = Field(max_length=64)  # what is in use from now on
    cause: str = Field(max_length=20)  # start, signal, change
    refused: str | None = text_column(null=True)  # the first problem of what was not taken; None when it was
    problems: int = 0  # how many there were
