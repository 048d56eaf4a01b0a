"""HTML becomes text that a person, and the finder of quotes, can read."""

import pytest

from gateway.mail.html import MAX_TAGS, charset_of, to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<div>一行目</div><div>二行目<br>三行目</div>", "一行目\n二行目\n三行目"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a  <b>b</b>\n c&nbsp;&amp;", "a b c &"),
        ("<style>p{}</style><script>x()</script><title>t</title>text<!-- c -->", "text"),
        ("<div style='display:none'>preheader</div>text<span hidden>x</span>", "text"),
        ('<a href="https://shop.example/a?b=1&amp;c=2">商品</a>', "商品 <https://shop.example/a?b=1&c=2>"),
        ('<a href="https://shop.example/">https://shop.example</a>', "https://shop.example"),
        ('<a href="mailto:a@shop.example">a@shop.example</a>', "a@shop.example"),
        ('<a href="javascript:x()">click</a> <a href="#top">top</a>', "click top"),
        ('<img src="https://evil.example/pixel"><img alt="ロゴ" src="x">', "ロゴ"),
        ("<ul><li>赤</li><li>青</li></ul>", "・赤\n・青"),
        ("<ol><li>one<ul><li>in</ul><li>two</ol>", "1. one\n  ・in\n2. two"),
        ("<table><tr><th>品番<th>数<tr><td>A-1<td>2</table>", "品番  数\nA-1  2"),
        (
            "new<blockquote type=cite>old<blockquote>older</blockquote></blockquote>after",
            "new\n\n> old\n>\n> > older\n\nafter",
        ),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("a<hr>b", "a\n--------------------\nb"),
        (
            '<a href="mailto:a@shop.example?subject=Order 5">write</a>',
            "write <mailto:a@shop.example?subject=Order%205>",
        ),
        ('<a href="https://shop.\n example/a">商品</a>', "商品 <https://shop.example/a>"),
        ("co\u00adop\u200b", "coop"),
        ("co&shy;op&#8203;", "coop"),
        ("", ""),
        ("<", "<"),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    assert to_text(html) == text


def test_a20_twenty_thousand_nested_blocks_keep_their_text() -> None:
    assert to_text("<div>" * 20_000 + "text") == "text"


def test_a20_a_document_of_too_many_tags_is_read_flat() -> None:
    text = to_text("<ul><li>" * MAX_TAGS + "text<script>x()</script><style>p{}</style>" + "<b>bold</b>")
    assert "text" in text
    assert "bold" in text
    assert "x()" not in text


@pytest.mark.parametrize(
    ("document", "charset"),
    [
        (b'<html><head><meta charset="Shift_JIS">', "Shift_JIS"),
        (b"<META http-equiv=Content-Type content='text/html; charset=iso-2022-jp'>", "iso-2022-jp"),
        (b'<?xml version="1.0" encoding="euc-jp"?><html>', "euc-jp"),
        (b"<p>charset=utf-8</p>", None),
        (b"<meta name=author content=x>", None),
    ],
)
def test_a_document_names_its_own_charset(document: bytes, charset: str | None) -> None:
    assert charset_of(document) == charset


@pytest.mark.parametrize(
    "element",
    [
        '<div class="moz-signature">鈴木</div>',
        '<pre class="moz-signature" cols="72">鈴木</pre>',
        '<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">鈴木</div>',
        '<div id="Signature">鈴木</div>',
        '<div id="AppleMailSignature">鈴木</div>',
        '<div class="protonmail_signature_block protonmail_signature_block-user">鈴木</div>',
    ],
)
def test_a_clients_element_for_the_signature_is_delimited_as_in_plain_mail(element: str) -> None:
    assert to_text(f"<p>はい</p>{element}") in ("はい\n\n-- \n鈴木", "はい\n-- \n鈴木")


def test_a_signature_that_has_its_delimiter_gets_no_second_one() -> None:
    delimited = '<p>はい</p><pre class="moz-signature">-- \n鈴木</pre>'
    prefixed = '<p>はい</p><span class="gmail_signature_prefix">-- </span><br><div class="gmail_signature">鈴木</div>'
    assert to_text(delimited).count("--") == to_text(prefixed).count("--") == 1


def test_a_quoted_signature_is_not_delimited() -> None:
    assert "--" not in to_text('<p>はい</p><blockquote type="cite"><div class="moz-signature">鈴木</div></blockquote>')


def test_an_emoji_escaped_by_halves_is_whole() -> None:
    assert to_text("<p>a&#55357;&#56832;b&#xD83D;&#xde00;") == "a😀b😀"
    assert to_text("<p>&#55357;&#55357;&#56832;&#56832;") == "\ufffd😀\ufffd"
