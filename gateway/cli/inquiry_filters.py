"""The options by which commands choose inquiries."""

from typing import Annotated

import typer

from gateway.store.states import InquiryStatus, Origin

OfStore = Annotated[str | None, typer.Option("--store", help="Of this store.")]
InState = Annotated[InquiryStatus | None, typer.Option("--status", help="In this state.")]
OfProduct = Annotated[str | None, typer.Option("--product", help="About this product code.")]
OfOrder = Annotated[str | None, typer.Option("--order", help="About this order number.")]
OfOrigin = Annotated[Origin | None, typer.Option("--origin", help="How it came in.")]
OfKind = Annotated[str | None, typer.Option("--kind", help="Of this kind.")]
OfCategory = Annotated[str | None, typer.Option("--category", help="Of this category.")]
Tagged = Annotated[str | None, typer.Option("--tag", help="With this tag.")]
WithWords = Annotated[str | None, typer.Option("--words", help="With one mail that holds every one of these words.")]
