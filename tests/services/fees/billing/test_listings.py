"""Lists of fees: rows typed in the back office or from a spreadsheet, checked alike."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import StaffRole
from community.core import clock
from community.core.errors import ActionError
from community.estates.models import Estate, ImportRun
from services.fees.billing.reach.actions import check_listing
from services.fees.models import FeeItem, FeeListing
from tests.community.admin_pages import signed_in
from tests.community.estates.importing import check, complaints, confirm, sheet
from tests.factories import (
    make_bill,
    make_building,
    make_cashier,
    make_entrance,
    make_estate,
    make_home,
    make_item,
    make_staff,
)

pytestmark = pytest.mark.django_db
HEADINGS = ["收费项目", "楼栋", "单元", "房号", "车位号", "车牌号", "起始日期", "截止日期"]
MODEL = "fees_feelisting"


@pytest.fixture
def estate() -> Estate:
    estate = make_estate()
    entrance = make_entrance(building=make_building(estate=estate, name="1号楼"), name="1单元")
    for number in ("101", "102"):
        make_home(entrance=entrance, number=number)
    return estate


@pytest.fixture
def parking(estate: Estate) -> FeeItem:
    return make_item(estate=estate, name="停车费", basis=FeeItem.Basis.HOME, reach="listed")


def row(item: FeeItem, **given: Any) -> FeeListing:
    fields = {"home": make_home(estate=item.estate), "subject": "A1", "from_on": date(2026, 1, 1)} | given
    by = make_cashier(estate=item.estate)
    return FeeListing(item=item, by=by, created_at=clock.now(), **fields)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "A:1"}, "subject"),
        ({"to_on": date(2025, 12, 31)}, "to_on"),
    ],
)
def test_check__wrong__names_the_field(parking: FeeItem, given: dict[str, Any], field: str) -> None:
    with pytest.raises(ActionError) as refused:
        check_listing(row(parking, **given))
    assert refused.value.field == field


def test_check__home_of_another_estate_or_single_fee__is_refused(estate: Estate, parking: FeeItem) -> None:
    with pytest.raises(ActionError) as refused:
        check_listing(row(parking, home=make_home()))
    assert refused.value.field == "home"
    single = make_item(estate=estate, basis=FeeItem.Basis.SINGLE)
    with pytest.raises(ActionError) as refused:
        check_listing(row(single))
    assert refused.value.field == "item"


def test_check__space_of_another_at_the_same_time__is_refused_until_that_row_ends(parking: FeeItem) -> None:
    first = row(parking)
    first.save()
    with pytest.raises(ActionError, match="listed_already"):
        check_listing(row(parking, from_on=date(2026, 6, 1)))
    first.to_on = date(2026, 5, 31)
    first.save()
    check_listing(row(parking, from_on=date(2026, 6, 1)))


def test_import__good_sheet__is_listed_after_the_yes_and_left_out_the_second_time(
    client: Client, estate: Estate, parking: FeeItem
) -> None:
    signed_in(make_cashier(estate=estate), client)
    rows = [
        ["停车费", "1号楼", "1单元", "101", "A1", "沪a12345", "2026-01-01", None],
        ["停车费", "1号楼", "1单元", "101", "A2", None, "2026年11月10日", "2026-12-31"],
        ["停车费", "1", "1", "102", "A3", "沪B00001", "20260301", ""],
    ]
    checked = check(client, MODEL, estate, sheet(HEADINGS, *rows))
    assert not FeeListing.objects.exists()
    done = confirm(client, MODEL, checked)
    assert done.context["run"].status == ImportRun.Status.DONE
    found = FeeListing.objects.order_by("subject").values_list("subject", "plate", "from_on", "to_on")
    assert list(found) == [
        ("A1", "沪A12345", date(2026, 1, 1), None),
        ("A2", "", date(2026, 11, 10), date(2026, 12, 31)),
        ("A3", "沪B00001", date(2026, 3, 1), None),
    ]
    confirm(client, MODEL, check(client, MODEL, estate, sheet(HEADINGS, *rows)))
    assert FeeListing.objects.count() == 3


def test_import__each_bad_row__is_named_and_nothing_is_listed(
    client: Client, estate: Estate, parking: FeeItem
) -> None:
    signed_in(make_cashier(estate=estate), client)
    good = ["停车费", "1号楼", "1单元", "101", "A1", "", "2026-01-01", ""]
    bad = [
        ["停车", *good[1:]],
        [*good[:3], "999", "A2", "", "2026-01-01", ""],
        [*good[:4], "A3", "", "昨天", ""],
        [*good[:4], "A4", "", "2026-02-30", ""],
        [*good[:4], "A5", "", "2026-02-01", "2026-01-31"],
        [*good[:4], "", "", "2026-01-01", ""],
        good,
    ]
    answer = check(client, MODEL, estate, sheet(HEADINGS, good, *bad))
    assert sorted(complaints(answer)) == list(range(3, 3 + len(bad)))
    assert not FeeListing.objects.exists()


def test_list__found_by_space_plate_and_home(client: Client, estate: Estate, parking: FeeItem) -> None:
    home = make_home(
        entrance=make_entrance(building=make_building(estate=estate, name="9号楼")), number="901"
    )
    row(parking, home=home, plate="沪A12345").save()
    row(parking, subject="B2", plate="沪B22222").save()
    client.force_login(make_cashier(estate=estate))
    for words in ("a1", "沪A12345", "901"):
        page = client.get(f"/staff/fees/items/{parking.pk}/list/", {"words": words}).content.decode()
        assert ("沪A12345" in page, "沪B22222" in page) == (True, False), words


def test_admin__row_with_bills__keeps_its_space_and_can_be_ended(parking: FeeItem) -> None:
    listed = row(parking)
    listed.save()
    bill = make_bill(home=listed.home, item=parking, subject="A1", amount_fen=15000)
    run = bill.item.runs.create(
        estate=parking.estate,
        period=bill.period,
        begun_by=listed.by,
        created_at=clock.now(),
        status_changed_at=clock.now(),
        status="done",
    )
    type(bill).objects.filter(pk=bill.pk).update(run=run)
    client = signed_in(make_staff(estate=parking.estate, role=StaffRole.Role.MANAGER))
    path = f"/admin/fees/feelisting/{listed.pk}/change/"
    client.post(path, {"plate": "", "to_on": "2026-11-30", "subject": "ZZ"})
    listed.refresh_from_db()
    assert (listed.subject, listed.to_on) == ("A1", date(2026, 11, 30))
    assert client.post(f"/admin/fees/feelisting/{listed.pk}/delete/", {"post": "yes"}).status_code == 403


def test_admin__front_desk__may_look_only(parking: FeeItem) -> None:
    client = signed_in(make_staff(estate=parking.estate, role=StaffRole.Role.FRONT_DESK))
    assert client.get("/admin/fees/feelisting/add/").status_code == 403
