"""What a shop writes, asking and not: an acknowledgement is only an ending where nothing was asked."""

import pytest

from gateway.rules.asked import LARGEST, asks

ASKING = {
    "ja": [
        "青しかございませんが、よろしいでしょうか。",
        "キャンセルでよろしいでしょうか。",
        "お写真をお送りいただけますか？",
        "ご注文番号を教えてください。",
        "お届けの際はご連絡ください。",
        "返金と交換のどちらをご希望でしょうか？",
        "お世話になっております。\n誠に恐れ入りますが、ご希望のお色を\nお知らせくださいませ。\nどうぞよろしくお願いいたします。",
        "再入荷は来月になりますがお待ちいただけますでしょうか",
        "ご確認のうえ、ご返信をお願いいたします。",
        "不良箇所のお写真を添付のうえ、ご返信いただけますと幸いです。",
        "お手数ですが、ご住所をお送り下さい。",
        "サイズはＳとＭのどちらになさいますか",
        "ご返信をお待ちしております。",
        "交換をご希望の場合はお申し付けください。",
        "返品をご希望でしたら、お気軽にご連絡ください。",
        "問題なければその旨ご返信ください。",
        "3営業日以内にご入金のほどよろしくお願いいたします。",
        "ご連絡がない場合は、キャンセルとさせていただきます。",
        "在庫がございません。他の色でもよろしければ、ご連絡ください。",
        "いつ頃のお届けがご都合よろしいでしょうか。\n\nご不明な点がございましたら、お気軽にお問い合わせください。",
        "商品を着払いでご返送くださいますようお願いいたします。",
        "下記のうちからお選びください。\n1. 返金\n2. 交換",
        "1,000円の追加料金がかかりますがよろしいですか❓",
        "お電話番号をお願いいたします。",
        "ご希望の色を教えてください\nよろしくお願いいたします",
        "青に変更してもよろしいで\nしょうか。",
        "どちらをお送りしましょうか。",
        "詳しい状況をお伺いできればと存じます。",
        "ご連絡いただけましたら、すぐに手配いたします。",
    ],
    "en": [
        "Would you like a refund or a replacement?",
        "Only blue is left. Is that OK?",
        "Could you send us a photo of the damage.",
        "Please let us know your order number.",
        "Please confirm which size you want.",
        "Let us know which one you prefer.",
        "Please send us your address. If you have any questions, please feel free to contact us.",
        "We need your phone number to ship it.",
        "Please reply to this e-mail to cancel the order.",
        "If this is no problem for you, please let us know.",
        "We look forward to your reply.",
        "Please check the amount and confirm it.",
        "Do you want us to cancel it\n\nBest regards",
    ],
    "ko": [
        "환불과 교환 중 어느 쪽을 원하시나요?",
        "주문번호를 알려 주세요.",
        "사진을 보내 주시겠습니까?",
        "파란색만 남았는데 괜찮으실까요",
        "확인 후 회신 부탁드립니다.",
        "취소해 드리면 되겠습니까.",
        "원하시는 색상을 말씀해 주시면 바로 발송해 드리겠습니다.",
    ],
    "zh": [
        "只有蓝色，可以吗？",
        "请提供您的订单号。",
        "请问您要退款还是换货",
        "请告诉我们您的地址。如有任何问题，请随时联系我们。",
        "您是否需要取消订单。",
        "麻煩您提供照片。",
        "请核对金额后回复我们。",
        "期待您的回复。",
    ],
}
NOT_ASKING = {
    "ja": [
        "明日発送いたします。",
        "本日発送いたしました。追跡番号は1234-5678-9012です。ご確認ください。",
        "追跡はこちらです。https://track.example/?no=123456",
        "ご不明な点がございましたらお気軽にお問い合わせください。",
        "何かございましたらご連絡ください。",
        "その他ご不明な点がございましたら、\nお気軽に\nご連絡くださいませ。",
        "お問い合わせの件はご対応させていただきました。\nその他ご不明点がございましたら、お気軽にお問い合わせ下さい。",
        "どうぞよろしくお願いいたします。",
        "今後とも当店をよろしくお願い申し上げます。",
        "今しばらくお待ちくださいますようお願いいたします。",
        "商品の到着まで今しばらくお待ちください。",
        "届くまでお待ちください。",
        "ご安心ください。",
        "あらかじめご了承ください。",
        "お楽しみに！",
        "またのご利用をお待ちしております。",
        "発送しましたら、改めてご連絡いたします。",
        "ご連絡いただきありがとうございます。在庫はございます。",
        "写真をお送りいただき、ありがとうございました。",
        "いかがお過ごしでしょうか。ご注文の品を発送いたしました。",
        "万一、商品に不具合がございましたら、ご連絡ください。",
        "「送料はいくらですか？」とのご質問ですが、送料は500円です。",
        "> いつ届きますか？\n明日でございます。",
        "品質を確認してから発送しますから、少々お時間を頂戴します。",
        "間に合うかもしれませんが、お約束はできかねます。",
        "ご理解のほどよろしくお願いいたします。",
        "お手元に届きましたら、ぜひお楽しみください。",
        "発送のご連絡をお待ちください。",
        "入荷がいつになるかは、まだ分かりかねます。",
        "ご迷惑をおかけし誠に申し訳ございませんでした。何卒ご容赦くださいませ。",
        "時節柄、ご自愛くださいませ。",
        "領収書をメールに添付いたしました。ご査収のほどよろしくお願いいたします。",
        "ご注文のキャンセルを承りました。",
        "850グラムです。",
    ],
    "en": [
        "It ships tomorrow.",
        "Please feel free to contact us.",
        "Do you have any questions? Feel free to contact us.",
        "If you have any questions, please let us know.",
        "Please allow 3 days for delivery.",
        "We have refunded the full amount. Thank you for your patience.",
        "As you can see on https://track.example/?id=1, it is on its way.",
        "Please do not hesitate to contact us should you need any further assistance.",
        "Thank you for sending us the photo. We will send a new one today.",
        "We hope to see you again soon. Best regards, Test Shop",
        "Please find the receipt attached.",
        "Your order was shipped. Please check the tracking number 1234-5678.",
        "Is there anything else we can help you with?",
    ],
    "ko": [
        "안녕하세요. 내일 발송해 드리겠습니다.",
        "조금만 기다려 주세요.",
        "궁금한 점이 있으시면 언제든지 문의해 주세요.",
        "너그러운 양해 부탁드립니다.",
        "환불 처리가 완료되었습니다. 좋은 하루 보내시기 바랍니다.",
        "재고가 없으니까 다음 주에 보내 드리겠습니다.",
        "앞으로도 잘 부탁드립니다.",
    ],
    "zh": [
        "您好，明天发货。",
        "请放心，我们会尽快处理。",
        "如有任何问题，请随时联系我们。",
        "请耐心等待。",
        "我们已收到您的退款申请。",
        "给您带来不便，敬请谅解。",
        "包裹已寄出，请注意查收。",
        "給您添麻煩了，非常抱歉。",
    ],
}


