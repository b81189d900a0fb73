"""The pages of a notice: who sees what, what stands on the home page, what leaves the house."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import StaffRole, User
from community.core import clock
from community.core.models import AuditRecord
from community.notices import actions, audiences
from community.notices.models import Notice, NoticeReading
from community.notifications import messages
from community.notifications.models import OutboxMessage
from services.renovation.models import Participation
from tests.factories import make_building, make_entrance, make_home, make_notice, make_resident, make_staff
from tests.factories.renovation import make_project, make_work_item
from tests.support.access_rows import api_headers

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


def signed_in(user: User, mode: str = "standard") -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    client.cookies["mode"] = mode
    return client


def text_of(user: User, address: str, mode: str = "standard") -> str:
    return str(signed_in(user, mode).get(address).content.decode())


# -- Residents


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_home__pins_what_is_urgent_until_it_is_over(mode: str) -> None:
    home, now = make_home(), clock.now()
    person, stranger = make_resident(home=home), make_resident()
    notice = make_notice(estate=home.estate, title="爆管抢修", is_urgent=True)
    address = reverse("notice", args=[notice.pk])
    assert f'href="{address}"' in text_of(person, "/", mode)
    assert f'href="{address}"' not in text_of(stranger, "/", mode)
    Notice.objects.update(published_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1))
    assert f'href="{address}"' not in text_of(person, "/", mode)
    assert "已过期" in text_of(person, address, mode)


def test_home__large__several_urgent_ones__wait_together() -> None:
    home = make_home()
    for title in ("爆管", "停电"):
        make_notice(estate=home.estate, title=title, is_urgent=True)
    page = text_of(make_resident(home=home), "/", "large")
    assert "等您办 2 件" in page
    assert 'href="/waiting/"' in page
    assert 'data-free href="/notices/' not in page


def test_list__goes_on_by_key_and_marks_what_is_unread() -> None:
    home, now = make_home(), clock.now()
    person = make_resident(home=home)
    clerk = make_staff(estate=home.estate)
    for number in range(25):
        at = now - timedelta(hours=number)
        make_notice(estate=home.estate, title=f"第{number}条", by=clerk, at=at)
    client = signed_in(person)
    first = client.get("/notices/")
    assert first.content.decode().count("rowl unread") == 20
    second = client.get(first.context["older_url"])
    assert second.content.decode().count("rowl unread") == 5
    client.get(reverse("notice", args=[Notice.objects.get(title="第0条").pk]))
    assert client.get("/notices/").content.decode().count("rowl unread") == 19


def test_notice__withdrawn__says_so_and_shows_no_text() -> None:
    home = make_home()
    person = make_resident(home=home)
    notice = make_notice(estate=home.estate, status=Notice.Status.WITHDRAWN, text="请储水。")
    page = text_of(person, reverse("notice", args=[notice.pk]))
    assert "这条公告已撤回" in page
    assert "请储水" not in page
    assert not NoticeReading.objects.exists()
    anybody = Client(headers={"accept-language": "zh-CN"}).get(f"/n/{notice.code}/").content.decode()
    assert "请储水" not in anybody


def test_code__of_a_draft_or_of_anothers_home__is_not_there() -> None:
    home = make_home()
    draft = make_notice(estate=home.estate, status=Notice.Status.DRAFT)
    private = make_notice(estate=home.estate, homes=[home])
    assert Client().get(f"/n/{draft.code}/").status_code == 404
    assert signed_in(make_resident()).get(f"/n/{private.code}/").status_code == 404
    led = signed_in(make_resident(home=home)).get(f"/n/{private.code}/")
    assert led["Location"] == reverse("notice", args=[private.pk])


def test_sms__is_short_and_has_no_emoji() -> None:
    home = make_home()
    make_resident(home=home)
    notice = make_notice(
        estate=home.estate, title="今晚停水😀" + "水" * 24, is_urgent=True, told_at=None, told_upto=0
    )
    actions.notify_next_batch(notice.pk, now=clock.now())
    row = OutboxMessage.objects.get(channel="sms")
    sent = messages.sms_params(row.template, row.params)
    assert sent == {"estate": home.estate.name, "short": "今晚停水" + "水" * 24}
    assert all(len(value) <= 35 for value in sent.values())


def test_notice__an_open_page_that_looks_again__reads_no_new_edition() -> None:
    home = make_home()
    person = make_resident(home=home)
    notice = make_notice(estate=home.estate)
    text_of(person, f"/notices/{notice.pk}/")
    Notice.objects.update(edition=2, title="后天停水")
    assert "后天停水" in text_of(person, f"/notices/{notice.pk}/live/")
    assert not NoticeReading.objects.filter(edition=2).exists()
    text_of(person, f"/notices/{notice.pk}/")
    assert NoticeReading.objects.filter(edition=2).exists()


# -- Staff


def test_edit__scheduled_to_urgent__says_that_it_is_a_draft_again() -> None:
    home = make_home()
    clerk = make_staff(role=Role.MANAGER, estate=home.estate)
    at = clock.now() + timedelta(hours=1)
    notice = make_notice(estate=home.estate, status=Notice.Status.SCHEDULED, at=at, by=clerk)
    given = {"title": notice.title, "kind": notice.kind, "body": "停水", "scope": "estate", "is_urgent": "on"}
    answer = signed_in(clerk).post(reverse("staff_notice_edit", args=[notice.pk]), given, follow=True)
    assert "这条公告又是草稿了" in answer.content.decode()
    notice.refresh_from_db()
    assert notice.status == Notice.Status.DRAFT


def test_desk_api__as_many_queries_for_20_notices_as_for_2() -> None:
    home = make_home()
    clerk = make_staff(role=Role.MANAGER, estate=home.estate)
    client = Client(headers=api_headers(clerk))

    def queries(count: int) -> int:
        for _n in range(count):
            make_notice(estate=home.estate, by=clerk, status=Notice.Status.DRAFT)
        with CaptureQueriesContext(connection) as found:
            rows = client.get(reverse("api_desk_notices")).json()["results"]
        assert "publish_notice" in rows[0]["verbs"]
        return len(found)

    queries(1)
    assert queries(1) == queries(18)


def test_staff_list__filters__and_of_ones_own_estate_only() -> None:
    home = make_home()
    clerk = make_staff(role=Role.MANAGER, estate=home.estate)
    make_notice(estate=home.estate, title="已发的", by=clerk)
    make_notice(estate=home.estate, title="还没发", by=clerk, status=Notice.Status.DRAFT)
    make_notice(title="别处的")
    page = text_of(clerk, "/staff/notices/")
    assert "已发的" in page
    assert "还没发" in page
    assert "别处的" not in page
    drafts = text_of(clerk, "/staff/notices/?state=draft")
    assert "还没发" in drafts
    assert "已发的" not in drafts


def test_staff_list__draft_thrown_away__asks_first_and_leaves_the_list() -> None:
    clerk = make_staff(role=Role.FRONT_DESK)
    estate = clerk.staff_roles.get().estate
    draft = make_notice(estate=estate, title="不要了", by=clerk, status=Notice.Status.DRAFT)
    address = reverse("staff_notice_act", args=[draft.pk, "discard"])
    assert address in text_of(clerk, reverse("staff_notice", args=[draft.pk]))
    assert "要删掉这份草稿吗？" in text_of(clerk, address)
    assert "不要了" in text_of(clerk, "/staff/notices/")
    answer = signed_in(clerk).post(address, follow=True)
    assert "已删掉" in answer.content.decode()
    assert address not in answer.content.decode()
    assert "不要了" not in text_of(clerk, "/staff/notices/")
    assert "不要了" in text_of(clerk, "/staff/notices/?state=discarded")
    assert signed_in(clerk).get(reverse("staff_notice_poster", args=[draft.pk])).status_code == 404


def sheet_of(user: User, notice: Notice) -> Any:
    return signed_in(user).get(reverse("staff_notice_sheet", args=[notice.pk]))


def test_sheet__lists_the_doors_that_need_a_knock__and_is_on_record() -> None:
    entrance = make_entrance(building=make_building(name="=3号楼"), name="2单元")
    read, unread, nobody = (make_home(entrance=entrance, number=number) for number in ("101", "102", "103"))
    estate = read.estate
    clerk = make_staff(role=Role.FRONT_DESK, estate=estate)
    notice = make_notice(estate=estate, by=clerk)
    actions.read_notice(notice=notice, by=make_resident(home=read), now=clock.now())
    make_resident(home=unread)
    answer = sheet_of(clerk, notice)
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert rows[2:] == [("'=3号楼", "2单元", "102", "未读"), ("'=3号楼", "2单元", "103", "无人登记")]
    assert nobody.number == "103"
    record = AuditRecord.objects.get(action="export.notice_doors")
    assert (record.actor, record.detail) == (clerk, {"rows": 2})
    assert sheet_of(make_staff(role=Role.AUDITOR, estate=estate), notice).status_code == 200
    assert sheet_of(make_staff(role=Role.CASHIER, estate=estate), notice).status_code == 404


def test_doors__page__names_no_reader() -> None:
    home = make_home()
    clerk = make_staff(estate=home.estate, name="周婷")
    notice = make_notice(estate=home.estate, by=clerk)
    actions.read_notice(notice=notice, by=make_resident(home=home, name="王秀英"), now=clock.now())
    for name, args in (
        ("staff_notice_reading", [notice.pk]),
        ("staff_notice_doors", [notice.pk, home.entrance.building_id]),
    ):
        assert "王秀英" not in text_of(clerk, reverse(name, args=args))


def test_group__of_renovation__is_the_homes_without_an_appointment() -> None:
    building = make_building()
    project = make_work_item(project=make_project(buildings=[building])).project
    entrance = make_entrance(building=building)
    waiting, refused = make_home(entrance=entrance), make_home(entrance=entrance)
    Participation.objects.create(
        project=project, home=refused, answer=Participation.Answer.NO, answered_at=clock.now()
    )
    [group] = audiences.groups_in(project.estate)
    assert project.name in group.label
    assert waiting in audiences.homes_in(project.estate, group.value)
    assert refused not in audiences.homes_in(project.estate, group.value)
    stranger = make_home()
    assert not audiences.homes_in(stranger.estate, group.value)
    assert not audiences.homes_in(project.estate, "renovation:x")
    assert not audiences.homes_in(project.estate, "nothing:1")


def test_notice__opened_from_what_waits__leads_back_there() -> None:
    home = make_home()
    client = signed_in(make_resident(home=home))
    address = reverse("notice", args=[make_notice(estate=home.estate, is_urgent=True).pk])
    for before, back in (
        ("https://testserver/waiting/", "/waiting/"),
        ("https://testserver/", "/"),
        ("https://elsewhere.example/x/", "/notices/"),
        ("", "/notices/"),
    ):
        page = client.get(address, headers={"referer": before}).content.decode()
        assert f'class="back" href="{back}"' in page, before
