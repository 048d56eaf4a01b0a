"""Mails made to cost a reader more than they cost their writer (A15): each grows with the octets asked for."""

from collections.abc import Callable

FROM = b"From: yamada@example.jp\r\n"
MIXED = FROM + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
HTML = FROM + b"Content-Type: text/html; charset=utf-8\r\n\r\n"
PLAIN = FROM + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"


def _repeated(head: bytes, piece: bytes, tail: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: head + piece * max(1, size // len(piece)) + tail


def _declared(charset: bytes, piece: bytes) -> Callable[[int], bytes]:
    return _repeated(FROM + b"Content-Type: text/plain; charset=" + charset + b"\r\n\r\n", piece)


def _encoded(encoding: bytes, piece: bytes) -> Callable[[int], bytes]:
    return _repeated(FROM + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n", piece)


def _field(name: bytes, piece: bytes, before: bytes = b"", after: bytes = b"") -> Callable[[int], bytes]:
    return _repeated(name + b": " + before, piece, after + b"\r\nX: y\r\n\r\ntext")


def nested_multiparts(size: int) -> bytes:
    steps = range(size // 64)
    return FROM + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in steps)


def nested_boundaries_that_begin_alike(size: int) -> bytes:
    """Ninety levels, each boundary the beginning of the next, and lines that nearly are one of them."""
    names = [b"b" * (n + 1) for n in range(90)]
    head = b"".join(b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n--%s\r\n' % (name, name) for name in names)
    return FROM + head + b"\r\n" + (b"--" + b"b" * 91 + b"\r\n") * (size // 95)


def parts_without_a_blank_line(size: int) -> bytes:
    """Every delimiter begins a header block that the rest of the mail may belong to."""
    return MIXED + b"--b\n" * min(900, size // 300) + (b" " + b"x" * 900 + b"\nA: b\n") * (size // 1000)


def fields_of_their_own_name(size: int) -> bytes:
    return FROM + b"".join(b"X-%d: y\r\n" % n for n in range(size // 10)) + b"\r\ntext"


def continued_names(size: int) -> bytes:
    pieces = b"".join(b";\r\n filename*%d*=%%41" % n for n in range(size // 20))
    return MIXED + b"--b\r\nContent-Disposition: attachment" + pieces + b"\r\n\r\nx\r\n--b--\r\n"


def names_within_the_bound(size: int) -> bytes:
    """Parts that each have as many parameters as a part may."""
    part = b"--b\r\nContent-Type: a/b" + b"".join(b"; name*%d=a" % n for n in range(60)) + b"\r\n\r\nx\r\n"
    return MIXED + part * min(990, size // len(part))


def delivery_status_blocks(size: int) -> bytes:
    head = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    block = b"Final-Recipient: rfc822; a@example.jp\r\nAction: failed\r\n\r\n"
    return FROM + head + b"Content-Type: message/delivery-status\r\n\r\n" + block * (size // len(block))


BOMBS: dict[str, Callable[[int], bytes]] = {
    "parts": _repeated(MIXED, b"--b\r\n\r\nx\r\n"),
    "parts without line ends": _repeated(MIXED, b"--b\n"),
    "parts without a blank line": parts_without_a_blank_line,
    "end delimiters": _repeated(MIXED, b"--b--\r\n"),
    "delimiters of nobody": _repeated(MIXED + b"--b\r\n\r\n", b"--c\r\n"),
    "dashes": _repeated(MIXED + b"--b\r\n\r\n", b"--"),
    "lines of dashes": _repeated(MIXED + b"--b\r\n\r\n", b"--\r\n"),
    "digest": _repeated(FROM + b"Content-Type: multipart/digest; boundary=b\r\n\r\n", b"--b\r\n\r\nA: b\r\n\r\nx\r\n"),
    "alternatives": _repeated(
        FROM + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n",
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n",
    ),
    "nested multiparts": nested_multiparts,
    "nested boundaries that begin alike": nested_boundaries_that_begin_alike,
    "nested messages": _repeated(FROM, b"Content-Type: message/rfc822\r\n\r\n"),
    "nested partial messages": _repeated(FROM, b"Content-Type: message/partial\r\n\r\n"),
    "delivery status blocks": delivery_status_blocks,
    "blank lines of a delivery status": _repeated(FROM + b"Content-Type: message/delivery-status\r\n\r\n", b"\n"),
    "a giant boundary": _field(b"Content-Type", b"b", b'multipart/mixed; boundary="', b'"'),
    "a boundary of spaces": _field(b"Content-Type", b" ", b'multipart/mixed; boundary="', b'"'),
    "a boundary of backslashes": _field(b"Content-Type", b'\\"', b'multipart/mixed; boundary="', b'"'),
    "fields": _repeated(FROM, b"X: y\r\n", b"\r\ntext"),
    "fields of their own name": fields_of_their_own_name,
    "empty fields": _repeated(FROM, b":\r\n", b"\r\ntext"),
    "folds": _repeated(FROM + b"Subject: x", b"\r\n y", b"\r\n\r\ntext"),
    "folds of nothing": _repeated(FROM + b"Subject: x", b"\r\n ", b"\r\n\r\ntext"),
    "stray lines in the header": _repeated(FROM, b"stray\r\n", b"To: a@b\r\n\r\ntext"),
    "a header without an end": _repeated(FROM, b"stray line\n"),
    "rfc 2231 pieces": continued_names,
    "rfc 2231 pieces in every part": names_within_the_bound,
    "parameters of quotes": _field(b"Content-Type", b'"', b"text/plain; name="),
    "encoded words": _field(b"Subject", b"=?utf-8?q??= "),
    "encoded words without space": _field(b"Subject", b"=?utf-8?q?a?="),
    "beginnings of encoded words": _field(b"Subject", b"=?utf-8?q?"),
    "question marks": _field(b"Subject", b"?"),
    "escapes in a subject": _field(b"Subject", b"\x1b$B"),
    "comments": _field(b"From", b"("),
    "closed comments": _field(b"From", b"()"),
    "nested comments": lambda size: b"From: " + b"(" * (size // 2) + b")" * (size // 2) + b"\r\n\r\ntext",
    "addresses that begin": _field(b"To", b"a b <"),
    "addresses": _field(b"To", b"a@b.example, "),
    "addresses in many fields": _repeated(FROM, b"To: a@b.example\r\n", b"\r\ntext"),
    "groups": _field(b"To", b"a:b@c;, "),
    "quotes": _field(b"From", b'"'),
    "an unterminated quote": _field(b"From", b"x", b'"'),
    "angle brackets of an address": _field(b"From", b"<"),
    "at signs": _field(b"From", b"a@"),
    "colons": _field(b"From", b"a:"),
    "commas": _field(b"From", b","),
    "dots": _field(b"From", b"a."),
    "routes": _field(b"From", b"@a,", b"<", b":b@c>"),
    "references": _field(b"References", b"<a@b> "),
    "beginnings of references": _field(b"References", b"<a"),
    "dates": _field(b"Date", b"Thu, "),
    "digits of a date": _field(b"Date", b"1"),
    "comments of a date": _field(b"Date", b"("),
    "received": _repeated(FROM, b"Received: from a by b; Thu, 26 Nov 2026 03:00:00 +0900\r\n", b"\r\ntext"),
    "authentication results": _field(b"Authentication-Results", b"spf=pass (", b"mx.example.jp; "),
    "authentication results in many fields": _repeated(
        FROM, b"Authentication-Results: mx.example.jp; spf=pass\r\n", b"\r\ntext"
    ),
    "lone carriage returns": _repeated(PLAIN, b"\r"),
    "lone carriage returns in a header": _repeated(FROM, b"X: y\r", b"\r\rtext"),
    "one long line": _repeated(PLAIN, b"x"),
    "one long line of Japanese": _repeated(PLAIN, "あ".encode()),
    "nuls": _repeated(PLAIN, b"\0"),
    "line ends": _repeated(PLAIN, b"\n"),
    "unicode line ends": _repeated(PLAIN, "\u2028\x85".encode()),
    "on": _repeated(PLAIN, b"On "),
    "wrote": _repeated(PLAIN, b"On a wrote:\n"),
    "angle brackets": _repeated(PLAIN, b"<"),
    "quote marks": _repeated(PLAIN, b"> "),
    "lines of quote marks": _repeated(PLAIN, b">\n"),
    "from lines": _repeated(PLAIN, "差出人: a\n".encode()),
    "sentences": _repeated(PLAIN, "。".encode()),
    "automatic": _repeated(PLAIN, "このメールは自動".encode()),
    "lines of automatic": _repeated(PLAIN, "※このメールは\n自動".encode()),
    "decorations": _repeated(PLAIN, "※".encode()),
    "this message was not": _repeated(b"Return-Path: <>\r\n" + PLAIN, b"your message not ", b" 550 5.1.1"),
    "lines of this message was not": _repeated(b"Return-Path: <>\r\n" + PLAIN, b"your message not\n"),
    "flowed": _repeated(FROM + b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n", b"> a \n"),
    "flowed depths": _repeated(FROM + b"Content-Type: text/plain; format=flowed\r\n\r\n", b"> a \n>> b \n"),
    "nested elements": _repeated(HTML, b"<div>"),
    "nested inline elements": _repeated(HTML, b"<b><i>"),
    "nested quotes": _repeated(HTML, b"<blockquote>x"),
    "nested lists": _repeated(HTML, b"<ul><li>x"),
    "nested tables": _repeated(HTML, b"<table><tr><td>x"),
    "rows": _repeated(HTML + b"<table>", b'<tr><td rowspan="99999" colspan="99999">x'),
    "links": _repeated(HTML, b'<a href="http://a.example/">'),
    "misnested links": _repeated(HTML, b"<a><p>x</a>"),
    "misnested formatting": _repeated(HTML, b"<b><p>"),
    "forms": _repeated(HTML, b"<select><option>x"),
    "attributes": lambda size: HTML + b"<p " + b"".join(b"a%d=b " % n for n in range(size // 8)) + b">x",
    "a long attribute": _repeated(HTML + b'<p style="', b"display:", b'">x'),
    "styles": _repeated(HTML + b"<style>", b"a{b{"),
    "comments of a page": _repeated(HTML, b"<!--"),
    "less than": _repeated(HTML, b"<"),
    "less than a letter": _repeated(HTML, b"<a"),
    "entities": _repeated(HTML, b"&amp;"),
    "ampersands": _repeated(HTML, b"&"),
    "numeric entities": _repeated(HTML, b"&#x3042;"),
    "one long entity": _repeated(HTML + b"&", b"a"),
    "preformatted": _repeated(HTML + b"<pre>", b"x\n"),
    "line breaks": _repeated(HTML, b"<br>"),
    "plaintext": _repeated(HTML, b"<plaintext>"),
    "svg": _repeated(HTML, b"<svg><desc>"),
    "iso-2022-jp escapes": _declared(b"iso-2022-jp", b"\x1b$B\x1b(B"),
    "iso-2022-jp without an end": _declared(b"iso-2022-jp", b"\x1b$B!"),
    "iso-2022-jp kana": _declared(b"iso-2022-jp", b"\x0e1\x0f\x1b(I1"),
    "iso-2022-jp unassigned": _declared(b"iso-2022-jp", b"\x1b$B-!\x7e\x7e\x1b$(D\x22\x22"),
    "iso-2022-kr": _declared(b"iso-2022-kr", b"\x0e!!\x0f"),
    "hz": _declared(b"hz", b"~{~}"),
    "utf-7": _declared(b"utf-7", b"+AGE-"),
    "utf-7 without an end": _declared(b"utf-7", b"+"),
    "gb18030": _declared(b"gb18030", b"\x84\x31\xa4\x37"),
    "gb18030 broken": _declared(b"gb18030", b"\x84\x31\xff"),
    "big5 broken": _declared(b"big5", b"\x80\xff"),
    "euc-jp broken": _declared(b"euc-jp", b"\x8f\xa1\xff"),
    "shift_jis broken": _declared(b"shift_jis", b"\x81\xff\x80"),
    "undeclared": _repeated(FROM + b"\r\n", b"\x81\x40\xa4\xff\xe3"),
    "soft breaks": _encoded(b"quoted-printable", b"=\r\n"),
    "equal signs": _encoded(b"quoted-printable", b"="),
    "trailing space": _encoded(b"quoted-printable", b" "),
    "base64 of nothing": _encoded(b"base64", b"="),
    "base64 with pads": _encoded(b"base64", b"YQ=="),
    "base64 with space": _encoded(b"base64", b"Y Q "),
    "base64 in lines": _encoded(b"base64", b"Y\r\n"),
    "uuencode": _encoded(b"x-uuencode", b"M" + b"0" * 60 + b"\n"),
    "uuencode without a beginning": _encoded(b"x-uuencode", b"begin 644 a\n"),
    "an unknown encoding": _encoded(b"x-unknown", b"x\r\n"),
    "attachment names": _repeated(
        MIXED, b'--b\r\nContent-Disposition: attachment; filename="../../con"\r\n\r\nx\r\n', b"--b--\r\n"
    ),
    "one long attachment name": _field(b"Content-Disposition", "あ/".encode(), b'attachment; filename="', b'"'),
    "enclosed base64": _repeated(
        FROM + b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n", b"RnJvbTogYQ0K\r\n"
    ),
}  # fmt: skip
CODECS_THAT_ARE_NO_CHARSETS = (
    b"rot13", b"rot_13", b"idna", b"punycode", b"unicode_escape", b"raw_unicode_escape", b"undefined", b"zlib", b"bz2",
    b"zip", b"hex", b"base64", b"quopri", b"uu", b"mbcs", b"oem", b"palmos", b"utf-16", b"utf-32", b"utf_8_sig",
    b"cp65001", b"../../etc", b"\xff", b"a" * 5000, b"", b"'''", b"x%00y",
)  # fmt: skip
