"""A seller works in one language; each customer is answered in their own."""

import pytest

from tests.integration.house import DOMAIN, HANAKO, SUZUKI, House

ASKED = {
    "ko": ("언제 배송되나요?", "문의하신 건은 처리해 드렸습니다.", "에 보내 주신 문의:"),
    "zh": ("请问什么时候发货？谢谢你们！", "您咨询的事项已为您处理完毕。", "的咨询："),
    "en": ("When will it be sent, please?", "Your inquiry has been taken care of.", "Your inquiry of "),
}


@pytest.mark.parametrize("language", ASKED)
async def test_a_customer_gets_the_auto_response_and_the_quotation_in_their_language(
    house: House, language: str
) -> None:
    question, auto_response, attribution = ASKED[language]
    await house.writes(HANAKO, f"testshop@{DOMAIN}", question)
    told = await house.gets(SUZUKI)
    assert "この線より上に返信を書いてください" in told.text
    await house.writes(SUZUKI, told.from_address, "#自動応答")
    answer = await house.gets(HANAKO)
    assert answer.text.startswith(auto_response)
    assert attribution in answer.text
    html = answer.mail.get_body(("html",))
    assert html is not None
    assert f'<html lang="{language}">' in html.get_content()
