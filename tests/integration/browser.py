"""A real browser without a window: what a page looks like, and whether it fits."""

import asyncio
import shutil
import struct
import zlib
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 60.0  # seconds
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


async def corner(folder: Path, url: str, width: int, *, dark: bool) -> tuple[int, int, int]:
    """Red, green and blue of the pixel at the top left, for who prefers dark pages or light ones."""
    picture = folder / "page.png"
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    await _run(folder, scheme, f"--window-size={width},800", f"--screenshot={picture}", url)
    return _first_pixel(picture.read_bytes())


async def dom(folder: Path, url: str, width: int) -> str:
    """The document after its scripts have run."""
    return await _run(folder, f"--window-size={width},800", "--dump-dom", url)


async def _run(folder: Path, *words: str) -> str:
    profile = folder / "profile"
    process = await asyncio.create_subprocess_exec(
        str(CHROMIUM),
        *_FLAGS,
        f"--user-data-dir={profile}",
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        shutil.rmtree(profile, ignore_errors=True)
    return printed.decode()


def _first_pixel(png: bytes) -> tuple[int, int, int]:
    """Of a PNG with eight bits a colour; the first pixel of the first line stands for itself under any filter."""
    data, place = b"", 8
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        if kind == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += length + 12
    line = zlib.decompressobj().decompress(data, 4)
    return line[1], line[2], line[3]
