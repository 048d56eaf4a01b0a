"""What mail clients call the header fields of the mail that they quote, folded and without spaces, by language."""

_LABELS = {
    "sender": """
        from 差出人 送信者 送信元 发件人 寄件者 寄件人 보낸사람 보낸이 발신 발신자 von de da van fra från od lähettäjä
        от від expéditeur kimden từ จาก dari feladó dela από מאת من remitente mittente afzender absender avsändare
        afsender
        """,
    "sent": """
        sent date 送信日時 日時 日付 送信日 送信済み 受信日時 发送时间 发送日期 日期 时间 寄件日期 傳送時間 傳送日期
        보낸날짜 보낸시간 날짜 발송일 gesendet datum envoyé envoyéle messagedu enviado enviadoel enviadaem enviadoem
        inviato data verzonden sendt dato skickat wysłano wysłany wysłane lähetetty дата отправлено надіслано
        göndermetarihi gönderildi tarih đãgửi ngày ส่ง วันที่ dikirim tanggal odesláno odoslané elküldve trimis
        στάλθηκε נשלח
        """,
    "to": """
        to 宛先 收件人 收件者 받는사람 받는이 받은사람 수신 수신자 an à a para aan til till do vastaanottaja кому kime
        đến ถึง kepada komu címzett către προς אל إلى
        """,
    "copy": """
        cc bcc ccの写し 抄送 副本 密送 참조 숨은참조 kopie kopia copieà kopi másolatotkap bilgi reply-to 返信先
        """,
    "other": """
        importance priority sensitivity attachments 重要度 優先度 添付 添付ファイル 重要性 附件 중요도 첨부 wichtigkeit
        anlagen importancia importanza
        """,
    "subject": """
        subject re 件名 題名 主题 主旨 主題 제목 betreff objet sujet asunto assunto oggetto onderwerp emne ämne temat
        aihe тема konu chủđề เรื่อง subjek perihal předmět predmet tárgy subiect θέμα נושא الموضوع
        """,
}
KIND_OF = {label: kind for kind, labels in _LABELS.items() for label in labels.split()}
"""The field that each label means: sender, sent, to, copy, subject or other."""

ORDINARY = frozenset(
    ["日時", "日付", "受信日時", "日期", "时间", "날짜", "data", "datum", "dato", "tarih", "ngày", "tanggal"]
)
"""Labels of a date that are ordinary words in a text of its own, so that they prove nothing without a sender."""
