"""What of a mail is its text, and what is a file."""

from base64 import b64encode

import pytest

from gateway.mail.body import SHORTENED, TEXT_LIMIT
from gateway.mail.parse import parse
from gateway.mail.values import Mail

PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n"


def multipart(kind: str, *parts: bytes) -> Mail:
    header = f"From: yamada@example.jp\r\nContent-Type: multipart/{kind}; boundary=b\r\n\r\n".encode()
    return parse(header + b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n")


def test_plain_text_is_preferred_to_html() -> None:
    assert multipart("alternative", PLAIN + b"plain", HTML + b"<p>rich").text == "plain"


def test_html_is_read_where_the_plain_part_is_empty() -> None:
    assert multipart("alternative", PLAIN + b" \r\n", HTML + "<p>こんにちは".encode()).text == "こんにちは"


def test_html_is_read_where_the_plain_part_only_says_so() -> None:
    rich = "<p>" + "商品の色について教えてください。" * 9
    assert "商品の色" in multipart("alternative", PLAIN + "HTMLメールです".encode(), HTML + rich.encode()).text


@pytest.mark.parametrize(
    "notice",
    [
        "このメールはHTML形式で送信されています。\nHTMLメールに対応したメールソフトでご覧ください。",
        "HTMLメールです。表示できない場合はブラウザでご覧ください。",
        "This is an HTML message. Please use an HTML capable mail program to view it.",
        "Your email client does not support HTML.",
        "이 메일은 HTML 형식입니다. 브라우저에서 확인해 주세요.",
        "这是一封HTML格式的邮件。您的邮件客户端不能显示。",
    ],
)
def test_html_is_read_where_the_plain_part_is_a_notice_however_short_the_html_is(notice: str) -> None:
    rich = "<p>白は？".encode()
    assert multipart("alternative", PLAIN + notice.encode(), HTML + rich).text == "白は？"


def test_a_writer_who_speaks_of_html_is_read_as_plain_text() -> None:
    plain = "HTMLで届きました。\n色は白でお願いします。"
    rich = "<p>HTMLで届きました。<p>色は白でお願いします。"
    assert multipart("alternative", PLAIN + plain.encode(), HTML + rich.encode()).text == plain


def html_mail(label: str, charset: str, text: str) -> str:
    document = f'<html><head><meta charset="{charset}"></head><body><p>{text}'.encode(charset)
    field = f"Content-Type: text/html{label}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()
    return parse(field + document).text


def test_the_charset_of_a_document_counts_where_the_field_is_missing_or_untrue() -> None:
    assert html_mail("", "gb2312", "谢谢") == "谢谢"
    assert html_mail("; charset=iso-8859-1", "gb2312", "谢谢您") == "谢谢您"
    assert html_mail("; charset=us-ascii", "euc-kr", "감사합니다") == "감사합니다"
    assert html_mail("; charset=iso-8859-1", "iso-8859-1", "Grüße") == "Grüße"
    converted = b"Content-Type: text/html; charset=utf-8\r\n\r\n<meta charset=Shift_JIS><p>" + "在庫".encode()
    assert parse(converted).text == "在庫"  # by a server, which left the document's own word


def test_words_behind_base64_are_not_decoded_with_it() -> None:
    encoded = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n5Zyo5bqr44Gv77yf"
    assert parse(encoded + b"\r\n").text == "在庫は？"
    assert parse(encoded + b"Cg==\r\n______\r\nThe list of the shop").text == "在庫は？\n\n______\nThe list of the shop"
    assert parse(encoded + b"Cg== ignored").text == "在庫は？"
    assert parse(encoded[:-16] + b"This is plain text\r\nthat says it is not.").text.startswith("This is plain")


def test_a_customer_who_writes_about_html_is_read_in_plain_text() -> None:
    question = "商品ページのHTMLが崩れています"
    assert multipart("alternative", PLAIN + question.encode(), HTML + f"<p>{question}".encode()).text == question


def test_text_parts_of_a_mixed_mail_are_joined_in_order() -> None:
    image = b"Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8="
    mail = multipart("mixed", PLAIN + b"above\r\n", image, PLAIN + b"below\r\n")
    assert mail.text == "above\nbelow"
    assert [(file.name, file.content) for file in mail.attachments] == [("a.png", b"hello")]


def test_a_text_with_a_file_name_is_a_file() -> None:
    log = b"Content-Type: text/plain; name=log.txt\r\nContent-Disposition: inline\r\n\r\nlog"
    mail = multipart("mixed", PLAIN + b"text", log)
    assert (mail.text, [file.name for file in mail.attachments]) == ("text", ["log.txt"])


def test_an_inline_image_is_a_file_too() -> None:
    image = b"Content-Type: image/gif\r\nContent-ID: <a@b>\r\nContent-Disposition: inline\r\n\r\nGIF89a"
    mail = multipart("related", HTML + b"<p>text<img src=cid:a@b>", image)
    assert (mail.text, mail.attachments[0].name, mail.attachments[0].content) == ("text", "attachment-1.gif", b"GIF89a")


def test_a_forwarded_mail_is_a_file_named_after_its_subject() -> None:
    forwarded = "Content-Type: message/rfc822\r\n\r\nSubject: 見積/依頼\r\nFrom: a@example.jp\r\n\r\nbody".encode()
    mail = multipart("mixed", PLAIN + b"see below", forwarded)
    assert mail.text == "see below"
    assert mail.attachments[0].name == "見積_依頼.eml"
    assert parse(mail.attachments[0].content).text == "body"


def test_files_inside_an_alternative_are_kept() -> None:
    invitation = b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR"
    assert multipart("alternative", PLAIN + b"text", invitation).attachments[0].name == "attachment-1.ics"


def test_format_flowed_is_undone() -> None:
    raw = b"Content-Type: text/plain; format=flowed\r\n\r\n> quoted \r\n> words\r\n long \r\nline\r\n-- \r\nname\r\n"
    assert parse(raw).text == "> quoted words\nlong line\n-- \nname"


def test_delsp_joins_japanese_without_spaces() -> None:
    raw = "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n\r\n商品の \r\n色\r\n".encode()
    assert parse(raw).text == "商品の色"


def test_line_ends_are_one_kind_and_nul_is_gone() -> None:
    assert parse(b"From: a@example.jp\r\n\r\na\0b\r\nc\rd\ne").text == "ab\nc\nd\ne"


def test_transfer_encodings_with_mistakes_give_what_can_be_had() -> None:
    assert parse(b"Content-Transfer-Encoding: BASE64 (mime)\r\n\r\naGVs bG8\r\n").text.strip() in ("hello", "aGVs bG8")
    assert parse(b"Content-Transfer-Encoding: base64\r\n\r\nThis is no base64 at all\r\n").text.startswith("This is")
    assert parse(b"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8\r\n").text == "hello"
    assert parse(b"Content-Transfer-Encoding: quoted-printable;\r\n\r\n=E5=95=86=\r\n=E5=93=81=ZZ").text == "商品=ZZ"


def encoded(octets: bytes, encoding: str, charset: str = "utf-8", kind: str = "plain") -> str:
    field = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return parse(field.encode() + octets).text


def test_blocks_of_base64_that_were_encoded_each_for_itself_are_all_read() -> None:
    texts = ["一枚目です。a\n", "二枚目です。ab\n", "三枚目です。"]
    blocks = [b64encode(text.encode()) for text in texts]
    assert any(block.endswith(b"=") for block in blocks[:-1])
    assert encoded(b"\r\n".join(blocks), "base64") == "".join(texts)
    assert encoded(b"".join(blocks), "base64") == "".join(texts)


@pytest.mark.parametrize("charset", ["utf-8", "shift_jis", "iso-2022-jp", "euc-jp"])
def test_text_that_is_called_base64_and_is_none_is_read_as_it_is(charset: str) -> None:
    text = "注文した品がまだ届きません。\r\n番号は１２３です。"
    assert encoded(text.encode(charset), "base64", charset) == text.replace("\r\n", "\n")
    assert encoded(f"<p>{text}</p>".encode(charset), "base64", charset, "html") == text.replace("\r\n", " ")


def test_damaged_base64_is_still_base64() -> None:
    block = b64encode("届きません".encode())
    assert encoded(block[:6] + b"*" + block[6:], "base64") == "届きません"


def test_blanks_behind_a_soft_line_break_are_none_of_the_text() -> None:  # RFC 2045 6.7 rule 3
    assert encoded(b"=E9=BB=92=  \t\r\n=E3=81=AF= \r\n?", "quoted-printable") == "黒は?"


@pytest.mark.parametrize("kind", ["plain/text", "text/txt", "Plain/Text"])
def test_a_type_that_only_text_can_be_meant_by(kind: str) -> None:
    raw = f"Content-Type: {kind}; charset=iso-2022-jp\r\n\r\n".encode() + "黒は？".encode("iso-2022-jp")
    assert parse(raw).text == "黒は？"


def test_n38_a_multipart_without_boundary_or_end_keeps_its_text() -> None:
    assert parse(b"Content-Type: multipart/mixed\r\n\r\nlost text").text == "lost text"
    assert (
        parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext without end").text
        == "text without end"
    )


def test_a_big_file_is_not_held_many_times() -> None:
    import tracemalloc

    lines = b"QUJD" * 19 + b"\r\n"
    header = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    raw = header + lines * (4_000_000 // len(lines))
    tracemalloc.start()
    try:
        mail = parse(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert mail.attachments[0].content.startswith(b"ABCABC")
    assert peak < 4 * len(raw)


def test_a_text_that_is_too_long_is_read_up_to_the_end_of_a_line() -> None:
    line = "お世話になっております。\r\n".encode()
    mail = parse(PLAIN + line * (2 * TEXT_LIMIT // len(line)))
    assert set(mail.text.split("\n")) == {"お世話になっております。"}
    assert TEXT_LIMIT - len(line) <= len(mail.text.replace("\n", "\r\n").encode()) <= TEXT_LIMIT
    assert SHORTENED in mail.defects


def test_a_text_as_long_as_may_be_is_whole() -> None:
    mail = parse(PLAIN + b"x\r\n" * (TEXT_LIMIT // 3))
    assert len(mail.text) == TEXT_LIMIT // 3 * 2 - 1
    assert SHORTENED not in mail.defects


def test_many_long_texts_have_one_limit_together() -> None:
    part = PLAIN + b"x\r\n" * (TEXT_LIMIT // 5)
    alternative = b"Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n" + part + b"\r\n--c--\r\n"
    mail = multipart("mixed", part, alternative, alternative, part)
    assert len(mail.text) < TEXT_LIMIT
    assert SHORTENED in mail.defects
