"""The printed receipt: every bill, the total in capitals, rare characters, and the mark of a second print."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from fontTools.ttLib import TTFont
from PIL import Image, ImageOps
from pypdf import PdfReader
from reportlab.lib.units import mm

from community.core import clock
from community.core.fonts import font_file
from community.estates.models import Home
from services.fees import actions, receipts
from services.fees.models import Bill, Payment
from services.fees.receipt_pictures import BODY, MARGIN, WIDTH, receipt_picture
from services.fees.receipt_rolls import receipt_roll
from tests.factories import (
    make_bill,
    make_cashier,
    make_company,
    make_estate,
    make_home,
    make_item,
    make_payment,
    make_staff,
)

pytestmark = pytest.mark.django_db
RARE = "镕喆堃㛃"


@pytest.fixture
def home() -> Home:
    return make_home(estate=make_estate(name="幸福里", company=make_company("安居物业服务有限公司")))


def cash(home: Home, bills: list[Bill], *, payer_name: str = RARE, extra_fen: int = 0) -> Payment:
    return actions.take_payment(
        actions.CounterPayment(
            home=home,
            amounts={bill.pk: bill.unpaid_fen for bill in bills},
            payer=None,
            payer_name=payer_name,
            key=uuid4(),
        ),
        extra_fen=extra_fen,
        by=make_cashier(estate=home.estate, name="吴燕"),
        now=clock.now(),
    )


def text_of(pdf: bytes) -> str:
    """What a reader finds in it, all pages, without blanks."""
    pages = PdfReader(BytesIO(pdf)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def test_receipt__says_everything(home: Home) -> None:
    item = make_item(estate=home.estate, name="物业费")
    bills = [make_bill(home=home, item=item, period=date(2024, month, 1)) for month in (3, 4)]
    payment = cash(home, bills, extra_fen=5000)
    said = text_of(receipts.receipt_pdf(payment))
    for words in (
        *("幸福里", "安居物业服务有限公司", payment.reference, "物业费2024年3月", "物业费2024年4月"),
        *("98.50m²×2.35元×1月=231.48元", "存入预存款", "50.00", "¥512.96"),
        *("人民币伍佰壹拾贰元玖角陆分", "现金", "吴燕", RARE, "".join(str(home).split())),
    ):
        assert words in said, words
    assert "补打" not in said
    assert "补打" in text_of(receipts.receipt_pdf(payment, is_reprint=True))


def test_receipt__rare_characters__are_drawn_with_the_font_inside(home: Home) -> None:
    """All fonts are in the file, and have an outline for each of the characters."""
    pdf = receipts.receipt_pdf(cash(home, [make_bill(home=home)]))
    assert RARE in text_of(pdf)
    fonts = [font.get_object() for font in PdfReader(BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()]
    assert fonts
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)
    assert "/.notdef" not in text_of(pdf)


def test_receipt__many_bills__goes_on_on_the_next_page(home: Home) -> None:
    item = make_item(estate=home.estate, name="物业费")
    bills = [make_bill(home=home, item=item, period=date(2024, month, 1)) for month in range(1, 13)]
    said = text_of(receipts.receipt_pdf(cash(home, bills)))
    assert all(f"物业费2024年{month}月" in said for month in range(1, 13))
    assert "1/2" in said
    assert "2/2" in said


def at_the_counter(payment: Payment) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(payment.made_by)
    return client


def printed(client: Client, payment: Payment) -> str:
    """Where a print leads to."""
    return client.post(f"/staff/fees/payments/{payment.pk}/print/")["Location"]


def test_print__the_second_one_says_so(home: Home) -> None:
    payment = cash(home, [make_bill(home=home)])
    client = at_the_counter(payment)
    first = client.get(printed(client, payment))
    second = client.get(printed(client, payment))
    assert first["Content-Type"] == "application/pdf"
    assert first["Content-Disposition"] == f'inline; filename="{payment.reference}.pdf"'
    assert "补打" not in text_of(first.content)
    assert "补打" in text_of(second.content)
    assert "补打收据" in client.get(f"/staff/fees/payments/{payment.pk}/").content.decode()


def test_print__a_viewer_that_fetches_it_twice__prints_once(home: Home) -> None:
    payment = cash(home, [make_bill(home=home)])
    client = at_the_counter(payment)
    sheet = printed(client, payment)
    for _n in range(2):
        said = text_of(client.get(sheet).content)
        assert "补打" not in said
        assert "副本" not in said


@pytest.mark.parametrize("role", ["auditor", "front_desk", "cashier"])
def test_receipt__looked_at__is_a_copy_and_uses_up_no_print(role: str, home: Home) -> None:
    payment = cash(home, [make_bill(home=home)])
    looking = Client(headers={"accept-language": "zh-CN"})
    looking.force_login(make_staff(role=role, estate=home.estate))
    said = text_of(looking.get(f"/staff/fees/payments/{payment.pk}/receipt.pdf").content)
    assert "副本" in said
    payment.refresh_from_db()
    assert payment.printed_at is None
    client = at_the_counter(payment)
    assert "补打" not in text_of(client.get(printed(client, payment)).content)


@pytest.mark.parametrize("role", ["auditor", "front_desk"])
def test_print__by_who_takes_no_money__is_forbidden(role: str, home: Home) -> None:
    payment = cash(home, [make_bill(home=home)])
    looking = Client(headers={"accept-language": "zh-CN"})
    looking.force_login(make_staff(role=role, estate=home.estate))
    assert looking.post(f"/staff/fees/payments/{payment.pk}/print/").status_code == 403
    page = looking.get(f"/staff/fees/payments/{payment.pk}/").content.decode()
    assert "打印收据" not in page
    assert "看收据" in page
    # Somebody else's print opens no sheet to hand out.
    sheet = printed(at_the_counter(payment), payment)
    assert "副本" in text_of(looking.get(sheet).content)


def test_receipt__of_ones_own__bears_no_mark_of_the_counter(home: Home) -> None:
    payment = make_payment(bills=[make_bill(home=home)], paid=True)
    client = Client()
    client.force_login(payment.payer)
    said = text_of(client.get(f"/fees/payments/{payment.pk}/receipt.pdf").content)
    assert "补打" not in said
    assert "副本" not in said
    payment.refresh_from_db()
    assert payment.printed_at is None


@pytest.mark.parametrize("name", ["payment_receipt", "payment_receipt_page", "payment_receipt_picture"])
def test_receipt__of_a_payment_that_waits__not_found(name: str, home: Home) -> None:
    payment = make_payment(bills=[make_bill(home=home)])
    client = Client()
    client.force_login(payment.payer)
    assert client.get(reverse(name, args=[payment.pk])).status_code == 404


LONG = "阿卜杜热依木江·买买提艾力·吐尔逊江·阿不都克里木·玉素甫江·艾合买提江·肉孜"


def words_with_sizes(pdf: bytes) -> list[tuple[str, float]]:
    """Each text of the first page with the size that it is printed in."""
    found: list[tuple[str, float]] = []
    PdfReader(BytesIO(pdf)).pages[0].extract_text(
        visitor_text=lambda text, cm, tm, font, size: found.append((text.strip(), size))
    )
    return [(text, size) for text, size in found if text]


@pytest.mark.parametrize("make", [receipts.receipt_pdf, receipt_roll])
def test_receipt__name_of_40_characters__stands_whole_and_no_text_is_a_smear(
    make: Callable[[Payment], bytes], home: Home
) -> None:
    name = LONG.ljust(40, "江")
    found = words_with_sizes(make(cash(home, [make_bill(home=home)], payer_name=name)))
    assert min(size for _text, size in found) >= 8
    assert name in "".join(text for text, _size in found)
    assert not any("…" in text for text, _size in found)


def test_roll__says_what_the_sheet_says_on_80_millimetres(home: Home) -> None:
    item = make_item(estate=home.estate, name="物业费")
    payment = cash(home, [make_bill(home=home, item=item, period=date(2024, 3, 1))], extra_fen=5000)
    pdf = receipt_roll(payment, is_reprint=True)
    assert round(PdfReader(BytesIO(pdf)).pages[0].mediabox.width / mm) == 80
    said = text_of(pdf)
    for words in (
        *("幸福里", "安居物业服务有限公司", payment.reference, "0000001", "物业费2024年3月", "补打"),
        *("98.50m²×2.35元×1月=231.48元", "存入预存款", "50.00", "¥281.48", "现金", "吴燕", RARE),
    ):
        assert words in said, words


def test_print__paper__is_remembered_for_the_cashier(home: Home) -> None:
    payment = cash(home, [make_bill(home=home)])
    client = at_the_counter(payment)
    url = f"/staff/fees/payments/{payment.pk}/print/"
    for typed in ({"paper": "roll"}, {}):
        response = client.post(url, typed, follow=True)
        assert round(PdfReader(BytesIO(response.content)).pages[0].mediabox.width / mm) == 80


def test_receipt__name_of_12_characters__is_made_a_little_smaller(home: Home) -> None:
    name = LONG[:10]
    found = words_with_sizes(receipts.receipt_pdf(cash(home, [make_bill(home=home)], payer_name=name)))
    assert next(size for text, size in found if text == name) >= receipts.MIN_FONT_SIZE


def test_receipt__long_names_of_a_fee_and_of_the_company__are_readable() -> None:
    home = make_home(estate=make_estate(name="幸福里", company=make_company("安居物业服务有限公司" * 9)))
    item = make_item(estate=home.estate, name="电梯及二次供水设施设备运行维护和年度安全检测专项分摊费用收取")
    found = words_with_sizes(receipts.receipt_pdf(cash(home, [make_bill(home=home, item=item)])))
    assert min(size for _text, size in found) >= receipts.MIN_FONT_SIZE
    assert item.name in "".join(text for text, _size in found)


def test_receipt__rare_name__is_drawn_and_a_character_without_outline_is_left_out(home: Home) -> None:
    drawn = TTFont(BytesIO(font_file("𠮷㛃𫖯䶮\U0003fffd")))
    names, glyphs = drawn.getBestCmap(), drawn["glyf"]
    assert all(glyphs[names[ord(one)]].numberOfContours for one in "𠮷㛃𫖯䶮")
    unknown = names[0x3FFFD]
    assert (glyphs[unknown].numberOfContours, drawn["hmtx"][unknown][0]) == (0, 0)
    said = text_of(receipts.receipt_pdf(cash(home, [make_bill(home=home)], payer_name="𠮷㛃𫖯䶮喆堃")))
    assert "𠮷㛃𫖯䶮喆堃" in said


def picture_of(payment: Payment) -> Image.Image:
    return Image.open(BytesIO(receipt_picture(payment)))


def test_receipt_picture__more_bills__is_higher_and_never_wider(home: Home) -> None:
    item = make_item(estate=home.estate)
    bills = [make_bill(home=home, item=item, period=date(2024, month, 1)) for month in (1, 2, 3)]
    few, many = picture_of(cash(home, bills[:1])), picture_of(cash(home, bills[1:]))
    assert few.width == many.width == WIDTH
    assert many.height > few.height + BODY


def test_receipt_picture__long_and_rare_names__stay_inside_the_margins(home: Home) -> None:
    name = RARE + "Wolfeschlegelsteinhausenbergerdorff"
    picture = picture_of(cash(home, [make_bill(home=home)], payer_name=name)).convert("L")
    ink = ImageOps.invert(picture).getbbox()
    assert ink is not None
    assert ink[0] >= MARGIN - 4
    assert ink[2] <= WIDTH - MARGIN + 4


def test_receipt_page__of_ones_own__shows_the_picture_and_says_what_is_on_it(home: Home) -> None:
    payment = make_payment(bills=[make_bill(home=home)], paid=True)
    client = Client()
    client.force_login(payment.payer)
    page = client.get(reverse("payment_receipt_page", args=[payment.pk])).content.decode()
    picture_url = reverse("payment_receipt_picture", args=[payment.pk])
    assert f'src="{picture_url}"' in page
    assert f'alt="收据 {payment.reference}' in page
    assert client.get(picture_url).content.startswith(b"\x89PNG")
