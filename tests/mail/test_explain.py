"""`mail explain`: every key of the contract, for every mail."""

import json

from gateway.mail.explain import explain, split_sentences

KEYS = [
    *(
        "message_id",
        "subject",
        "from",
        "to",
        "date",
        "charset",
        "machine",
        "text",
        "reply",
        "quoted",
        "commands",
        "refused",
    ),
    *("attachments", "bounce", "language", "sentences", "defects"),
]

MAIL = """From: 鈴木 <suzuki@shop.example>
To: q1042-s-x@q.example.jp
Subject: Re: テスト2 [Q-1042]
Message-ID: <1@shop.example>
Date: Fri, 20 Nov 2026 14:03:00 +0900
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

#処理中
在庫はあります。今日送ります！

2026年11月20日(金) 13:00 テストショップ <q1042-s-x@q.example.jp>:
> 在庫はありますか？

--b
Content-Type: application/pdf; name=a.pdf

x
--b--
""".encode()


def test_a_sellers_reply_is_explained_whole() -> None:
    told = explain(MAIL)
    assert told["from"] == {"name": "鈴木", "address": "suzuki@shop.example"}
    assert told["to"] == [{"name": "", "address": "q1042-s-x@q.example.jp"}]
    assert told["date"] == "2026-11-20T05:03:00+00:00"
    assert told["reply"] == "在庫はあります。今日送ります！"
    assert "> 在庫はありますか？" in str(told["quoted"])
    assert told["commands"] == [{"name": "progress", "argument": ""}]
    assert told["sentences"] == [{"text": "在庫はあります。", "classes": []}, {"text": "今日送ります！", "classes": []}]
    assert told["attachments"] == [
        {
            "name": "a.pdf",
            "type": "application/pdf",
            "size": 1,
            "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        }
    ]
    assert (told["language"], told["machine"], told["bounce"], told["defects"]) == ("ja", None, None, [])


def test_every_mail_has_every_key_and_is_json() -> None:
    for raw in (b"", b"\0\xff", MAIL, b"From: MAILER-DAEMON@example.jp\n\nUser unknown"):
        told = explain(raw, answering=MAIL)
        assert [*told] == KEYS
        json.dumps(told, ensure_ascii=False).encode()


def test_a_bounce_tells_what_failed() -> None:
    assert explain(b"From: MAILER-DAEMON@example.jp\n\ntext")["bounce"] == {
        "recipients": [],
        "original_message_id": None,
    }


def test_sentences_end_at_their_marks_and_at_line_ends() -> None:
    assert split_sentences("はい。了解です！？\nVer. 1.5 costs 2.50. OK\n\n「はい。」") == [
        "はい。", "了解です！？", "Ver.", "1.5 costs 2.50.", "OK", "「はい。」",
    ]  # fmt: skip
