"""The roster: who it is at 3 in the morning, with leave and substitutes; gaps are said days before."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.estates.models import Estate
from community.notifications.models import OutboxMessage
from services.help import actions, duty_roster, tasks
from services.help.models import DutyLeave, DutyShift
from tests.factories import make_estate, make_leave, make_resident, make_shift, make_staff, make_week_of_duty
from tests.support.arguments import grouped

pytestmark = pytest.mark.django_db
Role = StaffRole.Role
# A Monday, 3 in the morning where the estate is.
NIGHT = datetime(2026, 11, 23, 3, 0, tzinfo=clock.SHANGHAI)
HOUR = timedelta(hours=1)


def test_on_duty__at_3_in_the_morning__first_then_second(estate: Estate) -> None:
    second = make_shift(estate=estate, rank=2).user
    first = make_shift(estate=estate, starts=0, ends=6).user
    assert duty_roster.on_duty(estate, NIGHT) == [first, second]
    assert duty_roster.on_duty(estate, NIGHT + 3 * HOUR) == [second]


def test_on_duty__hours_are_those_of_the_estate__not_of_utc(estate: Estate, desk: User) -> None:
    sunday_night = make_shift(estate=estate, weekday=6).user
    assert duty_roster.on_duty(estate, NIGHT - 4 * HOUR) == [sunday_night]
    assert duty_roster.on_duty(estate, NIGHT) == [desk]


def test_on_duty__nobody__the_desk_then_the_manager_then_the_dispatcher(estate: Estate, desk: User) -> None:
    dispatcher = make_staff(role=Role.DISPATCHER, estate=estate)
    manager = make_staff(role=Role.MANAGER, estate=estate)
    assert duty_roster.on_duty(estate, NIGHT) == [desk, manager, dispatcher]


def test_on_duty__on_leave__the_substitute_has_it__until_the_minute(estate: Estate, desk: User) -> None:
    away = make_shift(estate=estate).user
    make_leave(user=away, estate=estate, substitute=desk, starts_at=NIGHT, ends_at=NIGHT + HOUR)
    assert duty_roster.on_duty(estate, NIGHT - timedelta(minutes=1)) == [away]
    assert duty_roster.on_duty(estate, NIGHT) == [desk]
    assert duty_roster.on_duty(estate, NIGHT + HOUR) == [away]


def test_on_duty__substitute_away_too__their_substitute(estate: Estate, desk: User, manager: User) -> None:
    away = make_shift(estate=estate).user
    make_leave(user=away, estate=estate, substitute=desk, starts_at=NIGHT, ends_at=NIGHT + HOUR)
    make_leave(user=desk, estate=estate, substitute=manager, starts_at=NIGHT, ends_at=NIGHT + HOUR)
    assert duty_roster.Roster([estate], NIGHT, NIGHT + HOUR).at(estate.pk, NIGHT) == [manager]


def test_on_duty__two_stand_in_for_each_other__does_not_go_round_for_ever(estate: Estate, desk: User) -> None:
    away = make_shift(estate=estate).user
    make_leave(user=away, estate=estate, substitute=desk, starts_at=NIGHT, ends_at=NIGHT + HOUR)
    make_leave(user=desk, estate=estate, substitute=away, starts_at=NIGHT, ends_at=NIGHT + HOUR)
    assert duty_roster.Roster([estate], NIGHT, NIGHT + HOUR).at(estate.pk, NIGHT) == []


def test_on_duty__no_longer_works_here_or_cannot_sign_in__is_not_named(estate: Estate, desk: User) -> None:
    left, gone = make_shift(estate=estate).user, make_shift(estate=estate, rank=2).user
    left.staff_roles.all().delete()
    gone.is_active = False
    gone.save()
    assert duty_roster.on_duty(estate, NIGHT) == [desk]


def test_gaps__one_hour_without_anybody__is_found_and_no_other(estate: Estate, carer: User) -> None:
    DutyShift.objects.filter(estate=estate, weekday=2).update(ends=3)
    make_shift(estate=estate, user=carer, weekday=2, starts=4, ends=24)
    [gap] = duty_roster.gaps([estate], NIGHT)[estate.pk]
    assert gap.starts == datetime(2026, 11, 25, 3, 0, tzinfo=clock.SHANGHAI)
    assert gap.hours == 1


def test_gaps__leave_without_substitute__is_one(estate: Estate, carer: User) -> None:
    make_leave(user=carer, estate=estate, starts_at=NIGHT + 24 * HOUR, ends_at=NIGHT + 30 * HOUR)
    assert [gap.hours for gap in duty_roster.gaps([estate], NIGHT)[estate.pk]] == [6]


def test_gaps__queries__the_same_for_one_estate_and_for_five(
    estate: Estate, django_assert_num_queries: object
) -> None:
    estates = [estate, *(make_estate() for _n in range(4))]
    with django_assert_num_queries(3):  # type: ignore[operator]
        duty_roster.gaps([estate], NIGHT)
    with django_assert_num_queries(3):  # type: ignore[operator]
        duty_roster.gaps(estates, NIGHT)


def test_warn__manager_is_told_once_a_day(estate: Estate, manager: User, carer: User) -> None:
    assert actions.warn_of_gaps(NIGHT) == 0
    DutyShift.objects.filter(weekday=4).delete()
    for hours in (0, 1, 5):
        actions.warn_of_gaps(NIGHT + hours * HOUR)
    assert OutboxMessage.objects.filter(recipient=manager, template="help_duty_gap").count() == 1
    actions.warn_of_gaps(NIGHT + 24 * HOUR)
    notes = OutboxMessage.objects.filter(recipient=manager, template="help_duty_gap").order_by("pk")
    assert [note.params for note in notes] == [{"hours": 24, "when": "11-27 00:00"}] * 2
    assert tasks.warn_of_gaps() >= 0


def add(estate: Estate, by: User, user: User, **given: object) -> list[DutyShift]:
    fields = {"weekdays": [0], "starts": 8, "ends": 18, "rank": 1} | given
    shifts = actions.NewShifts(user=user, **fields)  # type: ignore[arg-type]
    return actions.add_shifts(estate=estate, shifts=shifts, by=by)


def test_add__night__is_two_rows__on_sunday_into_monday(estate: Estate, manager: User, desk: User) -> None:
    made = add(estate, manager, desk, weekdays=[6], starts=22, ends=6)
    assert [(one.weekday, one.starts, one.ends) for one in made] == [(6, 22, 24), (0, 0, 6)]


def test_add__8_to_8__is_the_whole_day_and_night(estate: Estate, manager: User, desk: User) -> None:
    made = add(estate, manager, desk, weekdays=list(range(7)), starts=8, ends=8)
    assert sorted((one.weekday, one.starts, one.ends) for one in made) == sorted(
        [*((day, 8, 24) for day in range(7)), *((day, 0, 8) for day in range(7))]
    )
    assert duty_roster.gaps([estate], clock.now())[estate.pk] == []


def test_add__midnight_to_midnight__is_one_day(estate: Estate, manager: User, desk: User) -> None:
    made = add(estate, manager, desk, weekdays=[2], starts=0, ends=0)
    assert [(one.weekday, one.starts, one.ends) for one in made] == [(2, 0, 24)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [7]}, "starts"),
        ({"starts": 24}, "starts"),
        ({"ends": 25}, "starts"),
        ({"starts": 8, "ends": 8}, "starts"),
        ({"starts": 17, "ends": 20}, "starts"),
        ({"starts": 17, "ends": 20, "weekdays": [1, 0]}, "starts"),
        ({"rank": 2}, "user"),
    ],
)
def test_add__bad_input__names_the_field__and_nothing_is_half_written(
    given: dict[str, object], field: str, estate: Estate, manager: User, desk: User
) -> None:
    add(estate, manager, desk)
    with pytest.raises(ActionError) as refused:
        add(estate, manager, desk, **given)
    assert refused.value.field == field
    assert DutyShift.objects.count() == 1


def test_add__somebody_who_does_not_work_here__is_refused(estate: Estate, manager: User) -> None:
    for person in (make_resident(), make_staff()):
        with pytest.raises(ActionError) as refused:
            add(estate, manager, person)
        assert refused.value.field == "user"


def test_roster__not_the_manager__may_not_change_it(estate: Estate, desk: User, carer: User) -> None:
    shift = DutyShift.objects.first()
    assert shift is not None
    with pytest.raises(Forbidden):
        add(estate, desk, desk)
    with pytest.raises(Forbidden):
        actions.remove_shift(shift=shift, by=desk)
    with pytest.raises(Forbidden):
        leave(estate, desk, carer)
    with pytest.raises(Forbidden):
        add(estate, make_staff(role=Role.MANAGER), desk)


def leave(estate: Estate, by: User, user: User, **given: object) -> DutyLeave:
    fields = {"starts_at": NIGHT, "ends_at": NIGHT + HOUR, "substitute": None, "now": NIGHT} | given
    leave, rest = grouped(actions.NewLeave, fields | {"user": user})
    return actions.add_leave(estate=estate, leave=leave, by=by, **rest)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"ends_at": NIGHT}, "ends_at"),
        ({"ends_at": NIGHT - HOUR}, "ends_at"),
        ({"now": NIGHT + 2 * HOUR}, "ends_at"),
    ],
)
def test_leave__bad_times__named(
    given: dict[str, object], field: str, estate: Estate, manager: User, carer: User
) -> None:
    with pytest.raises(ActionError) as refused:
        leave(estate, manager, carer, **given)
    assert refused.value.field == field
    assert not DutyLeave.objects.exists()


def test_leave__bad_people__named(estate: Estate, manager: User, carer: User, desk: User) -> None:
    for substitute in (carer, make_resident()):
        with pytest.raises(ActionError) as refused:
            leave(estate, manager, carer, substitute=substitute)
        assert refused.value.field == "substitute"
    leave(estate, manager, desk)
    with pytest.raises(ActionError) as refused:
        leave(estate, manager, carer, substitute=desk)
    assert refused.value.field == "substitute"
    with pytest.raises(ActionError) as refused:
        leave(estate, manager, desk)
    assert refused.value.field == "starts_at"


def client_of(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def test_page__week_with_a_gap__says_so_in_words__here_and_on_the_start_page(
    estate: Estate, manager: User, carer: User
) -> None:
    DutyShift.objects.filter(estate=estate, weekday=2).update(ends=3)
    make_shift(estate=estate, user=carer, weekday=2, starts=4, ends=24)
    client = client_of(manager)
    page = client.get("/staff/help/duty/").content.decode()
    assert page.count('class="gap') == 1
    assert "无人" in page
    assert "冯桂兰" in page
    start = client.get("/staff/").content.decode()
    assert "值班空缺" in start


def test_page__bad_input__stays_with_what_was_typed_and_says_what(
    estate: Estate, manager: User, carer: User
) -> None:
    client = client_of(manager)
    typed = {"weekdays": ["0"], "starts": "8", "ends": "99", "user": carer.pk, "rank": "2"}
    answer = client.post("/staff/help/duty/add/", typed)
    assert answer.status_code == 422
    assert "ends" in answer.context["shift_form"].errors
    assert 'value="99"' in answer.content.decode()
    answer = client.post("/staff/help/duty/add/", typed | {"ends": "18", "rank": "1"})
    assert "已排有" in answer.content.decode()
    answer = client.post(
        "/staff/help/duty/leave/",
        {"user": carer.pk, "starts_at": "2026-12-02T08:00", "ends_at": "2026-12-01T08:00"},
    )
    assert "结束时间要晚于开始时间" in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "moment"),
    [
        ("starts_at", "0001-01-01T00:00"),
        ("starts_at", "1000-01-01T00:00"),
        ("ends_at", "9999-12-31T23:59"),
        ("ends_at", "2999-01-01T00:00"),
    ],
)
def test_page__leave_far_off__names_the_field(
    field: str, moment: str, estate: Estate, manager: User, carer: User
) -> None:
    typed = {"user": carer.pk, "starts_at": "2026-12-01T08:00", "ends_at": "2026-12-02T08:00"}
    answer = client_of(manager).post("/staff/help/duty/leave/", typed | {field: moment})
    assert answer.status_code == 422
    assert list(answer.context["leave_form"].errors) == [field]
    assert moment in answer.content.decode()
    assert not DutyLeave.objects.exists()


def test_page__add_and_take_out__by_the_manager(estate: Estate, manager: User, desk: User) -> None:
    client = client_of(manager)
    typed = {"weekdays": ["0", "1"], "starts": "22", "ends": "6", "user": desk.pk, "rank": "1"}
    assert client.post("/staff/help/duty/add/", typed).status_code == 302
    assert DutyShift.objects.count() == 4
    shift = DutyShift.objects.first()
    assert shift is not None
    client.post(f"/staff/help/duty/{shift.pk}/remove/")
    assert DutyShift.objects.count() == 3
    moment = clock.local(clock.now() + timedelta(days=1))
    typed = {
        "user": desk.pk,
        "starts_at": f"{moment:%Y-%m-%dT08:00}",
        "ends_at": f"{moment:%Y-%m-%dT18:00}",
        "substitute": manager.pk,
    }
    assert client.post("/staff/help/duty/leave/", typed).status_code == 302
    leave = DutyLeave.objects.get()
    assert clock.local(leave.starts_at).hour == 8
    client.post(f"/staff/help/duty/leave/{leave.pk}/remove/")
    assert not DutyLeave.objects.exists()


def test_staff_page__carer_on_duty__reaches_it_and_hears_the_calls__off_duty_not(
    estate: Estate, carer: User, elder: User
) -> None:
    from tests.factories import make_help_call

    call = make_help_call(home=elder.residencies.get().home, resident=elder)
    client = client_of(carer)
    page = client.get("/staff/help/").content.decode()
    assert "data-sounding" in page
    assert f"/staff/help/{call.pk}/take/" in page
    assert "/staff/help/" in client.get("/staff/").content.decode()
    DutyShift.objects.all().delete()
    assert client.get("/staff/help/").status_code == 403


def test_week_of_duty__is_every_hour(estate: Estate, desk: User) -> None:
    make_week_of_duty(estate=estate, user=desk)
    assert duty_roster.gaps([estate], NIGHT)[estate.pk] == []


def test_page__week_without_anybody__says_the_whole_week(estate: Estate, manager: User) -> None:
    page = client_of(manager).get(f"/staff/help/duty/?estate={estate.pk}").content.decode()
    assert "整周" in page
    assert not re.search(r"(\d\d:00)–\1", page)
