"""`product`: what the shops sell."""

from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.csv_import import Convert, Layout, choose_store, code, import_file
from gateway.store import products, stores

app = typer.Typer(help="What the shops sell.", no_args_is_help=True)

LAYOUT = Layout(
    required=("product_code", "product_name", "product_category", "product_page"),
    optional=("store",),
    key=("code", "store_id"),
)


@app.command("import")
def import_(context: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE.csv")]) -> None:
    """Add or change products: product_code, product_name, product_category, product_page and, if you like, store.

    UTF-8 with these names as its first line. Without a store a product is any store's.
    """
    import_file(context, file, LAYOUT, _prepare, products.upsert)


async def _prepare(session: AsyncSession) -> Convert:
    names = await stores.ids_by_name(session)

    def convert(line: dict[str, str]) -> dict[str, Any]:
        return {
            "code": code(line, "product_code"),
            "name": line["product_name"],
            "category": line["product_category"],
            "page": _page(line["product_page"]),
            "store_id": choose_store(names, line) if line["store"] else None,
        }

    return convert


def _page(url: str) -> str:
    # It becomes a link in mails, so it is a web page and nothing else.
    if url and (not url.startswith(("https://", "http://")) or not url.isprintable() or " " in url):
        raise ValueError(f"product_page must be an http(s) address, not {url[:80]!r}")
    return url
