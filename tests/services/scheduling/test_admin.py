"""What staff enter about times: what it changes at once, and what is refused at which field."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.estates.models import CalendarDay, Estate
from services.scheduling import actions
from services.scheduling.models import Closure, Resource, Slot, WeeklyHours
from tests import factories as make
from tests.community.admin_pages import list_of, no_rows, page_of, signed_in

Role = StaffRole.Role
pytestmark = pytest.mark.django_db
ADD = reverse("admin:scheduling_resource_add")


@pytest.fixture
def estate() -> Estate:
    return make.make_estate()


@pytest.fixture
def manager(estate: Estate) -> User:
    return make.make_staff(role=Role.MANAGER, estate=estate)


@pytest.fixture
def client(manager: User) -> Client:
    return signed_in(manager)


def day_ahead(days: int = 7) -> date:
    return clock.today(clock.now()) + timedelta(days=days)


def row(number: int = 0, **overrides) -> dict[str, object]:
    """One line of weekly hours as the page sends it: the weekday of today in a week, 8 to 12."""
    weekday = day_ahead().weekday()
    fields = {"weekday": weekday, "opens": "08:00", "closes": "12:00", "slot_minutes": 60, "capacity": 2}
    filled = fields | {"works": "every_day", "id": "", "resource": ""} | overrides
    return {f"hours-{number}-{name}": value for name, value in filled.items()}


def page(estate: Estate, *rows: dict[str, object], **overrides) -> dict[str, object]:
    posted: dict[str, object] = {"estate": estate.pk, "name": "李护理", "service": "care", "is_active": "on"}
    posted |= {**no_rows("hours"), "hours-TOTAL_FORMS": len(rows), **overrides}
    for one in rows:
        posted |= one
    return posted


def errors_of_row(answer, number: int = 0) -> dict[str, list[str]]:
    assert answer.status_code == 200
    [formset] = answer.context["inline_admin_formsets"]
    return dict(formset.formset.forms[number].errors)


def errors_of(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


# -- Hours


def test_hours__saved__make_the_times_at_once(client: Client, estate: Estate) -> None:
    answer = client.post(ADD, page(estate, row()), follow=True)
    assert Slot.objects.of_day(day_ahead()).count() == 4
    assert set(Slot.objects.values_list("capacity", flat=True)) == {2}
    assert "新增" in said(answer)


def test_hours__until_midnight__make_times_until_midnight(client: Client, estate: Estate) -> None:
    client.post(ADD, page(estate, row(opens="20:00", closes="24:00")))
    assert sorted(clock.local(slot.starts_at).hour for slot in Slot.objects.of_day(day_ahead())) == [
        20,
        21,
        22,
        23,
    ]
    assert Slot.objects.order_by("starts_at").last().ends_at.astimezone(clock.SHANGHAI).hour == 0
    assert str(WeeklyHours.objects.get()).endswith("20:00–24:00")


def test_hours__over_midnight__make_times_on_both_days__once(client: Client, estate: Estate) -> None:
    client.post(ADD, page(estate, row(opens="22:00", closes="02:00")))
    resource = Resource.objects.get()
    planned = list(resource.slots.values_list("starts_at", flat=True))
    hours = [clock.local(one).hour for one in sorted(planned)][:4]
    assert set(hours) == {22, 23, 0, 1}
    assert actions.plan_ahead(resources=[resource], now=clock.now()).made == 0
    assert str(WeeklyHours.objects.get()).endswith("22:00–次日02:00")


def test_hours__night_into_the_hours_of_the_next_day__is_refused(client: Client, estate: Estate) -> None:
    tomorrow = (day_ahead().weekday() + 1) % 7
    rows = row(opens="22:00", closes="09:00"), row(1, weekday=tomorrow, opens="08:00", closes="12:00")
    answer = client.post(ADD, page(estate, *rows))
    assert errors_of_row(answer, 1)["opens"]
    assert not WeeklyHours.objects.exists()


BAD_ROWS = {
    "closes before opens": ({"opens": "12:00", "closes": "08:00"}, "closes", "结束时间早于"),
    "no place": ({"capacity": 0}, "capacity", "至少"),
    "longer than open": ({"slot_minutes": 300}, "slot_minutes", "超过"),
    "no time at all": ({"slot_minutes": 0}, "slot_minutes", "至少5分钟"),
    "no weekday": ({"weekday": 9}, "weekday", ""),
    "no number": ({"capacity": "两个"}, "capacity", ""),
}


@pytest.mark.parametrize("bad", BAD_ROWS)
def test_hours__bad_input__stands_at_its_field_and_nothing_is_kept(
    bad: str, client: Client, estate: Estate
) -> None:
    changed, field, words = BAD_ROWS[bad]
    errors = errors_of_row(client.post(ADD, page(estate, row(**changed))))
    assert list(errors) == [field]
    assert words in errors[field][0]
    assert not Resource.objects.exists()
    assert not Slot.objects.exists()


def test_hours__that_overlap__are_refused_at_the_second(client: Client, estate: Estate) -> None:
    answer = client.post(ADD, page(estate, row(), row(1, opens="11:00", closes="14:00")))
    assert errors_of_row(answer) == {}
    assert list(errors_of_row(answer, 1)) == ["opens"]
    assert "重叠" in errors_of_row(answer, 1)["opens"][0]


def test_hours__never_on_the_same_day__do_not_overlap(client: Client, estate: Estate) -> None:
    rows = row(works="working_days"), row(1, works="days_off", closes="10:00")
    assert client.post(ADD, page(estate, *rows)).status_code == 302


def test_capacity__below_what_is_taken__is_refused_until_they_are_moved(
    client: Client, estate: Estate
) -> None:
    client.post(ADD, page(estate, row()))
    slot = Slot.objects.of_day(day_ahead())[1]
    places = [make.make_booking(slot=slot) for _n in range(2)]
    resource = Resource.objects.get()
    line = row(capacity=1, id=resource.hours.get().pk, resource=resource.pk)
    posted = page(estate, line, **{"hours-INITIAL_FORMS": 1})
    errors = errors_of_row(client.post(page_of(resource), posted))
    assert list(errors) == ["capacity"]
    assert f"{day_ahead().month}月{day_ahead().day}日 周" in errors["capacity"][0]
    slot.refresh_from_db()
    assert slot.capacity == 2

    from services.scheduling import actions

    actions.release_place(place=places[0], by=None, now=clock.now())
    assert client.post(page_of(resource), posted).status_code == 302
    slot.refresh_from_db()
    assert (slot.capacity, slot.taken) == (1, 1)


def test_resource__name_twice__is_refused_at_the_name(client: Client, estate: Estate) -> None:
    make.make_resource(estate=estate, name="李护理")
    assert list(errors_of(client.post(ADD, page(estate)))) == ["name"]


def test_resource__no_longer_bookable__says_whose_booking_must_move(client: Client, estate: Estate) -> None:
    client.post(ADD, page(estate, row()))
    place = make.make_booking(slot=Slot.objects.of_day(day_ahead())[1])
    resource = Resource.objects.get()
    line = row(id=resource.hours.get().pk, resource=resource.pk)
    posted = page(estate, line, is_active="", **{"hours-INITIAL_FORMS": 1})
    answer = client.post(page_of(resource), posted, follow=True)
    assert "1 个预约" in said(answer)
    shown = client.get(list_of(type(place)) + "?must_move=yes").context["cl"].result_list
    assert list(shown) == [place]


# -- Closures


def closure(estate: Estate, **overrides) -> dict[str, object]:
    day = day_ahead()
    posted = {
        "estate": estate.pk,
        "resource": "",
        "reason": "停水",
        "starts_at_0": day,
        "starts_at_1": "08:00",
    }
    return posted | {"ends_at_0": day, "ends_at_1": "18:00"} | overrides


def test_closure__of_the_estate__closes_at_once_and_opens_when_deleted(
    client: Client, estate: Estate
) -> None:
    client.post(ADD, page(estate, row()))
    add = reverse("admin:scheduling_closure_add")
    answer = client.post(add, closure(estate), follow=True)
    assert "关闭 4" in said(answer)
    assert Slot.objects.filter(is_closed=True).count() == 4
    delete = reverse("admin:scheduling_closure_delete", args=[Closure.objects.get().pk])
    client.post(delete, {"post": "yes"})
    assert not Slot.objects.filter(is_closed=True).exists()


def test_closure__moved_to_another_day__opens_the_first(client: Client, estate: Estate) -> None:
    client.post(ADD, page(estate, row()))
    client.post(reverse("admin:scheduling_closure_add"), closure(estate))
    later = day_ahead(14)
    moved = closure(estate, starts_at_0=later, ends_at_0=later)
    client.post(page_of(Closure.objects.get()), moved)
    assert {clock.today(slot.starts_at) for slot in Slot.objects.filter(is_closed=True)} == {later}


def test_closure__ends_before_it_begins__is_refused_at_its_end(client: Client, estate: Estate) -> None:
    add = reverse("admin:scheduling_closure_add")
    errors = errors_of(client.post(add, closure(estate, ends_at_1="07:00")))
    assert list(errors) == ["ends_at"]
    assert "结束时间早于" in errors["ends_at"][0]


def test_closure__in_the_past__is_refused_at_its_end(client: Client, estate: Estate) -> None:
    past = day_ahead(-3)
    add = reverse("admin:scheduling_closure_add")
    assert list(errors_of(client.post(add, closure(estate, starts_at_0=past, ends_at_0=past)))) == ["ends_at"]


@pytest.mark.parametrize(
    ("field", "day"), [("starts_at", "0001-01-01"), ("ends_at", "9999-12-31"), ("starts_at", "1066-10-14")]
)
def test_closure__at_the_edge_of_the_calendar__is_refused_at_its_field(
    client: Client, estate: Estate, field: str, day: str
) -> None:
    add = reverse("admin:scheduling_closure_add")
    assert list(errors_of(client.post(add, closure(estate, **{f"{field}_0": day})))) == [field]
    assert not Closure.objects.exists()


def test_closure__resource_of_another_estate__is_refused(client: Client, estate: Estate) -> None:
    add = reverse("admin:scheduling_closure_add")
    foreign = make.make_resource()
    assert list(errors_of(client.post(add, closure(estate, resource=foreign.pk)))) == ["resource"]
    of_both = make.make_staff(role=StaffRole.Role.MANAGER, estate=estate)
    StaffRole.objects.create(user=of_both, estate=foreign.estate, role=StaffRole.Role.MANAGER)
    answer = signed_in(of_both).post(add, closure(estate, resource=foreign.pk))
    assert list(errors_of(answer)) == ["resource"]


def test_closure__without_a_reason__is_refused(client: Client, estate: Estate) -> None:
    add = reverse("admin:scheduling_closure_add")
    assert list(errors_of(client.post(add, closure(estate, reason="")))) == ["reason"]


# -- The calendar

DAY = reverse("admin:estates_calendarday_add")


def next_sunday() -> date:
    return day_ahead(6 - day_ahead(0).weekday() + 7)


def calendar_day(estate: Estate | None, day: date, **overrides) -> dict[str, object]:
    posted = {"estate": estate.pk if estate else "", "date": day, "name": "社区活动日", "hours_of": ""}
    return posted | overrides


def test_calendar_day__of_an_estate__changes_its_times_at_once(client: Client, estate: Estate) -> None:
    client.post(ADD, page(estate, row(weekday=1, works="working_days")))
    sunday = next_sunday()
    client.post(DAY, calendar_day(estate, sunday, is_working="on", hours_of=1))
    assert Slot.objects.of_day(sunday).filter(is_closed=False).count() == 4


def test_calendar_day__worked_sunday__needs_to_say_whose_hours(client: Client, estate: Estate) -> None:
    errors = errors_of(client.post(DAY, calendar_day(estate, next_sunday(), is_working="on")))
    assert list(errors) == ["hours_of"]


def test_calendar_day__day_off__has_no_hours(client: Client, estate: Estate) -> None:
    assert list(errors_of(client.post(DAY, calendar_day(estate, day_ahead(), hours_of=1)))) == ["hours_of"]


def test_calendar_day__twice_or_past__is_refused_at_its_date(client: Client, estate: Estate) -> None:
    client.post(DAY, calendar_day(estate, day_ahead()))
    for day in (day_ahead(), day_ahead(-1)):
        assert list(errors_of(client.post(DAY, calendar_day(estate, day)))) == ["date"]
    assert CalendarDay.objects.count() == 1


def test_calendar_day__of_all_estates__is_the_operators(client: Client, estate: Estate) -> None:
    assert list(errors_of(client.post(DAY, calendar_day(None, day_ahead())))) == ["estate"]
    root = User.objects.create_superuser("root", "a long root password", name="系统管理员")
    assert signed_in(root).post(DAY, calendar_day(None, day_ahead())).status_code == 302
    of_all = CalendarDay.objects.get()
    assert of_all in client.get(list_of(CalendarDay)).context["cl"].result_list
    assert client.get(page_of(of_all)).status_code == 200
    assert client.post(page_of(of_all), calendar_day(estate, day_ahead())).status_code == 403


def test_calendar__year_not_announced_yet__is_said_above_the_list(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = datetime(2026, 12, 20, tzinfo=clock.SHANGHAI)
    monkeypatch.setattr(clock, "now", lambda: newest)
    monkeypatch.setattr("community.estates.calendar.ANNOUNCED", {2026: ()})
    assert "2027" in said(client.get(list_of(CalendarDay)))
    monkeypatch.setattr("community.estates.calendar.ANNOUNCED", {2026: (), 2027: ()})
    assert said(client.get(list_of(CalendarDay))) == ""


# -- Who may


def test_rights__auditor_and_desk_read__coordinators_write(estate: Estate) -> None:
    resource = make.make_hours(resource=make.make_resource(estate=estate)).resource
    line = row(id=resource.hours.get().pk, resource=resource.pk)
    posted = page(estate, line, name="张护理", **{"hours-INITIAL_FORMS": 1})
    for role, code in [
        (Role.AUDITOR, 403),
        (Role.FRONT_DESK, 403),
        (Role.CARE_COORDINATOR, 302),
        (Role.RENOVATION_COORDINATOR, 302),
    ]:
        client = signed_in(make.make_staff(role=role, estate=estate))
        for model in (Resource, Closure, CalendarDay, Slot):
            assert client.get(list_of(model)).status_code == 200
        assert client.get(page_of(resource)).status_code == 200
        assert client.post(page_of(resource), posted).status_code == code


def test_rights__of_another_estate__nothing_is_there(client: Client) -> None:
    place = make.make_booking()
    for thing in (place, place.slot, place.slot.resource):
        assert client.get(page_of(thing)).status_code == 302
