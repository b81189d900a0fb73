"""What an editor, a paste or a printer makes of a text: no script gets through, and nothing takes long."""

from html.parser import HTMLParser
from time import process_time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import typed_text
from community.notices import body
from community.notices.models import Notice
from community.notices.poster import poster_pdf
from tests.community.notices.desk import api, estate_of, signed_in, write
from tests.factories import make_home, make_notice, make_resident

pytestmark = pytest.mark.django_db

EVIL = (
    '<p onclick="steal()">停水</p><script>alert(1)</script><img src=x onerror=alert(1)>'
    '<a href="javascript:alert(1)">点我</a><a href="//evil.example/">这里</a>'
    '<a href="https://ok.example/?a=1&b=2" onmouseover=alert(1) style="position:fixed">好的</a>'
    '<iframe src="https://evil.example">'
    '</iframe><svg onload=alert(1)><style>*{display:none}</style><form action="/x"><input name=a></form>'
)


class Evil(HTMLParser):
    """Whatever a browser would run, fetch or follow that is not ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("img", "iframe", "style") or (tag == "script" and "src" not in given):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on") or name == "style"]
        where = str(given.get("href") or given.get("src") or "")
        if where.startswith(("javascript:", "//")) or "evil" in where:
            self.found.append(where)


def evil_in(html: str) -> list[str]:
    reader = Evil()
    reader.feed(html)
    return reader.found


@pytest.mark.parametrize("written_as", ["html", "text"])
def test_script__in_the_text__never_reaches_a_page(clerk: User, written_as: str) -> None:
    assert write(clerk, body=EVIL, written_as=written_as).status_code == 302
    notice = Notice.objects.get()
    reader = make_resident(home=make_home(estate=estate_of(clerk)))
    Notice.objects.update(status="published", published_at=notice.created_at)
    pages = [
        signed_in(reader).get(reverse("notice", args=[notice.pk])),
        Client().get(reverse("notice_by_code", args=[notice.code])),
        signed_in(clerk).get(reverse("staff_notice", args=[notice.pk])),
        signed_in(clerk).get(reverse("staff_notice_edit", args=[notice.pk])),
    ]
    for page in pages:
        assert page.status_code == 200
        assert "停水" in page.content.decode()
        assert evil_in(page.content.decode()) == []
    if written_as == "html":
        assert notice.body == (
            '<p>停水</p><p>点我这里<a href="https://ok.example/?a=1&amp;b=2" rel="noopener noreferrer">好的</a></p>'
        )


def test_script__in_the_title__is_text(clerk: User) -> None:
    assert write(clerk, title="<script>alert(1)</script>").status_code == 302
    notice = Notice.objects.get()
    html = signed_in(clerk).get(reverse("staff_notice", args=[notice.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html


def test_api__script__is_cleaned_and_a_strangers_places_are_refused(clerk: User) -> None:
    estate = estate_of(clerk)
    sent = {"estate": estate.pk, "title": "停水", "body": EVIL, "written_as": "html"}
    answer = api(clerk, "api_desk_notices", sent)
    assert answer.status_code == 201
    assert "script" not in answer.json()["body"]
    stranger = make_home()
    answer = api(clerk, "api_desk_notices", sent | {"scope": "homes", "homes": [stranger.pk]})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["homes"])
    assert Notice.objects.count() == 1


@pytest.mark.parametrize(
    "text",
    [
        "各位邻居：\n\n明天**停水**，请储水。\n第二行 https://a.cn/x?a=1&b=2。",
        "## 时间\n\n- 3、4号楼\n- 5号楼\n\n1. 关阀\n2. 开阀\n\n[服务台](tel:0570-5550188)",
    ],
)
def test_body__as_text_and_back__is_the_same(text: str) -> None:
    html = body.from_text(text)
    assert body.as_text(html) == text
    assert body.clean(html) == html


def test_body__marks_that_nobody_sees_and_heaps_of_marks__are_taken_off() -> None:
    assert typed_text.clean("停\u202e水\u200b") == "停水"
    assert len(typed_text.clean("A" + "\u0301\u0302\u0303" * 50)) <= 3


@pytest.mark.parametrize(
    "text", ["水" * 5000, "！" * 4000 + "水", "a" * 3000, "# 😀 水\n- 一\n1. 二", "\n".join("行" * 400)]
)
def test_poster__whatever_the_text__is_one_page(text: str) -> None:
    pdf = poster_pdf(make_notice(text=text, title="镕喆堃㛃" * 7))
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") == 1


def _seconds(act: Any) -> float:
    began = process_time()
    act()
    return process_time() - began


@pytest.mark.parametrize(
    "act",
    [
        lambda: body.from_text("[" * 20_000),
        lambda: body.clean("x" + "<br>" * 10_000 + "x"),
        # As one may stand in the database: read by every reader.
        lambda: body.plain("<p>x" + "<br>" * 10_000 + "x</p>"),
        lambda: typed_text.clean("e\u0301" * 30_000),
    ],
)
def test_body__made_to_take_long__does_not(act: Any) -> None:
    assert _seconds(act) < 1


def test_body__many_line_breaks__are_two_at_most() -> None:
    assert body.clean("停水<br><br><br> <br><br>三天<br><br>止<br>") == "<p>停水<br><br>三天<br><br>止</p>"
