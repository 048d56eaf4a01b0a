"""Whether the smarthost would take a mail of ours now, as far as can be told without sending one."""

import ssl
from dataclasses import dataclass
from enum import StrEnum

from aiosmtplib import SMTPAuthenticationError, SMTPException

from gateway.delivery.outcome import from_error
from gateway.delivery.session import Timeouts
from gateway.delivery.smarthost import CredentialError, Smarthost, SmarthostAddress

PATIENCE = 10.0  # seconds for each phase: somebody waits for the answer


class Step(StrEnum):
    """How far it went."""

    REACH = "reach"
    TLS = "tls"
    LOGIN = "login"


@dataclass(frozen=True)
class Trouble:
    """Where it ended, and what was said there."""

    step: Step
    said: str


async def trouble_with(
    address: SmarthostAddress, local_hostname: str, tls: ssl.SSLContext | None = None
) -> Trouble | None:
    """Connects, with TLS and the login as for a mail; None where all went well."""
    smarthost = Smarthost(address, local_hostname=local_hostname, timeouts=Timeouts(PATIENCE, PATIENCE), tls=tls)
    try:
        await smarthost.greet()
    except CredentialError as error:
        return Trouble(Step.LOGIN, str(error))
    except SMTPAuthenticationError as error:
        return Trouble(Step.LOGIN, from_error(error).reply)
    except (SMTPException, OSError) as error:
        step = Step.TLS if _is_about_tls(error) else Step.REACH
        return Trouble(step, from_error(error).reply)
    return None


def _is_about_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError) or "STARTTLS" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
