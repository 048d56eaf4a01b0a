"""What the configuration says, as those who decide and send want it."""

from gateway.config import Config
from gateway.delivery.schedule import Schedule
from gateway.delivery.sender import DeliverySettings
from gateway.desk.answer_limits import AnswerLimits
from gateway.desk.file_limits import FileLimits
from gateway.desk.post import Office
from gateway.mail.keyring import Keyring
from gateway.parts import signers
from gateway.rules.files import Files
from gateway.worker.marker import marker_of
from gateway.worker.process import WorkerSettings


def office(config: Config, keyring: Keyring) -> Office:
    return Office(
        config.domain,
        config.operator,
        keyring,
        config.delivery.give_up,
        config.retention.drafts,
        _answer_limits(config),
        _file_limits(config),
    )


def delivery_settings(config: Config) -> DeliverySettings:
    return DeliverySettings(
        Schedule(config.delivery.retry),
        slots=config.smarthost.pool,
        settle=config.delivery.settle,
        signers=signers(config),
    )


def worker_settings(config: Config, number: int, keyring: Keyring, rules: Files) -> WorkerSettings:
    """Of the worker of that number."""
    return WorkerSettings(
        config.database,
        config.domain,
        config.operator,
        keyring.keys,
        config.delivery.give_up,
        config.retention.drafts,
        config.trust.authserv_id or None,
        marker_of(config.state_folder, number),
        rules,
        _answer_limits(config),
        _file_limits(config),
        config.dns.endpoints,
    )


def _answer_limits(config: Config) -> AnswerLimits:
    return AnswerLimits(config.limits.auto_per_hour, config.limits.auto_per_store_per_hour)


def _file_limits(config: Config) -> FileLimits:
    return FileLimits(config.limits.attachments_size, config.limits.attachments)
