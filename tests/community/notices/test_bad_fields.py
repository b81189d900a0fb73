"""Fields that people and programs fill in badly: said in plain words, at the field; filled in well, all goes on."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.notices.models import Notice
from tests.community.notices.desk import api, estate_of, given, signed_in, write
from tests.factories import make_building, make_entrance, make_home, make_notice, make_resident
from tests.support.access_rows import api_headers

pytestmark = pytest.mark.django_db

FLOOD = "😀" * 3000
FAR_OFF = "日期离今天太远了，请重新选择。"


# -- The page


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"title": ""}, "title", "请写标题。"),
        ({"title": "水" * 31}, "title", "太长了，请不要超过 30 个字。"),
        ({"title": "！！！"}, "title", "请用文字说明。"),
        ({"title": "停水😀😀😀😀"}, "title", "表情最多用 3 个：朗读时每个都会念出来。"),
        ({"body": " \n "}, "body", "请写正文。"),
        ({"body": "水" * 10_000}, "body", "太长了，请不要超过 5000 个字。"),
        (
            {"body": "<p>" + "水" * 10_000 + "</p>", "written_as": "html"},
            "body",
            "太长了，请不要超过 5000 个字。",
        ),
        ({"body": "水" * 100_000}, "body", "太长了，请不要超过 5000 个字。"),
        ({"body": FLOOD}, "body", "请用文字说明。"),
        ({"body": "停水" + FLOOD}, "body", "表情最多用 20 个：朗读时每个都会念出来。"),
        ({"body": "<script>alert(1)</script>", "written_as": "html"}, "body", "请写正文。"),
        ({"kind": "nonsense"}, "kind", "请选一个"),
        ({"scope": "nonsense"}, "scope", "请选一个"),
        ({"scope": "group", "group": "renovation:1"}, "scope", "请选一个"),
        ({"scope": "buildings"}, "buildings", "请至少选一个"),
        ({"scope": "buildings", "buildings": "x' OR 1=1"}, "buildings", "请在本小区内选择。"),
        ({"scope": "entrances", "entrances": "99999999"}, "entrances", "请在本小区内选择。"),
        ({"scope": "homes", "homes": ""}, "homes", "请至少选一个"),
        ({"scope": "buildings", "buildings": "9" * 30}, "buildings", "请在本小区内选择。"),
        ({"scope": "entrances", "entrances": "9" * 5000}, "entrances", "请在本小区内选择。"),
        ({"ends_at": "明天"}, "ends_at", "请写明日期和时间，例如 2026-11-25 09:00。"),
        ({"ends_at": "0001-01-01T00:00"}, "ends_at", FAR_OFF),
        ({"ends_at": "9999-12-31T23:59"}, "ends_at", FAR_OFF),
        # Letters by name, and nothing to see.
        ({"title": "\u3164"}, "title", "请写标题。"),
        ({"title": "\u115f\u1160\uffa0\u00ad"}, "title", "请写标题。"),
        ({"body": "\u3164"}, "body", "请写正文。"),
        ({"body": "<p>&#x3164;&#x202e;</p>", "written_as": "html"}, "body", "请写正文。"),
    ],
)
def test_form__bad_input__is_named_and_nothing_is_lost(
    clerk: User, changes: dict[str, Any], field: str, words: str
) -> None:
    answer = write(clerk, **changes)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert [str(error) for error in form.errors[field]] == [words]
    html = answer.content.decode()
    assert words in html
    kept = given(**changes)
    if "title" not in changes:
        assert kept["title"] in html
    if "body" not in changes:
        assert kept["body"] in html
    assert not Notice.objects.exists()


def test_form__another_estates_places__are_not_there(clerk: User) -> None:
    home = make_home()
    for changes in (
        {"scope": "buildings", "buildings": home.entrance.building_id},
        {"scope": "entrances", "entrances": home.entrance_id},
        {"estate": home.estate.pk},
    ):
        assert write(clerk, **changes).status_code in (404, 422)
    assert not Notice.objects.exists()


def test_form__homes_by_a_list__the_wrong_ones_are_named(clerk: User) -> None:
    entrance = make_entrance(building=make_building(estate=estate_of(clerk), name="3号楼"), name="2单元")
    homes = [make_home(entrance=entrance, number=number) for number in ("501", "502")]
    answer = write(clerk, scope="homes", homes="3-2-501、3号楼 2单元 502, 3-2-999\n<b>9</b>")
    assert answer.status_code == 422
    words = "本小区没有找到：3-2-999、&lt;b&gt;9&lt;/b&gt;"
    assert words in answer.content.decode()
    assert "3号楼 2单元 502" in answer.content.decode()
    assert write(clerk, scope="homes", homes="3-2-501、3号楼 2单元 502, 3-2-501").status_code == 302
    assert sorted(Notice.objects.get().homes().values_list("pk", flat=True)) == [home.pk for home in homes]


def test_form__sent_twice__keeps_one_draft(clerk: User) -> None:
    key = str(uuid4())
    first, second = write(clerk, key=key), write(clerk, key=key)
    assert first["Location"] == second["Location"]
    assert Notice.objects.count() == 1


def test_form__sent_again_with_other_words__keeps_them_and_says_so(clerk: User) -> None:
    key = str(uuid4())
    write(clerk, key=key)
    for changes in ({"title": "后天停水"}, {"body": "请多储水。"}, {"ends_at": "2099-01-01T08:00"}):
        answer = write(clerk, key=key, **changes)
        assert answer.status_code == 422
        html = answer.content.decode()
        assert "这份草稿之前已经保存过" in html
        assert given(**changes)["title"] in html
        assert given(**changes)["body"] in html
    assert Notice.objects.get().title == "明天停水"
    # The page came back with a key of its own: kept once more, it is another draft.
    again = str(answer.context["key"])
    assert again != key
    assert write(clerk, key=again, title="后天停水").status_code == 302
    assert sorted(Notice.objects.values_list("title", flat=True)) == ["后天停水", "明天停水"]


@pytest.mark.parametrize(
    ("verb", "status", "data", "words"),
    [
        ("schedule", "draft", {"publish_at": "9999-12-31T23:59", "homes_shown": "1"}, FAR_OFF),
        ("schedule", "draft", {"publish_at": "0001-01-01T00:00", "homes_shown": "1"}, FAR_OFF),
        ("schedule", "draft", {"publish_at": "", "homes_shown": "1"}, "请选择时间。"),
        ("schedule", "draft", {"publish_at": "2020-01-01T08:00", "homes_shown": "1"}, "请选择将来的时间。"),
        ("schedule", "draft", {"publish_at": "bald", "homes_shown": "1"}, "请写明日期和时间"),
        ("publish", "draft", {"homes_shown": "7"}, "这条紧急公告会发给 1 户，请确认这个数字。"),
        ("publish", "draft", {}, "这条紧急公告会发给 1 户，请确认这个数字。"),
        ("withdraw", "published", {"reason": "  "}, "请写明原因。"),
        ("withdraw", "published", {"reason": "水" * 300}, "太长了，请不要超过 200 个字。"),
    ],
)
def test_verb__bad_input__is_refused_in_words_and_nothing_moves(
    clerk: User, verb: str, status: str, data: dict[str, str], words: str
) -> None:
    make_home(estate=estate_of(clerk))
    notice = make_notice(estate=estate_of(clerk), status=status, is_urgent=True)
    answer = signed_in(clerk).post(reverse("staff_notice_act", args=[notice.pk, verb]), data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    notice.refresh_from_db()
    assert notice.status == status


def test_addresses__with_nonsense__answer_as_for_nothing(clerk: User) -> None:
    client = signed_in(clerk)
    assert client.get("/staff/notices/?estate=x").status_code == 404
    assert client.get("/staff/notices/?state=x&kind=%00&before=1-1-1").status_code == 200
    assert client.get("/notices/?before=99999999999999999999-1").status_code == 200
    assert client.get("/n/XXXXXXX/").status_code == 404
    assert client.post("/staff/notices/999/do/publish/").status_code == 404


# -- The API


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "水" * 31}, "title"),
        ({"title": None}, "title"),
        ({"title": ["a"]}, "title"),
        ({"body": "水" * 10_000}, "body"),
        ({"body": FLOOD}, "body"),
        ({"body": "<script>x</script>", "written_as": "html"}, "body"),
        ({"written_as": "markdown"}, "written_as"),
        ({"kind": "x"}, "kind"),
        ({"scope": "x"}, "scope"),
        ({"scope": "homes", "homes": []}, "homes"),
        ({"scope": "homes", "homes": [2**70]}, "homes"),
        ({"scope": "buildings", "buildings": "x"}, "buildings"),
        ({"scope": "group", "group": "x:1"}, "group"),
        ({"ends_at": "bald"}, "ends_at"),
        ({"ends_at": "0001-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": "9999-12-31T12:00:00+08:00"}, "ends_at"),
        ({"title": "\u3164"}, "title"),
        ({"estate": 999_999}, "estate"),
        ({"key": "x"}, "key"),
    ],
)
def test_api__bad_input__names_the_field(clerk: User, changes: dict[str, Any], field: str) -> None:
    sent = {"estate": estate_of(clerk).pk, "title": "停水", "body": "请储水。", **changes}
    answer = api(clerk, "api_desk_notices", sent)
    assert answer.status_code in (400, 409)
    assert answer["Content-Type"] == "application/problem+json"
    assert field in answer.json()["errors"]
    assert not Notice.objects.exists()


def test_api__publish_at_the_end_of_time__names_the_field(clerk: User) -> None:
    make_home(estate=estate_of(clerk))
    notice = make_notice(estate=estate_of(clerk), status="draft")
    answer = api(clerk, "api_notice_publish", {"publish_at": "9999-12-31T12:00:00+08:00"}, notice.pk)
    assert (answer.status_code, list(answer.json()["errors"])) == (409, ["publish_at"])
    notice.refresh_from_db()
    assert notice.status == "draft"


def test_api__same_key_with_other_words__is_refused(clerk: User) -> None:
    sent = {"estate": estate_of(clerk).pk, "title": "停水", "body": "请储水。", "key": str(uuid4())}
    first, second = (api(clerk, "api_desk_notices", sent) for _time in range(2))
    assert first.json()["id"] == second.json()["id"]
    other = api(clerk, "api_desk_notices", sent | {"body": "请多储水。"})
    assert (other.status_code, other.json()["code"]) == (409, "key_used")
    assert Notice.objects.count() == 1


def test_api__from_draft_to_read(clerk: User) -> None:
    estate = estate_of(clerk)
    reader = make_resident(home=make_home(estate=estate))
    sent = {"estate": estate.pk, "title": "停水", "body": "请储水。", "is_urgent": True}
    pk = api(clerk, "api_desk_notices", sent).json()["id"]
    refused = api(clerk, "api_notice_publish", {}, pk)
    assert (refused.status_code, refused.json()["code"]) == (409, "confirm_homes")
    assert api(clerk, "api_notice_publish", {"homes": 1}, pk).json()["status"] == "published"
    client = Client(headers=api_headers(reader))
    [row] = client.get(reverse("api_notices")).json()["results"]
    assert (row["text"], row["is_read"]) == ("请储水。", False)
    assert api(reader, "api_notice_read", {}, pk).json()["is_read"] is True
    reading = Client(headers=api_headers(clerk)).get(reverse("api_notice_reading", args=[pk])).json()
    assert (reading["homes"], reading["read"], reading["to_knock"]) == (1, 1, [])
    assert api(clerk, "api_notice_withdraw", {"reason": "改期"}, pk).json()["status"] == "withdrawn"
    gone = client.get(reverse("api_notice", args=[pk])).json()
    assert (gone["body"], gone["status"]) == ("", "withdrawn")
