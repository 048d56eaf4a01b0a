"""What a browser or a monitoring asks the gateway over HTTP."""

import asyncio
import http.client
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answered:
    status: int
    header: dict[str, str]  # names in lower case
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


async def get(port: int, path: str, *, method: str = "GET", **header: str) -> Answered:
    """One request on a connection of its own; a field's name is written with `_`."""
    return await asyncio.to_thread(_get, port, path, method, {name.replace("_", "-"): v for name, v in header.items()})


def _get(port: int, path: str, method: str, header: dict[str, str]) -> Answered:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, headers=header)
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders() if name.lower() != "date"}
        return Answered(response.status, fields, response.read().decode())
    finally:
        connection.close()
