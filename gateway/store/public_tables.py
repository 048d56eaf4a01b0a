"""What a product's page shows of its inquiries, and who may not ask there any more."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from gateway.store.columns import Base, at_column, text_column


class Publication(Base, table=True):
    """What the public reads of one entry of a product-page inquiry. What has no row here is never public."""

    __tablename__ = "publication"

    message_id: int = Field(primary_key=True, foreign_key="message.id")
    text: str = text_column()  # without signature, quotation, name and live link
    # A question's: why it is public only once a seller's later answer has left. None: at once, if not hidden.
    waits: str | None = Field(default=None, max_length=40)


class Restriction(Base, table=True):
    """お問い合わせの制限: this customer may no longer ask about this product. Set together with a hide."""

    __tablename__ = "restriction"
    __table_args__ = (UniqueConstraint("customer_id", "product_code"),)

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id")
    product_code: str = Field(max_length=64)  # in lower case
    inquiry_number: int = Field(foreign_key="inquiry.number", index=True)  # the one that was hidden
    at: datetime = at_column()
