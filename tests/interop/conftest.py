"""The servers that a story may ask for. Postfix and Dovecot run once for all of this process's stories."""

import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trustme

from tests.integration.house import SUZUKI, House
from tests.interop import dovecot, postfix, servers, shop
from tests.interop.postfix import Postfix
from tests.interop.servers import Certificate
from tests.interop.shop import Maildir


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certificate]:
    """By an authority that this process believes meanwhile."""
    authority, folder = trustme.CA(), tmp_path_factory.mktemp("certificate")
    files = Certificate(folder / "server.pem", folder / "authority.pem")
    authority.cert_pem.write_to_path(str(files.authority))
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(files.server))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ssl.get_default_verify_paths().openssl_cafile_env, str(files.authority))
        yield files


@pytest.fixture(scope="session")
def real_postfix(certificate: Certificate) -> Iterator[Postfix]:
    with servers.folder() as folder, postfix.running(folder / "postfix", certificate.server) as running:
        yield running


@pytest.fixture(scope="session")
def imap(real_postfix: Postfix) -> Iterator[int]:
    """The port of the Dovecot that knows its users' passwords, and has their mail."""
    with dovecot.running(real_postfix, shop.PASSWORDS) as port:
        yield port


@pytest.fixture
async def house(real_postfix: Postfix, imap: int, tmp_path: Path, sqlite_url: str) -> AsyncIterator[House]:
    """The gateway with Postfix on both sides."""
    async with shop.town(real_postfix, tmp_path, sqlite_url) as opened:
        yield opened


@pytest.fixture
def suzuki(real_postfix: Postfix) -> Maildir:
    """The seller's mailbox, as it fills from now on."""
    mailbox = Maildir(real_postfix.maildir("suzuki"), SUZUKI)
    mailbox.forget()
    return mailbox