@pytest.mark.parametrize(("language", "text"), [(name, text) for name in ASKING for text in ASKING[name]])
def test_what_the_shop_asks_is_known_as_asked(language: str, text: str) -> None:
    assert asks(text), language


@pytest.mark.parametrize(("language", "text"), [(name, text) for name in NOT_ASKING for text in NOT_ASKING[name]])
def test_a_courtesy_is_no_question(language: str, text: str) -> None:
    assert not asks(text), language


@pytest.mark.parametrize("courtesy", ["", "ご不明な点がございましたら、お気軽にお問い合わせください。\nテストショップ"])
@pytest.mark.parametrize("language", ASKING)
def test_a_question_among_courtesies_stays_one(language: str, courtesy: str) -> None:
    for text in ASKING[language]:
        assert asks(f"お世話になっております。\n\n{text}\n\n{courtesy}"), text


def test_the_end_of_an_endless_answer_is_looked_at() -> None:
    assert asks("発送しました。\n" * LARGEST + "よろしいでしょうか。")
    assert not asks("よろしいでしょうか。\n" + "発送しました。\n" * LARGEST)
    for part in ("何か", "お気軽に", "ご不明", "ご返信の", "if ", "should ", "any question ", "궁금한 ", "如有", "请", "「", "か\n"):
        asks(part * (LARGEST // len(part)))
