"""What a gateway shares with its neighbours and with its own past."""

import asyncio
from pathlib import Path

import pytest

from gateway.app import Gateway
from gateway.config import ConfigError, load
from gateway.intake.sockets import open_socket
from gateway.node import node_name
from tests.integration.house import DOMAIN, HANAKO, SUZUKI, open_house


def test_two_hosts_whose_long_names_begin_alike_are_two_nodes() -> None:
    folder = Path("/var/lib/toiawase")
    one, other = (node_name(f"toiawase-gateway-deployment-5d9f8b7c6-{pod}", folder) for pod in ("abcde", "fghij"))
    assert one != other
    assert len(one) <= 48


async def test_a_reload_moves_no_worker_to_another_database(tmp_path: Path, sqlite_url: str) -> None:
    async with open_house(tmp_path, sqlite_url, workers=1) as house:
        await house.add_store("testshop", SUZUKI)
        await house.writes(HANAKO, f"testshop@{DOMAIN}", "質問です。", Subject="first")
        await house.gets(SUZUKI, "first")
        file = tmp_path / "toiawase.toml"
        file.write_text(file.read_text("utf-8").replace(sqlite_url, f"sqlite:///{tmp_path}/other.db"), "utf-8")
        house.running.reload_soon()
        await house.writes(HANAKO, f"testshop@{DOMAIN}", "質問です。", Subject="second")
        await house.gets(SUZUKI, "second")
        assert not (tmp_path / "other.db").exists()


async def test_an_end_while_a_reload_begins_leaves_nothing_listening(tmp_path: Path, sqlite_url: str) -> None:
    async with open_house(tmp_path, sqlite_url) as house:
        house.running.reload_soon()
        await asyncio.sleep(0)  # it has begun
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", house.port)


async def test_a25_a_gateway_does_its_work_under_a_role_that_may_change_rows_alone(
    tmp_path: Path, rows_alone_url: str
) -> None:
    async with open_house(tmp_path, rows_alone_url, workers=1) as house:
        await house.add_store("testshop", SUZUKI)
        await house.writes(HANAKO, f"testshop@{DOMAIN}", "質問です。")
        told = await house.gets(SUZUKI)
        await house.writes(SUZUKI, told.from_address, "回答です。")
        assert "回答です。" in (await house.gets(HANAKO)).text
        await house.gets(SUZUKI, "送信しました")


async def test_a05_a_domain_where_sellers_read_their_mail_is_refused_at_the_start(
    tmp_path: Path, sqlite_url: str
) -> None:
    """Whoever signs up somewhere with an address of the desk would pass for one of the shop's people."""
    async with open_house(tmp_path, sqlite_url) as house:
        await house.add_store("testshop", "suzuki@Shop.example")
    file = tmp_path / "toiawase.toml"
    for domain, starts in (("xshop.example", True), ("desk.shop.example", True), ("shop.example", False)):
        text = "".join(line for line in file.read_text("utf-8").splitlines(True) if not line.startswith("domain"))
        file.write_text(f'domain = "{domain}"\n{text}', "utf-8")
        listener = open_socket("127.0.0.1:0")
        gateway = Gateway(load(file), [listener])
        try:
            if starts:
                await gateway.start()
            else:
                with pytest.raises(ConfigError, match=r"domain: 1 sellers or staff .* such as q\.shop\.example"):
                    await gateway.start()
        finally:
            await gateway.stop()
            listener.close()
