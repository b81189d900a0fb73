"""The back office's lists: what is found, what leaves as Excel, and what a long one costs."""

import re
from io import BytesIO

import pytest
from django.db.models import Model
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.models import ApiToken, Residency, RosterEntry, StaffRole, User
from community.core import clock
from community.core.exports import harmless
from community.core.models import AuditRecord
from community.desk.models import DayFigure
from community.estates.models import Building, Entrance, Estate, Home
from community.notifications.models import OutboxMessage
from services.care.models import CareService
from services.common.models import Alarm, ResponseClock, Satisfaction
from services.fees.models import FeeItem
from services.repairs.models import Repair
from services.scheduling.models import Resource
from tests import factories as make
from tests.community.admin_pages import list_of, signed_in

Role = StaffRole.Role


@pytest.mark.parametrize("kind", [Estate, Building, Entrance, Resource, FeeItem, CareService, ApiToken])
def test_name__of_a_thing__is_not_called_that_of_a_person(kind: type[Model]) -> None:
    with translation.override("zh-hans"):
        assert str(kind._meta.get_field("name").verbose_name) == "名称"
        assert str(User._meta.get_field("name").verbose_name) == "姓名"


# -- Finding


@pytest.mark.parametrize("typed", ["13912345678", "139 1234 5678", "+8613912345678"])
def test_search__by_a_whole_mobile_number__finds_the_repair(
    estate: Estate, manager: User, typed: str
) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home, phone="+8613912345678"))
    make.make_repair(home=home, resident=make.make_resident(home=home))
    found = signed_in(manager).get(list_of(Repair), {"q": typed}).context["cl"].result_list
    assert list(found) == [repair]


def test_search__by_name_home_and_reference__finds_the_repair(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate, number="501")
    repair = make.make_repair(home=home, resident=make.make_resident(home=home, name="欧阳喆"))
    other = make.make_home(estate=estate, number="777")
    make.make_repair(home=other, resident=make.make_resident(home=other, name="李四"))
    client = signed_in(manager)
    for typed in ("欧阳", repair.reference, f"{home.entrance.building} 501"):
        assert repair in client.get(list_of(Repair), {"q": typed}).context["cl"].result_list, typed
    assert list(client.get(list_of(Repair), {"q": "欧阳"}).context["cl"].result_list) == [repair]


def test_repair_list__filters_by_state(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    make.make_repair(home=home, resident=make.make_resident(home=home))
    client = signed_in(manager)
    assert len(client.get(list_of(Repair), {"status__exact": "new"}).context["cl"].result_list) == 1
    assert len(client.get(list_of(Repair), {"status__exact": "done"}).context["cl"].result_list) == 0


def test_repair_list__offers_the_kinds_that_it_has(estate: Estate, manager: User) -> None:
    used, unused = (make.make_category(estate=estate, name=name) for name in ("水电", "门窗"))
    make.make_repair(
        home=make.make_home(estate=estate), category=make.make_category(parent=used, name="水管漏水")
    )
    make.make_category(parent=unused, name="门锁")
    elsewhere = make.make_category(estate=make.make_estate(), name="电梯")
    make.make_repair(
        category=make.make_category(parent=elsewhere), home=make.make_home(estate=elsewhere.estate)
    )
    page = signed_in(manager).get(list_of(Repair)).content.decode()
    offered = re.findall(r"category__parent__id__exact=(\d+)", page)
    assert set(offered) == {str(used.pk)}


def test_repair_list__every_state__is_said_in_words(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    for status in Repair.Status:
        make.make_repair(home=home, status=status)
    page = signed_in(manager).get(list_of(Repair)).content.decode()
    assert "已受理" in page
    assert not re.search(r">\s*(accepted|in_work|waiting_for_parts)\s*<", page)


def test_satisfaction_and_messages__are_named_in_words(estate: Estate, manager: User) -> None:
    resident, now = make.make_resident(home=make.make_home(estate=estate)), clock.now()
    Satisfaction.objects.create(
        estate=estate, service="repairs", reference="R-1", face=3, given_by=resident, at=now
    )
    OutboxMessage.objects.create(
        key="k", channel="sms", recipient=resident, template="repair_done", next_try_at=now, created_at=now
    )
    client = signed_in(manager)
    for model, words, name in ((Satisfaction, "报修", "repairs"), (OutboxMessage, "修好了", "repair_done")):
        page = client.get(list_of(model)).content.decode()
        assert re.search(rf">\s*{words}\s*<", page)
        assert not re.search(rf">\s*{name}\s*<", page)


# -- Excel


def test_export__repairs__has_the_rows_of_ones_estates_and_is_on_record(
    estate: Estate, manager: User
) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home), description="=1+1")
    other = make.make_home()
    make.make_repair(home=other, resident=make.make_resident(home=other))
    answer = signed_in(manager).get(reverse("admin:repairs_repair_export"))
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.values)
    assert len(rows) == 2
    assert repair.reference in rows[1]
    assert "'=1+1" in rows[1]
    assert AuditRecord.objects.get(action="export.repairs.repair").detail["rows"] == 1


