"""Who wrote it, when it was no person: reports, auto-replies, lists (RFC 3834, 3464, 8098, 5965, 2919).

The evidence is weighed here, the strongest first; marks and wordings are told in machine_*.py. What a bounce says is
read in bounces.py; whether to answer is the desk's decision. No single wording makes a machine of anybody.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from functools import cached_property

from gateway.mail import machine_bounces, machine_invitations, machine_marks, machine_replies, machine_reports
from gateway.mail.fields import Fields
from gateway.mail.values import AttachedFile, Machine, Mailbox

MAX_WORDS = 4000  # characters of a text that are looked at: machines say at once what they are
MAX_LINES = 80
_LONGEST_ATTRIBUTION = 100  # characters at its end that tell it

_DAEMON = re.compile(r"(?:mailer|mail)[-_.]?d(?:ae|ea)mon\Z|mail[-_.]?delivery[-_.]?(?:system|subsystem)\Z")
_DAEMON_ALONE = re.compile(r"<?mailer-daemon")  # some servers write no domain
_SERVER = re.compile(  # also initials and nicknames, until more comes together
    r"post[-_.]?master(?![a-z])|m?daemon\Z|ndr\Z|microsoftexchange[0-9a-f]{10}|mail[-_.]?(?:admin|error|system)\Z|imss\Z"
)
_SERVER_NAME = re.compile(
    r"(?:mail deliver[y ]? ?(?:sub)?system|mailer[ -]?daemon|postmaster|(?:mail|system) administrator"
    r"|systemadministrator"
    r"|courier mail server|interscan|microsoft (?:outlook|exchange)|メール配信(?:システム|エラー)|メールシステム"
    r"|メールサーバー?|邮件系统|郵件系統|메일 ?시스템)(?: at .*|[ @(].*\..*)?",
    re.IGNORECASE,
)
_ROBOT = re.compile(
    r"(?:no-?_?reply|do-?_?not-?_?reply|noreply-.*|bounces?|owner-.*|.*-(?:request|owner|bounces)|listserv"
    r"|majordomo|mdaemon|post[-_.]?master(?:[^a-z].*)?)\Z"
)
_COMPLAINT = re.compile(
    r"complaint about message from \[?[0-9a-f]|e-?mail (?:feedback|abuse) report for (?:ip )?\[?[0-9a-f]", re.IGNORECASE
)
_QUOTE = re.compile(
    r"[>＞|]|-{2,} ?(?:original|forwarded|begin|元の|転送|原始|原邮件|원본)|_{10,}\s*\Z"
    r"|begin forwarded message|(?:from|差出人|发件人|寄件者|보낸 ?사람|von|de|da)\s*[:：]",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(r"(?:wrote|schrieb|a écrit|escribió|ha scritto|のメール|写道|작성)\s*[:：]\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Classified:
    """The kind of machine, or None for what may be a person; `automatic` for any mark that must suppress an answer."""

    machine: Machine | None
    automatic: bool


@dataclass(frozen=True)
class _Sender:
    """What the author's address, name and envelope say."""

    daemon: bool
    server: bool
    robot: bool
    nobody: bool  # what comes back is not wanted
    ordinary: bool  # it is wanted at a mailbox


@dataclass(frozen=True)
class _Mail:
    """All that is weighed."""

    message: Message
    fields: Fields
    subject: str
    sender: _Sender
    text: str  # the beginning of the readable body
    files: Sequence[AttachedFile]

    @cached_property
    def words(self) -> str:
        """The lines of the text above the first that looks like the head or the mark of a quotation."""
        lines = self.text.split("\n")[:MAX_LINES]
        end = next((number for number, line in enumerate(lines) if _begins_quotation(line.strip())), len(lines))
        return "\n".join(lines[:end])


def classify(
    message: Message,
    fields: Fields,
    subject: str,
    authors: Sequence[Mailbox],
    text: str,
    files: Sequence[AttachedFile] = (),
) -> Classified:
    """The kind of machine that the header, the parts, `subject`, `text` (the readable body) and its files show."""
    sender = _sender(fields, authors)
    mail = _Mail(message, fields, subject, sender, text[:MAX_WORDS].lstrip(), files)
    machine = _report(mail) or _bounce(mail) or _feedback(mail) or _auto_reply(mail) or _receipt_or_list(mail)
    return Classified(machine, bool(machine or sender.robot or sender.nobody or machine_marks.is_suppressed(fields)))


def is_program(local_part: str) -> bool:
    """Whether an address with this local part is a mail server's, a list's or one that takes no answers."""
    local = local_part.lower()
    return any(form.match(local) is not None for form in (_DAEMON, _ROBOT))


def _sender(fields: Fields, authors: Sequence[Mailbox]) -> _Sender:
    local_parts = [author.address.rpartition("@")[0].lower() for author in authors]
    path = fields.ascii("return-path").strip("<> ").partition("@")[0]
    ordinary = machine_marks.has_ordinary_sender(fields)
    return _Sender(
        daemon=any(_DAEMON.match(local) for local in local_parts)
        or _DAEMON_ALONE.match(fields.ascii("from")) is not None,
        server=any(_SERVER.match(local) for local in local_parts)
        or (not ordinary and any(_SERVER_NAME.fullmatch(author.name.strip()) for author in authors))
        or (machine_marks.is_from_list_server(fields) and any(local.endswith("-admin") for local in local_parts)),
        robot=any(_ROBOT.match(local) for local in local_parts),
        nobody=machine_marks.has_null_sender(fields) or _DAEMON.match(path) is not None,
        ordinary=ordinary,
    )


