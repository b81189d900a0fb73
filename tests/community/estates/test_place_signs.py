"""The printed sign: its code leads to the place, its text is all there, rare characters too."""

from io import BytesIO

import pytest
from django.test import Client
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from accounts.models import StaffRole
from community.core.font_cutting import cut
from community.estates.models import Estate
from community.estates.place_signs import sign_sheets, sign_url, spaced
from tests import factories as make

RARE = "镕喆堃㛃䶮翀"


def client_of(role: str, estate: Estate) -> Client:
    client = Client()
    user = make.make_staff(role=role, estate=estate)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_cut__rare_characters__are_in_the_font_as_truetype_outlines() -> None:
    font = TTFont(BytesIO(cut(RARE)))
    assert set(map(ord, RARE)) <= set(font.getBestCmap())
    assert "glyf" in font
    assert all(font["glyf"][font.getBestCmap()[ord(one)]].numberOfContours > 0 for one in RARE)
    assert len(cut(RARE)) < 30_000


def outline(font: TTFont, character: str) -> list[tuple[int, int]]:
    return list(font["glyf"][font.getBestCmap()[ord(character)]].coordinates)


def test_cut__characters_that_the_font_lacks__come_from_another() -> None:
    font = TTFont(BytesIO(cut("吉𠮷𠀋")))
    box = outline(font, "吉"), list(font["glyf"][".notdef"].coordinates)
    for rare in "𠮷𠀋":
        assert len(outline(font, rare)) > 20
        assert outline(font, rare) not in box
        assert font["hmtx"][font.getBestCmap()[ord(rare)]][0] == 1000


def test_cut__characters_that_no_font_has__are_left_out_without_room() -> None:
    """A box says nothing to who reads the paper; the text of the PDF keeps the character."""
    font = TTFont(BytesIO(cut("\U0002a6a5吉")))
    name = font.getBestCmap()[0x2A6A5]
    assert font["glyf"][name].numberOfContours == 0
    assert font["hmtx"][name][0] == 0
    assert len(outline(font, "吉")) > 4


def test_cut__unseen_characters__take_no_room() -> None:
    font = TTFont(BytesIO(cut("王\u200b\ufe0f")))
    assert font["hmtx"][font.getBestCmap()[0x200B]][0] == 0


@pytest.mark.parametrize("size", ["a4", "a5"])
def test_sign_sheets__one_page_a_place__with_its_words_and_its_font_inside(db: None, size: str) -> None:
    estate = make.make_estate(name="幸福里㛃", desk_phone="0570-5550188")
    places = [make.make_place(estate=estate, name=name) for name in ("镕喆堃亭", "3号楼2单元楼道")]
    pdf = sign_sheets(places, size=size)
    pages = PdfReader(BytesIO(pdf)).pages
    assert len(pages) == 2
    for page, place in zip(pages, places, strict=True):
        text = page.extract_text()
        for words in (place.name, spaced(place.code), "幸福里㛃", "0570-5550188", "Scan to report a repair"):
            assert words in text
        fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
        embedded = [font["/FontDescriptor"] for font in fonts if "/FontDescriptor" in font]
        assert embedded
        assert all("/FontFile2" in descriptor for descriptor in embedded)


def test_sign_url__leads_to_the_place(db: None, settings) -> None:
    settings.PUBLIC_URL = "https://linli.example/"
    place = make.make_place()
    assert sign_url(place) == f"https://linli.example/place/{place.code}/"


def test_signs_page__offers_the_places_of_ones_estates_only(db: None) -> None:
    estate = make.make_estate()
    own, other = make.make_place(estate=estate), make.make_place()
    page = client_of(StaffRole.Role.FRONT_DESK, estate).get("/staff/signs/").content.decode()
    assert own.name in page
    assert other.name not in page


def test_signs_page__print__is_a_pdf_of_what_was_chosen(db: None) -> None:
    estate = make.make_estate()
    place = make.make_place(estate=estate)
    client = client_of(StaffRole.Role.MANAGER, estate)
    answer = client.get("/staff/signs/", {"size": "a5", "places": place.pk})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_signs_page__a_strangers_place_or_none__prints_nothing(db: None) -> None:
    estate = make.make_estate()
    client = client_of(StaffRole.Role.MANAGER, estate)
    for places in ([], [make.make_place().pk]):
        answer = client.get("/staff/signs/", {"size": "a4", "places": places})
        assert answer["Content-Type"].startswith("text/html")
        assert answer.context["form"].errors


@pytest.mark.parametrize(
    "role", [StaffRole.Role.REPAIR_WORKER, StaffRole.Role.CASHIER, StaffRole.Role.AUDITOR]
)
def test_signs_page__others__are_refused(db: None, role: str) -> None:
    assert client_of(role, make.make_estate()).get("/staff/signs/").status_code == 403
