"""Threads continue as RFC 5322 3.6.4 says, whatever stood in the mail that is answered."""

import pytest

from gateway.mail.message_id import MESSAGE_ID_LIMIT, is_message_id, new_message_id, references_for

A, B, C = "<a@example.jp>", "<b@example.jp>", "<c@example.jp>"
LONG = tuple(f"<{number}@example.jp>" for number in range(60))


@pytest.mark.parametrize(
    ("references", "in_reply_to", "parent", "expected"),
    [
        # A first mail is answered: its own id is all there is.
        ((), (), A, (A,)),
        ((), None, A, (A,)),
        # The parent's References, then the parent.
        ((A,), (), B, (A, B)),
        ((A,), (A,), B, (A, B)),
        ((A, B), (B,), C, (A, B, C)),
        # References win over In-Reply-To.
        ((A,), (C,), B, (A, B)),
        # Without References a single In-Reply-To stands in for them; several do not.
        ((), (A,), B, (A, B)),
        ((), (A, B), C, (C,)),
        (("no id",), (A,), B, (A, B)),
        # A parent without a usable id gives what it has.
        ((A, B), (), None, (A, B)),
        ((), (), None, ()),
        ((), (A,), None, (A,)),
        ((A,), (), "", (A,)),
        ((A,), (), "<>", (A,)),
        ((A,), (), "b@example.jp", (A,)),
        ((A,), (), "<b c@example.jp>", (A,)),
        # Nobody stands in the list twice, and the parent stands last.
        ((A, A), (), B, (A, B)),
        ((A, B, A), (), C, (A, B, C)),
        ((A, B), (), A, (B, A)),
        ((A,), (A,), A, (A,)),
        ((), (A,), A, (A,)),
        # What could break the header is no id.
        (("<a@example.jp>\r\nBcc: x@example.jp",), (), B, (B,)),
        (("<a\n@example.jp>",), (), B, (B,)),
        (("<a\0@example.jp>",), (), B, (B,)),
        (("<a<b@example.jp>",), (), B, (B,)),
        (("<a@example.jp",), (), B, (B,)),
        (("a@example.jp>",), (), B, (B,)),
        (("<あ@example.jp>",), (), B, (B,)),
        (("",), ("",), B, (B,)),
        ((f"<{'a' * MESSAGE_ID_LIMIT}>",), (), B, (B,)),
        # Odd ids that clients do write are kept as they are.
        (("<a>",), (), B, ("<a>", B)),
        (("<a@[192.0.2.1]>",), (), B, ("<a@[192.0.2.1]>", B)),
        (('<"a..b"@example.jp>',), (), B, ('<"a..b"@example.jp>', B)),
        (("<a@@example.jp>",), (), B, ("<a@@example.jp>", B)),
        (("<A@EXAMPLE.JP>",), (), A, ("<A@EXAMPLE.JP>", A)),
        # A long list keeps its first and last twenty.
        (LONG[:39], (), LONG[39], LONG[:40]),
        (LONG[:40], (), LONG[40], LONG[:20] + LONG[21:41]),
        (LONG[:59], (), LONG[59], LONG[:20] + LONG[40:]),
        (LONG, (), None, LONG[:20] + LONG[40:]),
        (LONG, (), A, LONG[:20] + LONG[41:] + (A,)),
    ],
)
def test_n27_an_answer_continues_the_thread(
    references: tuple[str, ...], in_reply_to: tuple[str, ...] | None, parent: str | None, expected: tuple[str, ...]
) -> None:
    assert references_for(references, in_reply_to, parent) == expected


def test_n27_our_message_ids_are_unique_valid_and_of_our_domain() -> None:
    ids = {new_message_id("q.example.jp") for _ in range(10_000)}
    assert len(ids) == 10_000
    assert all(is_message_id(each) and each.endswith("@q.example.jp>") for each in ids)