def _begins_quotation(line: str) -> bool:
    if _QUOTE.match(line):
        return True
    return line.endswith((":", "：")) and _ATTRIBUTION.search(line[-_LONGEST_ATTRIBUTION:]) is not None


def _report(mail: _Mail) -> Machine | None:
    """RFC 6522 by its declared type, else by the part that makes it one, unless a person sends that part on."""
    declared = machine_reports.declared(mail.message)
    is_forwarded = declared is None and machine_replies.is_answer(mail.subject) and not _is_from_server(mail)
    enclosed = None if is_forwarded else machine_reports.enclosed(mail.message)
    return Machine.DELIVERY_REPORT if enclosed == Machine.DELIVERY_REPORT else declared or enclosed


def _bounce(mail: _Mail) -> Machine | None:
    """The less a sender looks like a server, the more has to come together."""
    sender, subject = mail.sender, mail.subject
    if machine_marks.is_bounce(mail.fields) or sender.daemon:
        found = True
    elif machine_replies.is_auto_reply_subject(subject):
        found = False
    elif sender.server and machine_replies.is_answer(subject) and _answers(mail):
        proven = machine_bounces.names_a_reply_code(mail.words) and not sender.ordinary
        found = proven and machine_bounces.says_so(mail.words)
    elif sender.server and sender.ordinary:
        told = machine_bounces.is_servers_subject(subject)
        found = not machine_replies.is_answer(subject) and (
            (told and machine_reports.returns_a_message(mail.message))
            or (machine_bounces.says_so(mail.words) and (told or _is_proven(mail)))
        )
    elif sender.server:
        found = machine_bounces.is_servers_subject(subject) or machine_bounces.says_so(mail.text)
    elif sender.nobody:
        found = machine_bounces.is_servers_subject(subject) or (machine_bounces.says_so(mail.text) and _is_proven(mail))
    elif sender.robot:
        found = machine_bounces.says_so(mail.words) and (machine_bounces.is_mail_subject(subject) or _is_proven(mail))
    else:  # it may be a person, who words the same thing much alike, or pastes what a server said
        found = (
            machine_bounces.opens_as_nobody_else(mail.text)
            and not machine_replies.is_answer(subject)
            and (machine_bounces.is_mail_subject(subject) or _is_proven(mail))
        )
    if not found:
        return None
    return Machine.DELIVERY_REPORT if machine_bounces.is_good_news(subject) else Machine.BOUNCE


def _answers(mail: _Mail) -> bool:
    """Whether somebody who may get an answer answers, as the person behind postmaster@ does."""
    return machine_marks.answers(mail.fields) and not mail.sender.nobody


def _is_proven(mail: _Mail) -> bool:
    return machine_reports.returns_a_message(mail.message) or machine_bounces.names_a_reply_code(mail.text)


def _is_from_server(mail: _Mail) -> bool:
    return mail.sender.daemon or mail.sender.server or mail.sender.nobody


def _feedback(mail: _Mail) -> Machine | None:
    """Complaints of providers that do not write RFC 5965, and what a client sends where a reader unsubscribes."""
    complains = _COMPLAINT.match(mail.subject) and machine_reports.returns_a_message(mail.message)
    unsubscribes = machine_marks.is_unsubscription(mail.fields) or (
        mail.subject.lower() == "unsubscribe" and machine_replies.declares_itself_first(mail.words)
    )
    aggregates = machine_reports.is_aggregate(mail.subject, mail.text, mail.files)
    return Machine.FEEDBACK if complains or unsubscribes or aggregates else None


def _auto_reply(mail: _Mail) -> Machine | None:
    fields, subject = mail.fields, mail.subject
    if machine_marks.is_auto_reply(fields):
        return Machine.AUTO_REPLY
    if machine_replies.is_auto_reply_subject(subject) and _is_borne_out(mail):
        return Machine.AUTO_REPLY
    if machine_replies.tells_who_is_absent(subject, mail.words):
        return Machine.AUTO_REPLY
    if machine_invitations.is_answer_to_invitation(mail.files, mail.text):
        return Machine.AUTO_REPLY
    if machine_replies.is_absence_subject(subject) and machine_replies.tells_of_absence_and_return(mail.words):
        return Machine.AUTO_REPLY
    return Machine.AUTO_REPLY if _declares_itself(mail) else None


def _is_borne_out(mail: _Mail) -> bool:
    """Whether something else shows that a program gave that subject, which people write too."""
    sender, subject, words = mail.sender, mail.subject, mail.words
    if sender.robot or sender.nobody or machine_marks.asks_for_silence(mail.fields):
        return True
    if machine_replies.declares_itself(words) or machine_replies.tells_of_absence_and_return(words):
        return True
    return machine_replies.heads_an_original(subject) and machine_marks.answers(mail.fields)


def _declares_itself(mail: _Mail) -> bool:
    """A person may quote such a sentence without any mark of quotation, and does so below the words of an answer."""
    if not machine_replies.may_declare_itself(mail.text):
        return False
    if not machine_replies.is_answer(mail.subject) and machine_replies.answers_automatically(mail.words):
        return True
    if not machine_replies.declares_itself(mail.words):
        return False
    if mail.sender.robot or mail.sender.nobody or machine_replies.acknowledges(mail.subject):
        return True
    if machine_replies.is_answer(mail.subject):
        return machine_replies.declares_itself_first(mail.words) and machine_replies.tells_of_absence(mail.words)
    return machine_replies.declares_itself_first(mail.words)


def _receipt_or_list(mail: _Mail) -> Machine | None:
    if machine_replies.is_receipt_subject(mail.subject) and machine_replies.tells_of_reading(mail.words):
        return Machine.DELIVERY_REPORT
    return Machine.LIST if machine_marks.is_list(mail.fields) else None