def test_export__what_is_counted_and_measured__is_all_in_chinese(estate: Estate, manager: User) -> None:
    now, person = clock.now(), make.make_resident(home=make.make_home(estate=estate), name="欧阳喆")
    common = {"estate": estate, "service": "repairs", "reference": "R-1"}
    Satisfaction.objects.create(**common, face=3, given_by=person, at=now)
    ResponseClock.objects.create(**common, minutes=60, started_at=now, due_at=now)
    Alarm.objects.create(estate=estate, title="漏水", place="3号楼", raised_by=person, raised_at=now)
    figures = {"day": now.date(), "numerator": 1, "denominator": 2, "estate": estate}
    DayFigure.objects.create(measure="first_answer", dimension="repairs", **figures)
    DayFigure.objects.create(measure="use", dimension="any", **figures)
    for model, words in (
        (Satisfaction, {"报修", "满意"}),
        (ResponseClock, {"报修"}),
        (Alarm, {"报修", "漏水", "欧阳喆"}),
        (DayFigure, {"首次答复及时率", "报修", "住户使用率", "不分版本", "50.0%"}),
    ):
        name = model._meta.label_lower.replace(".", "_")
        answer = signed_in(manager).get(reverse(f"admin:{name}_export"))
        headers, *rows = load_workbook(BytesIO(answer.content)).active.values
        assert not re.search("[A-Za-z_]", "".join(headers)), headers
        cells = {str(cell) for row in rows for cell in row if cell is not None} - {"R-1"}
        assert cells >= words | {"幸福里"}, model
        assert not [cell for cell in cells if re.search("[A-Za-z_]", cell)], model


def test_export__without_the_right__is_refused(estate: Estate) -> None:
    client = signed_in(make.make_staff(role=Role.FRONT_DESK, estate=estate))
    assert client.get(reverse("admin:repairs_repair_export")).status_code == 403


@pytest.mark.parametrize("evil", ["=cmd()", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_export__text_like_a_formula__is_defused(evil: str) -> None:
    assert harmless(evil) == f"'{evil}"
    assert harmless("一般的话") == "一般的话"


# -- Cost


@pytest.mark.parametrize("model", [Repair, Home, RosterEntry, Residency, User])
def test_lists__queries__are_the_same_with_10_and_with_1000_rows(
    estate: Estate, manager: User, model, django_assert_max_num_queries
) -> None:
    client, entrance, counts = signed_in(manager), make.make_home(estate=estate).entrance, []
    for rows in (10, 990):
        fill(rows, entrance)
        with django_assert_max_num_queries(60) as asked:
            client.get(list_of(model))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def fill(count: int, entrance: Entrance) -> None:
    """So many homes, each with its resident, roster entry and repair."""
    now, begun = clock.now(), Home.objects.count()
    category = make.make_category(estate=entrance.building.estate)
    homes = Home.objects.bulk_create(
        Home(entrance=entrance, number=f"N{begun + n}", floor=1, area_dm2=5000) for n in range(count)
    )
    people = User.objects.bulk_create(User(name="住户", phone=make.next_phone()) for _home in homes)
    pairs = list(zip(homes, people, strict=True))
    RosterEntry.objects.bulk_create(RosterEntry(home=h, name=p.name, phone=p.phone) for h, p in pairs)
    Residency.objects.bulk_create(
        Residency(user=p, home=h, kind="owner", status="active", created_at=now, status_changed_at=now)
        for h, p in pairs
    )
    Repair.objects.bulk_create(
        Repair(
            estate=category.estate,
            home=h,
            category=category,
            resident=p,
            reported_by=p,
            reference=f"R-{p.pk}",
            created_at=now,
            status_changed_at=now,
        )
        for h, p in pairs
    )


# -- Weight


def test_list__of_more_rows__grows_by_little_more_than_what_it_says(estate: Estate, manager: User) -> None:
    """Classes in each cell made a row five kilobytes long."""
    home, client, weights = make.make_home(estate=estate), signed_in(manager), []
    for _page in range(2):
        for _row in range(5):
            make.make_repair(home=home)
        weights.append(len(client.get(list_of(Repair)).content))
    assert weights[1] - weights[0] < 5 * 2500
