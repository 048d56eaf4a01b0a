"""What a mail was understood as, as the JSON of `mail explain`. Needs no database; decides nothing."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice

from gateway.mail import bounces
from gateway.mail.parse import parse, renderings
from gateway.mail.reply import divide, is_fresh, with_commands
from gateway.mail.values import Machine, Mail, Mailbox, Reply

MAX_SENTENCES = 1000  # nobody writes more, and a mail of line ends is no more than that
_REPORTS = (Machine.BOUNCE, Machine.DELIVERY_REPORT)
_SENTENCE = re.compile(r"[^。．！？!?\n]+?(?:[。．！？!?]+[」』）)]?|\.(?=\s)|(?=\n)|\Z)")


def explain(raw: bytes, answering: bytes | None = None) -> dict[str, object]:
    """The object of contract.md; `answering` is the mail that `raw` replies to, as we sent it. Never raises."""
    mail = parse(raw)
    reply, refused = _divided(mail, renderings(answering) if answering is not None else ())
    return {
        "message_id": mail.message_id,
        "subject": mail.subject,
        "from": _mailbox(mail.from_[0]) if mail.from_ else None,
        "to": [_mailbox(mailbox) for mailbox in mail.to],
        "date": mail.date.isoformat() if mail.date else None,
        "charset": mail.charset,
        "machine": mail.machine.value if mail.machine else None,
        "text": mail.text,
        "reply": reply.text,
        "quoted": reply.quoted,
        "commands": [{"name": command.name, "argument": command.argument} for command in reply.commands],
        "refused": list(refused),
        "attachments": _attachments(mail),
        "bounce": _bounce(raw) if mail.machine in _REPORTS else None,
        "language": mail.language,
        "sentences": [{"text": sentence, "classes": []} for sentence in split_sentences(reply.text)],
        "defects": list(mail.defects),
    }


def split_sentences(text: str) -> list[str]:
    """The first MAX_SENTENCES of a text, by their final marks and line ends, without surrounding space."""
    sentences = (sentence for match in _SENTENCE.finditer(text) if (sentence := match[0].strip()))
    return list(islice(sentences, MAX_SENTENCES))


def _divided(mail: Mail, sent: Sequence[str]) -> tuple[Reply, tuple[str, ...]]:
    """As a seller's mail where it begins with commands: the bytes alone do not tell whose mail it is. And the lines for
    which a seller's mail would come back."""
    own = [author.address for author in mail.from_]
    reply = divide(mail.text, sent, own, fresh=is_fresh(mail) and not sent)
    sellers = with_commands(reply)
    return (sellers if sellers.commands else reply), sellers.refused


def _mailbox(mailbox: Mailbox) -> dict[str, str]:
    return {"name": mailbox.name, "address": mailbox.address}


def _attachments(mail: Mail) -> list[dict[str, object]]:
    return [{"name": f.name, "type": f.type, "size": f.size, "sha256": f.sha256} for f in mail.attachments]


def _bounce(raw: bytes) -> dict[str, object]:
    bounce = bounces.read(raw)
    return {
        "recipients": [asdict(failure) for failure in bounce.recipients],
        "original_message_id": bounce.original_message_id,
    }
