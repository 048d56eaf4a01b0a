"""F16: the page of a product's questions in headless Chromium, in a shop's frame, on a telephone and a desk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.integration import browser
from tests.integration.house import DOMAIN, HANAKO, SUZUKI, open_house
from tests.integration.web import get

LIGHT, DARK = (0xFF, 0xFF, 0xFF), (0x14, 0x17, 0x1A)
TELEPHONE, DESK = 390, 1200  # pixels
PAGE = "/stores/testshop/products/598405570/questions"
MEASURE = "<script>document.title = document.documentElement.scrollWidth <= innerWidth ? 'fits' : 'too wide'</script>"

pytestmark = pytest.mark.skipif(browser.CHROMIUM is None, reason="Chromium is not installed")


@asynccontextmanager
async def _shop(frame: str) -> AsyncIterator[str]:
    """The address of a shop's own page, of another origin, with the questions in a frame."""
    body = f'<!DOCTYPE html><body style="margin:0"><iframe src="{frame}" width="100%" height="800" frameborder="0">'
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def test_F16_the_page_is_seen_in_a_frame_in_light_and_dark_and_fits(tmp_path: Path, sqlite_url: str) -> None:
    async with open_house(tmp_path, sqlite_url, listen="127.0.0.1:0") as house:
        await house.add_store("testshop", SUZUKI)
        await house.writes(HANAKO, f"testshop+p598405570@{DOMAIN}", f"Lは？\n{'長い' * 80}\n{'w' * 300}")
        await house.gets(SUZUKI)
        port = house.running.http_ports["public"]
        async with _shop(f"http://127.0.0.1:{port}{PAGE}") as shop:
            assert await browser.corner(tmp_path, shop, TELEPHONE, dark=True) == DARK
            assert await browser.corner(tmp_path, shop, DESK, dark=False) == LIGHT
        page = tmp_path / "page.html"
        page.write_text((await get(port, PAGE)).text.replace("</body>", f"{MEASURE}</body>"), "utf-8")
        for width in (TELEPHONE, DESK):
            assert "<title>fits</title>" in await browser.dom(tmp_path, page.as_uri(), width)
