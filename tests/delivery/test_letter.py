"""What is sent along with a mail of ours."""

from gateway.delivery.letter import _passed_on
from gateway.mail.values import AttachedFile


def test_an_attached_mail_does_not_show_its_people_to_the_other_side() -> None:
    raw = b"From: suzuki@shop.example\r\nTo: x@shop.example\r\nSubject: s\r\n\r\nbody\r\n"
    for file in (AttachedFile("n.eml", "message/rfc822", raw), AttachedFile("n.EML", "application/octet-stream", raw)):
        assert _passed_on(file).content == b"Subject: s\r\n\r\nbody\r\n"
    photo = AttachedFile("a.png", "image/png", raw)
    assert _passed_on(photo) is photo
