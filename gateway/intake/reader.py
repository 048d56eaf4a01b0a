"""The stream of a connection, with two things asyncio's reader does not offer: to look ahead, and to put back."""

import asyncio

READ_LIMIT = 1 << 16  # octets: the socket is stopped at twice this


class Reader(asyncio.StreamReader):
    _buffer: bytearray  # asyncio's own, as _limit; their names have not changed since 3.4

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=READ_LIMIT, loop=loop)

    @property
    def has_input(self) -> bool:
        """True when the client has sent more than was read."""
        return bool(self._buffer)

    async def line(self, limit: int) -> bytes:
        """Up to and with the next LF. Raises asyncio.LimitOverrunError once more than `limit` octets came without one:
        no client may keep more than that in our memory between its commands."""
        self._limit = limit
        try:
            return await self.readuntil(b"\n")
        finally:
            self._limit = READ_LIMIT

    def put_back(self, octets: bytes) -> None:
        """The next read begins with these octets."""
        self._buffer[0:0] = octets

    def forget_input(self) -> int:
        """What was sent and not read is lost; returns how many octets."""
        octets = len(self._buffer)
        self._buffer.clear()
        return octets
