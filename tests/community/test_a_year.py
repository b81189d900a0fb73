"""One resident's year through the pages, and the manager's page that shows each of it.

Arrives by the roster, reports a repair, pays, books lunch for the mother, takes part in the window works
and books the day, complains, is satisfied.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import Residency, StaffRole, User
from community.core import clock
from community.desk.models import DayFigure
from community.desk.tasks import fill_figures
from community.estates.models import Estate, Home
from community.notifications import sms
from services.care.models import CareBooking, CareService
from services.care.tasks import close_served_meals
from services.common.models import Satisfaction
from services.feedback import actions as feedback_actions
from services.feedback.models import Feedback
from services.fees.models import Bill, Payment
from services.renovation import actions as renovation_actions
from services.renovation.models import Appointment
from services.repairs import actions as repair_actions
from services.repairs.models import Repair
from tests import factories as make
from tests.factories.renovation import Site
from tests.support.walker import Walker
from tests.support.world import a_picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("people_are_counted")]
SHANGHAI = ZoneInfo("Asia/Shanghai")
Role = StaffRole.Role


@contextmanager
def on(month: int, day: int, hour: int = 9, minute: int = 0) -> Iterator[None]:
    """That moment of 2026, and the clock goes on from there."""
    with time_machine.travel(datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)):
        yield


class Year:
    """The estate, its people, and who does what in it."""

    def __init__(self) -> None:
        self.estate: Estate = make.make_estate(name="幸福里")
        building = make.make_building(estate=self.estate, name="3号楼")
        entrance = make.make_entrance(building=building, name="2单元")
        self.home: Home = make.make_home(entrance=entrance, number="501")
        self.mothers_home: Home = make.make_home(entrance=entrance, number="101")
        self.staff = {
            role: make.make_staff(role=role, estate=self.estate) for role in ("manager", "front_desk")
        }
        self.staff["dispatcher"] = make.make_staff(role=Role.DISPATCHER, estate=self.estate)
        self.staff["worker"] = make.make_staff(role=Role.REPAIR_WORKER, estate=self.estate, name="王强")
        self.leak = make.make_category(
            estate=self.estate, name="漏水", parent=make.make_category(estate=self.estate, name="水")
        )
        self.number = "13812345678"
        make.make_roster_entry(home=self.home, name="周芳", phone="+86" + self.number, birth_year=1980)

    def walk_user(self) -> User:
        return User.objects.with_phone("+86" + self.number).get()

    def walk(self) -> Walker:
        return Walker(self.walk_user())

    def act(self, action: Any, role: str, **given: Any) -> None:
        action(by=self.staff[role], now=clock.now(), **given)


@pytest.fixture
def year(db: None) -> Year:
    with on(3, 1):
        return Year()


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(sms, "send_code", lambda **message: sent.append(message))
    return sent


def arrive(year: Year, codes: list[dict[str, Any]]) -> None:
    """By the roster: the number alone, and the home is there."""
    with on(3, 2):
        phone = Walker().open("/sign-in/").send("", phone=year.number)
        phone.send("", code=codes[-1]["code"])
        phone.open("/me/")
        assert "周芳" in phone.text
        assert "501" in phone.text
    assert Residency.objects.active().get().home == year.home


def report(year: Year) -> Repair:
    with on(3, 3):
        phone = year.walk().open("/repairs/new/").follow("水").send("漏水")
        phone.send("下一步", description="厨房水龙头一直滴水").send("提交")
        repair = Repair.objects.get()
        assert repair.reference in phone.text
    with on(3, 3, 9, 20):
        year.act(repair_actions.assign_repair, "dispatcher", repair=repair, worker=year.staff["worker"])
    with on(3, 3, 15):
        year.act(repair_actions.start_work, "worker", repair=repair)
        year.act(repair_actions.finish_work, "worker", repair=repair, words="换了阀芯")
    with on(3, 4):
        year.walk().open(f"/repairs/{repair.pk}/").follow("修好了").send("提交", face="3")
    repair.refresh_from_db()
    assert repair.status == Repair.Status.CONFIRMED
    return repair


def pay(year: Year) -> Bill:
    with on(5, 1):
        bill = make.make_bill(home=year.home, period=date(2026, 5, 1))
        make.make_bill(home=year.mothers_home, item=bill.item, period=date(2026, 5, 1))
    with on(5, 6):
        phone = year.walk().open("/fees/").send("缴", bill=[bill.pk]).send("去缴费").send("确认付款")
        assert "缴费成功" in phone.text
    bill.refresh_from_db()
    assert bill.status == Bill.Status.SETTLED
    return bill


def lunch_for_the_mother(year: Year) -> CareBooking:
    with on(7, 1):
        mother = make.make_resident(home=year.mothers_home, name="王秀英")
        make.make_roster_entry(home=year.mothers_home, name="王秀英", phone=mother.phone, birth_year=1945)
        make.make_delegation(resident=mother, delegate=year.walk_user(), service="care")
        meals = make.make_care_service(
            estate=year.estate,
            name="午餐",
            kind=CareService.Kind.MEALS,
            needs_carer=False,
            notice_minutes=0,
            price_fen=0,
        )
        make.make_slot(resource=meals.resource, day=date(2026, 7, 2), at=time(11, 30), capacity=9)
        phone = year.walk().open(f"/care/services/{meals.pk}/?for={mother.pk}")
        phone.send("明天").send("确认预约")
        Walker(mother).open("/?mode=large")
    booking = CareBooking.objects.get()
    assert (booking.resident, booking.reported_by) == (mother, year.walk_user())
    with on(7, 2, 13):
        close_served_meals()
        year.walk().open(f"/care/bookings/{booking.pk}/").send("满意")
    assert Satisfaction.objects.get(service="care").face == 3
    return booking


def window_works(year: Year) -> Appointment:
    with on(9, 1):
        site = Site(home=year.home)
        site.slot(day=date(2026, 9, 10), at=time(9))
        home = f"/renovation/{site.project.pk}/home/{year.home.pk}/"
        phone = year.walk().open(home).follow("去答复").send("保存", answer="yes", wishes="中午要睡觉")
        phone.open(f"{home}work/{site.item.pk}/").follow("9月10日").follow("9:00").send("确认预约")
        assert "已预约" in phone.text
        visit = Appointment.objects.get()
    with on(9, 10, 8, 55):
        page = Walker(year.staff["manager"]).open("/staff/morning/")
        assert visit.reference in page.text
    with on(9, 10, 9, 5):
        crew = {"appointment": visit, "by": site.member, "now": clock.now()}
        for shows, go_on in (
            ("before", renovation_actions.start_work),
            ("after", renovation_actions.finish_work),
        ):
            renovation_actions.add_work_pictures(**crew, shows=shows, uploads=[a_picture()])
            visit.refresh_from_db()
            go_on(**crew)
    with on(9, 10, 18):
        year.walk().open(f"/renovation/appointments/{visit.pk}/").follow("验收合格").send(
            "验收合格", face="3"
        )
    visit.refresh_from_db()
    assert visit.status == Appointment.Status.CONFIRMED
    return visit


def complain(year: Year) -> Feedback:
    with on(10, 12, 9):
        phone = year.walk().open("/feedback/new/").follow("投诉").send("下一步", words="楼道的灯又坏了")
        phone.send("写名字")
        feedback = Feedback.objects.get(kind="complaint")
    with on(10, 12, 9, 50):
        page = Walker(year.staff["manager"]).open("/staff/morning/")
        soon = page.text[page.text.index('id="soon"') : page.text.index('id="unassigned"')]
        assert feedback.reference in soon
    with on(10, 12, 14):
        page = Walker(year.staff["manager"]).open("/staff/morning/")
        late = page.text[page.text.index('id="late"') : page.text.index('id="soon"')]
        assert f"/staff/feedback/{feedback.pk}/" in late
        year.act(feedback_actions.ask_solved, "front_desk", feedback=feedback, words="已换灯泡")
    with on(10, 13):
        year.walk().open(f"/feedback/{feedback.pk}/").follow("解决了").send("提交", face="3")
    feedback.refresh_from_db()
    assert feedback.status == Feedback.Status.CLOSED
    return feedback


def test_a_residents_year__the_managers_page_shows_each_of_it(
    year: Year, codes: list[dict[str, Any]]
) -> None:
    arrive(year, codes)
    done = {
        "repair": report(year),
        "bill": pay(year),
        "lunch": lunch_for_the_mother(year),
        "windows": window_works(year),
        "complaint": complain(year),
    }
    with on(11, 23, 0, 20):
        fill_figures()
    with on(11, 23, 8):
        desk = Walker(year.staff["manager"]).open("/staff/").follow("每日晨报").follow("近一年")
        assert "2 件中 2 件办结" in desk.text
        assert "应收 ¥462.96，已收 ¥231.48" in desk.text
        shown = {
            key: desk.open(
                f"/staff/morning/figures/{key}/rows/?from=2026-03-01&to=2026-11-22&part={part}"
            ).text
            for key, part in (
                ("first_answer", ""),
                ("solution", "repairs"),
                ("satisfaction", ""),
                ("collection", ""),
            )
        }
        feedback = desk.open(
            "/staff/morning/figures/solution/rows/?from=2026-03-01&to=2026-11-22&part=feedback"
        ).text
    assert done["repair"].reference in shown["first_answer"]
    assert done["repair"].reference in shown["solution"]
    assert done["complaint"].reference in shown["first_answer"]
    assert done["complaint"].reference in feedback
    assert done["bill"].reference in shown["collection"]
    for name in ("repair", "lunch", "windows", "complaint"):
        assert done[name].reference in shown["satisfaction"], name
    in_time = DayFigure.objects.filter(measure="first_answer", denominator__gt=0).order_by("day")
    assert [(one.day, one.numerator, one.denominator) for one in in_time] == [
        (date(2026, 3, 3), 1, 1),
        (date(2026, 10, 12), 0, 1),
    ]
    mothers_day = DayFigure.objects.get(measure="use_older", dimension="large", day=date(2026, 7, 1))
    assert (mothers_day.numerator, mothers_day.denominator) == (1, 1)
    assert DayFigure.objects.get(measure="use", dimension="any", day=date(2026, 5, 6)).numerator == 1
    assert Payment.objects.get().status == Payment.Status.PAID
