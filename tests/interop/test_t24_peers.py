"""Other mail servers straight at the gateway's door and as its smarthost, in clear and by TLS."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.store.tables import Received
from tests.integration.house import HANAKO, SUZUKI, House
from tests.interop import exim, opensmtpd, servers, shop
from tests.interop.peer import Peer
from tests.interop.servers import Certificate
from tests.interop.shop import SHOP, Maildir

PEERS: dict[str, Callable[..., AbstractContextManager[Peer]]] = {"Exim": exim.running, "OpenSMTPD": opensmtpd.running}
WAYS = [(name, tls) for name in PEERS for tls in (False, True)]
LOGIN = ("toiawase", shop.PASSWORDS["toiawase"])
BELIEVED = {"Authentication_Results": "mx.example.jp; dmarc=pass header.from=shop.example"}


@dataclass(frozen=True)
class Town:
    """The gateway and the one other server."""

    house: House
    peer: Peer
    tls: bool

    async def received(self) -> list[Received]:
        async with self.house.database.read() as session:
            return list(await session.exec(select(Received)))

    def maildir(self, address: str) -> Maildir:
        return Maildir(self.peer.maildir(address.partition("@")[0]), address)


@pytest.fixture(params=WAYS, ids=[f"{name} {'by TLS' if tls else 'in clear'}" for name, tls in WAYS], scope="module")
def way(request: pytest.FixtureRequest, certificate: Certificate) -> Iterator[tuple[Peer, bool]]:
    name, tls = request.param
    with servers.folder() as folder, PEERS[name](folder, certificate, LOGIN, tls=tls) as peer:
        yield peer, tls


@pytest.fixture
async def town(
    way: tuple[Peer, bool], certificate: Certificate, tmp_path: Path, sqlite_url: str
) -> AsyncIterator[Town]:
    peer, tls = way
    secure = tls and peer.smtps
    async with shop.opened(
        tmp_path,
        sqlite_url,
        port=peer.gateway,
        smarthost=f"smtps://toiawase@localhost:{peer.smtps}" if secure else f"smtp://127.0.0.1:{peer.smtp}",
        password=LOGIN[1] if secure else "",
        tls={"certificate": str(certificate.server), "key": str(certificate.server)},
    ) as house:
        opened = Town(house, peer, tls)
        for address in (HANAKO, SUZUKI):
            opened.maildir(address).forget()
        yield opened
    print(peer.log)  # pytest shows it where a story went wrong


async def test_t24_question_answer_and_thanks_go_both_ways(town: Town) -> None:
    hanako, suzuki = town.maildir(HANAKO), town.maildir(SUZUKI)
    await shop.hand_in(town.peer.smtp, HANAKO, SHOP, "いつ発送されますか。\n.\n..点で始まる行。")
    told = await suzuki.gets("テスト2 [Q-1]")
    assert "いつ発送されますか。\n.\n..点で始まる行。" in told.text
    assert [row.tls for row in await town.received()] == [town.tls]
    await shop.hand_in(town.peer.smtp, SUZUKI, told.from_address, "明日発送します。", **BELIEVED)
    answer = await hanako.gets("Re: テスト2")
    assert answer.text.startswith("明日発送します。\n")
    await suzuki.gets("送信しました")
    await shop.hand_in(town.peer.smtp, HANAKO, answer.from_address, "色違いもありますか。")
    assert "色違いもありますか。" in (await suzuki.gets("テスト2 [Q-1]")).text
    assert town.peer.pipelined in town.peer.log


@pytest.mark.parametrize("way", [("Exim", False), ("Exim", True)], ids=["in clear", "by TLS"], indirect=True)
async def test_t24_an_address_in_japanese_writes_and_is_answered(town: Town) -> None:
    customer = "花子@customer.example"
    await shop.hand_in(town.peer.smtp, customer, SHOP, "在庫はありますか。")
    told = await town.maildir(SUZUKI).gets("テスト2 [Q-1]")
    await shop.hand_in(town.peer.smtp, SUZUKI, told.from_address, "ございます。", **BELIEVED)
    assert (await town.maildir(customer).gets("Re: テスト2")).text.startswith("ございます。\n")
    (asked, _) = await town.received()
    assert (asked.mail_from, asked.smtputf8) == (customer, True)


@pytest.mark.parametrize("way", [("OpenSMTPD", False)], ids=["OpenSMTPD"], indirect=True)
async def test_t24_where_smtputf8_is_missing_an_answer_comes_back_and_goes_to_no_other_address(town: Town) -> None:
    customer = "花子@customer.example"
    await shop.hand_in(town.peer.gateway, customer, SHOP, "在庫はありますか。")
    suzuki = town.maildir(SUZUKI)
    told = await suzuki.gets("テスト2 [Q-1]")
    await shop.hand_in(town.peer.gateway, SUZUKI, told.from_address, "ございます。", **BELIEVED)
    assert "ございます。" in (await suzuki.gets("【お届けできませんでした】")).text
    assert {file.name for file in town.peer.maildir("").iterdir()} <= {"suzuki", "hanako"}
    assert town.maildir(HANAKO).subjects() == []
