"""The holidays of a year: read out of the announcement, shown, confirmed, and then in force."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.estates import holiday_announcement
from community.estates.calendar import ANNOUNCED, WorkCalendar
from community.estates.models import CalendarDay, Estate
from tests import factories as make
from tests.community.admin_pages import signed_in

YEAR = reverse("admin:estates_calendarday_year")
# 国办发明电〔2025〕7号.
OF_2026 = """
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
"""


def test_read__announcement_of_2026__agrees_with_the_calendar_day_by_day() -> None:
    days = holiday_announcement.read(OF_2026, 2026)
    assert len([one for one in days if not one.is_working]) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    worked = {one.day: one.hours_of for one in days if one.is_working}
    announced = {date(2026, *one[2:4]): date(2026, *one[:2]).weekday() for one in ANNOUNCED[2026]}
    assert worked == announced
    assert {one.name for one in days} >= {"元旦", "春节", "国庆节"}


@pytest.mark.parametrize(
    ("line", "day", "is_working", "name"),
    [
        ("2027-02-06 春节 休", date(2027, 2, 6), False, "春节"),
        ("2027/2/14\t春节\t上班", date(2027, 2, 14), True, "春节"),
        ("２０２７年１０月１日 国庆节", date(2027, 10, 1), False, "国庆节"),
        ("元旦：１月１日（周五）放假１天。", date(2027, 1, 1), False, "元旦"),
    ],
)
def test_read__other_forms__are_understood(line: str, day: date, is_working: bool, name: str) -> None:
    [found] = holiday_announcement.read(line, 2027)
    assert (found.day, found.is_working, found.name) == (day, is_working, name)


@pytest.mark.parametrize(
    "text", ["", "放假", "2月31日放假", "12月30日至1月2日放假", "99月99日上班", "今年都上班"]
)
def test_read__no_days__finds_none(text: str) -> None:
    assert holiday_announcement.read(text, 2027) == []


@pytest.fixture
def estate(db: None) -> Estate:
    return make.make_estate()


@pytest.fixture
def client(estate: Estate) -> Client:
    return signed_in(make.make_staff(role=StaffRole.Role.MANAGER, estate=estate))


OF_2027 = "一、春节：2月5日（周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月13日（周六）上班。"


def test_year__pasted__is_shown_first__and_stands_once_confirmed(client: Client, estate: Estate) -> None:
    assert "录入全年节假日" in client.get(reverse("admin:estates_calendarday_changelist")).content.decode()
    given = {"estate": estate.pk, "year": 2027, "text": OF_2027}
    shown = client.post(YEAR, given | {"step": "read"})
    assert shown.status_code == 200
    assert "2027-02-05" in shown.content.decode()
    assert not CalendarDay.objects.exists()
    days_form = shown.context["days_form"]
    ticks = {f"take_{one.day}": "on" for one in days_form.days if one.day != date(2027, 2, 11)}
    confirmed = given | ticks | {"step": "confirm", "hours_2027-01-31": "", "hours_2027-02-13": "3"}
    asked = client.post(YEAR, confirmed)
    assert asked.status_code == 422
    assert not CalendarDay.objects.exists()
    assert client.post(YEAR, confirmed | {"hours_2027-01-31": "2"}).status_code == 302
    assert CalendarDay.objects.filter(estate=estate).count() == 8
    calendar = WorkCalendar(estate=estate, first=date(2027, 1, 1), last=date(2027, 3, 1))
    assert calendar.is_working_day(date(2027, 1, 31))
    assert calendar.weekday_of(date(2027, 2, 13)) == 3
    assert not calendar.is_working_day(date(2027, 2, 5))
    # A second time corrects, and makes no day twice.
    client.post(YEAR, confirmed | {"hours_2027-01-31": "1"})
    assert CalendarDay.objects.get(date=date(2027, 1, 31)).hours_of == 1


def test_year__nothing_pasted__proposes_the_statutory_days(client: Client, estate: Estate) -> None:
    shown = client.post(YEAR, {"estate": estate.pk, "year": 2027, "text": "", "step": "read"})
    days = {one.day for one in shown.context["days_form"].days}
    assert {date(2027, 1, 1), date(2027, 2, 6), date(2027, 10, 1)} <= days
    assert "国庆节" in shown.content.decode()


def test_year__others_estate__is_not_offered__and_of_all_is_the_operators(
    client: Client, estate: Estate
) -> None:
    other = make.make_estate()
    given = {"year": 2027, "text": OF_2027, "step": "read"}
    assert client.post(YEAR, given | {"estate": other.pk}).status_code == 422
    assert client.post(YEAR, given).status_code == 422
    auditor = signed_in(make.make_staff(role=StaffRole.Role.AUDITOR, estate=estate))
    assert auditor.post(YEAR, given | {"estate": estate.pk}).status_code == 403
    root = User.objects.create_superuser("root", "a long root password", name="系统管理员")
    assert signed_in(root).post(YEAR, given).status_code == 200
    assert not CalendarDay.objects.exists()
    assert clock.now()
