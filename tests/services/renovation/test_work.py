"""What the crew does in a home, and what the household says of it."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import move_out
from community.core import clock, pictures
from community.core.errors import ActionError, Forbidden
from community.notifications.models import OutboxMessage
from services.common.models import Satisfaction
from services.renovation import actions, queries
from services.renovation.actions.confirmation import months_after
from services.renovation.models import (
    Appointment,
    HomeState,
    Participation,
)
from services.scheduling.models import Slot
from tests.factories import make_staff
from tests.factories.renovation import Site, make_appointment, make_picture, make_work_item
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db
S = Appointment.Status


def book(site: Site, **overrides: object) -> Appointment:
    given = {"home": site.home, "item": site.item, "by": site.resident, "key": uuid4(), "now": clock.now()}
    return actions.book_appointment(**(given | {"slot": overrides.get("slot") or site.slot()} | overrides))  # type: ignore[arg-type]


def refusal(code: str) -> Any:
    return pytest.raises(ActionError, match=code)


def state(site: Site) -> str:
    return Participation.objects.get(project=site.project, home=site.home).state


def test_start_work__without_a_picture_before__is_refused(site: Site) -> None:
    booked = book(site)
    with refusal("before_picture_missing"):
        actions.start_work(appointment=booked, by=site.member, now=clock.now())
    actions.add_work_pictures(
        appointment=booked, by=site.member, shows="before", uploads=[a_picture()], now=clock.now()
    )
    actions.start_work(appointment=booked, by=site.member, now=clock.now())
    assert (booked.status, state(site)) == (S.UNDER_WAY, HomeState.IN_WORK)


def test_add_work_pictures__sent_again__are_kept_once(site: Site) -> None:
    booked, key = book(site), uuid4()
    for _n in range(2):
        actions.add_work_pictures(
            appointment=booked,
            by=site.member,
            shows="before",
            uploads=[a_picture()],
            key=key,
            now=clock.now(),
        )
    assert booked.pictures.count() == 1


def test_add_work_pictures__one_is_a_script__none_is_kept(site: Site) -> None:
    import io

    booked = book(site)
    with pytest.raises(pictures.PictureRefused) as refused:
        actions.add_work_pictures(
            appointment=booked,
            by=site.member,
            shows="before",
            uploads=[a_picture(), io.BytesIO(b"<script>alert(1)</script>")],
            now=clock.now(),
        )
    assert refused.value.field == "before_pictures"
    assert not booked.pictures.exists()


def test_finish_confirm__the_warranty_runs_and_the_home_is_green(site: Site) -> None:
    visit = make_appointment(site=site, status="under_way")
    actions.finish_work(appointment=visit, by=site.member, words="三樘窗", now=clock.now())
    assert state(site) == HomeState.DONE
    now = clock.now()
    actions.confirm_work(appointment=visit, by=site.resident, face=3, words="很好", now=now)
    visit.refresh_from_db()
    assert visit.warranty_until == months_after(clock.today(now), 24)
    assert visit.satisfaction == Satisfaction.objects.get(reference=visit.reference)
    actions.confirm_work(appointment=visit, by=site.resident, face=1, now=now)
    assert Satisfaction.objects.get().face == 3


def test_months_after__ends_with_a_shorter_month() -> None:
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_after(date(2026, 12, 15), 24) == date(2028, 12, 15)


def test_name_defects__reopens_the_work(site: Site) -> None:
    visit = make_appointment(site=site, status="done")
    actions.name_defects(appointment=visit, by=site.resident, words="漏风", now=clock.now())
    assert (visit.status, state(site)) == (S.DEFECTS, HomeState.DEFECTS)
    assert OutboxMessage.objects.filter(recipient=site.member, template="crew_defects").exists()
    make_picture(visit)
    actions.start_work(appointment=visit, by=site.member, now=clock.now())
    actions.finish_work(appointment=visit, by=site.member, now=clock.now())
    assert visit.status == S.DONE


def test_confirm_work__by_the_crew_itself__is_forbidden(site: Site) -> None:
    visit = make_appointment(site=site, status="done")
    with pytest.raises(Forbidden):
        actions.confirm_work(appointment=visit, by=site.member, face=3, now=clock.now())


def test_start_work__by_another_crew__is_forbidden(site: Site) -> None:
    stranger = make_staff(role="crew", estate=site.estate)
    with pytest.raises(Forbidden):
        actions.start_work(appointment=book(site), by=stranger, now=clock.now())


def test_miss_appointment__before_its_time__is_refused(site: Site) -> None:
    slot = site.slot()
    booked = book(site, slot=slot)
    with refusal("too_early"):
        actions.miss_appointment(appointment=booked, by=site.member, now=clock.now())
    actions.miss_appointment(appointment=booked, by=site.member, now=slot.starts_at)
    slot.refresh_from_db()
    assert (booked.status, slot.taken) == (S.MISSED, 0)
    assert book(site, slot=site.slot(at=time(14))).status == S.BOOKED


def test_home_with_two_works__is_green_when_both_are_done(site: Site) -> None:
    other = make_work_item(project=site.project, name="上下水管")
    make_appointment(site=site, status="confirmed")
    assert state(site) == HomeState.IN_WORK
    site.item = other
    make_appointment(site=site, status="done", slot=site.slot(at=time(14)))
    assert state(site) == HomeState.DONE


# -- The crew comes back


def coming_back(site: Site) -> Appointment:
    """Something was not right, and a time is agreed to put it right."""
    visit = make_appointment(site=site, status="done")
    actions.name_defects(appointment=visit, by=site.resident, words="漏风", now=clock.now())
    later = site.slot(day=clock.today(clock.now()) + timedelta(days=7))
    actions.move_appointment(appointment=visit, to=later, by=site.resident, now=clock.now())
    return Appointment.objects.with_people().get(pk=visit.pk)


def test_cancel__of_the_time_to_put_right__the_defects_stand(site: Site) -> None:
    visit = coming_back(site)
    slot = visit.place.slot
    for _n in range(2):
        actions.cancel_appointment(appointment=visit, by=site.resident, reason="出差", now=clock.now())
    slot.refresh_from_db()
    assert (visit.status, state(site), slot.taken) == (S.DEFECTS, HomeState.DEFECTS, 0)
    assert visit in queries.defects_of(site.project)
    assert visit.defects_named() == "漏风"
    kept = Appointment.objects.with_people().get(pk=visit.pk)
    assert not kept.has_time
    pages = ((site.resident, "appointment"), (site.member, "crew_job"))
    for person, name in pages:
        client = Client(headers={"accept-language": "en"})
        client.force_login(person)
        page = client.get(reverse(name, args=[visit.pk])).content.decode()
        assert "No time is agreed now." in page, name
        assert name == "appointment" or "漏风" in page
    assert [row.appointments for row in _times(site, slot)] == [[]]


def _times(site: Site, slot: Slot) -> list[queries.SlotRow]:
    monday = queries.monday_of(clock.today(slot.starts_at))
    (week,) = queries.week_of([site.crew], monday, site.project)
    return [row for day in week.days for row in day.rows if row.slot == slot]


def test_cancelled_time_to_put_right__another_is_agreed__even_the_same(site: Site) -> None:
    visit = coming_back(site)
    slot = visit.place.slot
    actions.cancel_appointment(appointment=visit, by=site.resident, reason="", now=clock.now())
    visit = Appointment.objects.with_people().get(pk=visit.pk)
    actions.move_appointment(appointment=visit, to=slot, by=site.resident, now=clock.now())
    slot.refresh_from_db()
    kept = Appointment.objects.with_people().get(pk=visit.pk)
    assert (kept.status, kept.starts_at, kept.has_time) == (S.BOOKED, slot.starts_at, True)
    assert (slot.taken, slot.places.live().count()) == (1, 1)  # type: ignore[attr-defined]


def test_nobody_in_when_the_crew_came_back__the_defects_stand(site: Site) -> None:
    visit = coming_back(site)
    actions.miss_appointment(appointment=visit, by=site.member, now=visit.starts_at)
    assert (visit.status, state(site)) == (S.DEFECTS, HomeState.DEFECTS)
    assert OutboxMessage.objects.filter(recipient=site.resident, template="appointment_missed").exists()


def test_moved_out_before_the_crew_came_back__the_defects_stand(site: Site) -> None:
    visit = coming_back(site)
    move_out(residency=site.resident.residencies.get(), by=site.resident, now=clock.now())
    visit.refresh_from_db()
    assert (visit.status, state(site)) == (S.DEFECTS, HomeState.DEFECTS)
    assert visit.place.slot.places.live().count() == 0  # type: ignore[attr-defined]
