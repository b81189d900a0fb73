"""Whose an appointment, a wish and a picture is: the household's, as long as it is that; nobody else's."""

import re
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import move_out
from accounts.models import Residency, User
from community.core import clock
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved
from community.notifications.models import OutboxMessage
from services.renovation import actions, works_in_home
from services.renovation.models import (
    Appointment,
    AppointmentWaiting,
    Participation,
    RenovationPicture,
)
from services.scheduling.models import Place, Slot
from tests.factories import make_category, make_delegation, make_resident, make_staff
from tests.factories.renovation import Site, make_appointment, make_crew, make_picture, make_work_item
from tests.support.access_rows import api_headers

pytestmark = pytest.mark.django_db
S = Appointment.Status


def browser(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def status_of(user: User, name: str, *args: Any) -> int:
    return browser(user).get(reverse(name, args=args)).status_code


def moves_out(user: User) -> None:
    move_out(residency=user.residencies.get(), by=user, now=clock.now())


def moves_in(site: Site, name: str = "新住户", **more: Any) -> User:
    return make_resident(home=site.home, name=name, **more)


def kept(appointment: Appointment) -> Appointment:
    return Appointment.objects.with_people().get(pk=appointment.pk)


# -- Who has the home next


def test_next_household__sees_nothing_of_the_one_before__but_has_its_warranty(site: Site) -> None:
    visit = make_appointment(site=site, status="confirmed")
    picture = make_picture(visit)
    top = make_category(estate=site.estate, name="门窗")
    make_category(parent=top, name="窗户", icon="window")
    moves_out(site.resident)
    tenant = moves_in(site)
    assert status_of(tenant, "appointment", visit.pk) == 404
    assert status_of(tenant, "renovation_picture", picture.pk, "small") == 404
    page = browser(tenant).get(reverse("renovation_home", args=[site.project.pk, site.home.pk]))
    said = page.content.decode()
    assert "王秀英" not in said
    assert visit.reference not in said
    assert "您入住前已完成" in said
    assert works_in_home.next_appointments(tenant, clock.now()) == []
    (row,) = works_in_home.work_in(site.project, site.home, reader=tenant, now=clock.now())
    assert (row.appointment, row.inherited, row.is_open) == (None, visit, False)
    answer = browser(tenant).post(reverse("renovation_warranty", args=[visit.pk]))
    assert answer.status_code == 302
    assert site.home.repairs.get().resident == tenant
    api = Client().get(
        reverse("api_renovation_home", args=[site.project.pk, site.home.pk]), headers=api_headers(tenant)
    )
    work = api.json()["work"][0]
    assert (work["appointment"], work["done_before"]) == (None, True)
    assert work["warranty_until"] == visit.warranty_until.isoformat()  # type: ignore[union-attr]


def test_moving_out__what_is_ahead_is_cancelled__and_the_next_can_book(site: Site) -> None:
    slot = site.slot(capacity=1)
    visit = make_appointment(site=site, slot=slot)
    moves_out(site.resident)
    slot.refresh_from_db()
    assert (kept(visit).status, slot.taken) == (S.CANCELLED, 0)
    assert OutboxMessage.objects.filter(recipient=site.member, template="crew_appointment_cancelled").exists()
    assert OutboxMessage.objects.filter(recipient=site.resident, template="appointment_cancelled").exists()
    tenant = moves_in(site)
    booked = actions.book_appointment(
        home=site.home, item=site.item, slot=slot, by=tenant, key=uuid4(), now=clock.now()
    )
    assert booked.resident == tenant


def test_moving_out__others_stay__the_crew_comes_as_agreed(site: Site) -> None:
    daughter = moves_in(site, name="李梅", kind=Residency.Kind.FAMILY)
    Residency.objects.filter(user=daughter).update(status_changed_at=clock.now() - timedelta(days=90))
    visit = make_appointment(site=site)
    moves_out(site.resident)
    assert (kept(visit).status, kept(visit).resident) == (S.BOOKED, daughter)
    assert status_of(daughter, "appointment", visit.pk) == 200
    assert status_of(site.resident, "appointment", visit.pk) == 404


def test_moving_out__the_place_in_the_line_goes_to_the_next(site: Site) -> None:
    slot = site.slot(capacity=1)
    Slot.objects.filter(pk=slot.pk).update(taken=1)
    actions.wait_for_slot(home=site.home, item=site.item, slot=slot, by=site.resident, now=clock.now())
    moves_out(site.resident)
    assert AppointmentWaiting.objects.get().waiting.status == "left"


def test_moving_out__words_go_with_who_said_them(site: Site) -> None:
    """The owner, who does not live here, has had two tenants; the second never reads the first one's wish."""
    tenant = moves_in(site, kind=Residency.Kind.TENANT)
    actions.take_part(
        answer=actions.HouseholdAnswer(answer="yes", wishes="夜班，上午要睡觉", shares_pictures=True),
        project=site.project,
        home=site.home,
        by=tenant,
        now=clock.now(),
    )
    moves_out(tenant)
    said = Participation.objects.get()
    assert (said.wishes, said.shares_pictures, said.answer) == ("", False, "yes")
    actions.take_part(
        answer=actions.HouseholdAnswer(answer="yes", wishes="装扶手"),
        project=site.project,
        home=site.home,
        by=site.resident,
        now=clock.now(),
    )
    second = moves_in(site, kind=Residency.Kind.TENANT)
    moves_out(second)
    assert Participation.objects.get().wishes == "装扶手"


def test_who_joins_the_household__sees_what_it_has(site: Site) -> None:
    visit = make_appointment(site=site)
    Appointment.objects.update(created_at=clock.now() - timedelta(days=9))
    assert status_of(moves_in(site, kind=Residency.Kind.FAMILY), "appointment", visit.pk) == 200


# -- The family elsewhere


def test_delegation_ended__opens_nothing_and_is_told_nothing(site: Site) -> None:
    delegation = make_delegation(resident=site.resident, service="renovation", relation="儿子")
    son = delegation.delegate
    slot = site.slot(capacity=1)
    visit = make_appointment(site=site, status="done", slot=slot)
    picture = make_picture(visit)
    pages: list[tuple[Any, ...]] = [
        ("renovation", site.project.pk),
        ("renovation_home", site.project.pk, site.home.pk),
        ("appointment", visit.pk),
        ("appointment_confirm", visit.pk),
    ]
    assert [status_of(son, *page) for page in pages] == [200] * 4
    pages.append(("renovation_picture", picture.pk, "small"))
    delegation.ended_at = clock.now()
    delegation.save()
    assert [status_of(son, *page) for page in pages] == [404] * 5
    address = reverse("appointment_confirm", args=[visit.pk])
    assert browser(son).post(address, {"face": "3"}).status_code == 404
    actions.confirm_work(appointment=kept(visit), by=site.resident, face=3, now=clock.now())
    assert not OutboxMessage.objects.filter(recipient=son).exists()
    api = Client().get(reverse("api_appointments"), headers=api_headers(son))
    assert api.json()["results"] == []


# -- The crew


def test_another_crew__neither_sees_nor_begins_it(site: Site) -> None:
    visit = make_appointment(site=site)
    make_picture(visit)
    actions.take_part(
        answer=actions.HouseholdAnswer(answer="yes", wishes="中午要睡觉"),
        project=site.project,
        home=site.home,
        by=site.resident,
        now=clock.now(),
    )
    other = make_crew(estate=site.estate, member=make_staff(role="crew", estate=site.estate))
    stranger = other.members.get()
    assert status_of(stranger, "crew_job", visit.pk) == 404
    assert status_of(stranger, "appointment", visit.pk) == 404
    assert browser(stranger).post(reverse("crew_act", args=[visit.pk, "start"])).status_code == 404
    start = reverse("api_appointment_start", args=[visit.pk])
    assert Client().post(start, headers=api_headers(stranger)).status_code == 404
    listed = Client().get(reverse("api_crew_today"), headers=api_headers(stranger))
    assert listed.json() == []


def test_crew__reads_the_number_and_the_wishes_only_as_long_as_it_has_to_come(site: Site) -> None:
    site.resident.phone = "+8613812345678"
    site.resident.save()
    actions.take_part(
        answer=actions.HouseholdAnswer(answer="yes", wishes="中午要睡觉"),
        project=site.project,
        home=site.home,
        by=site.resident,
        now=clock.now(),
    )
    visit = make_appointment(site=site)
    address = reverse("crew_job", args=[visit.pk])
    page = browser(site.member).get(address).content.decode()
    assert "中午要睡觉" in page
    assert "13812345678" in page
    Appointment.objects.filter(pk=visit.pk).update(status="confirmed")
    page = browser(site.member).get(address).content.decode()
    assert "中午要睡觉" not in page
    assert "13812345678" not in page


def test_crew_today__another_projects_wish_is_not_read(site: Site) -> None:
    old = Site(home=site.home)
    Participation.objects.create(project=old.project, home=site.home, answer="yes", wishes="旧项目的话")
    slot = site.slot(day=clock.today(clock.now()), at=time(23, 50), minutes=5)
    make_appointment(site=site, slot=slot)
    listed = Client().get(reverse("api_crew_today"), headers=api_headers(site.member)).json()
    assert [job["wishes"] for job in listed] == [""]


def test_left_the_crew__sees_nothing_any_more(site: Site) -> None:
    visit = make_appointment(site=site)
    site.member.staff_roles.all().delete()
    assert status_of(site.member, "crew_job", visit.pk) == 404
    actions.cancel_appointment(appointment=kept(visit), by=site.resident, reason="", now=clock.now())
    assert not OutboxMessage.objects.filter(recipient=site.member).exists()


# -- Wishes and pictures


def test_wishes__read_by_the_household_the_crew_and_those_who_coordinate__alone(site: Site) -> None:
    actions.take_part(
        answer=actions.HouseholdAnswer(answer="yes", wishes="中午要睡觉"),
        project=site.project,
        home=site.home,
        by=site.resident,
        now=clock.now(),
    )
    visit = make_appointment(site=site)
    _home, neighbour = site.neighbour()
    auditor = make_staff(role="auditor", estate=site.estate)
    coordinator = make_staff(role="renovation_coordinator", estate=site.estate)
    pages = (
        ("renovation", [site.project.pk]),
        ("renovation_building", [site.project.pk, site.building.pk]),
        ("renovation_home", [site.project.pk, site.home.pk]),
        ("staff_renovation_building", [site.project.pk, site.building.pk]),
        ("renovation_door", [site.project.pk, site.home.pk]),
        ("staff_appointment", [visit.pk]),
        ("appointment", [visit.pk]),
        ("api_renovation_home", [site.project.pk, site.home.pk]),
        ("api_appointment", [visit.pk]),
    )
    for name, args in pages:
        for person in (neighbour, auditor):
            headers = api_headers(person) if name.startswith("api") else {}
            page = browser(person).get(reverse(name, args=args), headers=headers).content.decode()
            assert "中午要睡觉" not in page, f"{name} as {person}"
    page = browser(coordinator).get(reverse("staff_appointment", args=[visit.pk])).content.decode()
    assert "中午要睡觉" in page


def test_shared_pictures__taken_back__are_private_again(site: Site) -> None:
    visit = make_appointment(site=site, status="done")
    before, _after = make_picture(visit), make_picture(visit, shows="after")
    _home, neighbour = site.neighbour()
    address = reverse("renovation", args=[site.project.pk])

    def shares(yes: bool) -> None:
        actions.take_part(
            answer=actions.HouseholdAnswer(answer="yes", shares_pictures=yes),
            project=site.project,
            home=site.home,
            by=site.resident,
            now=clock.now(),
        )

    shares(yes=True)
    page = browser(neighbour).get(address).content.decode()
    assert str(before.pk) in page
    compared = page.split('id="compare"')[1].split("</section>")[0]
    assert "501" not in re.sub(r"<[^>]*>", "", compared), "whose pictures they are"
    shares(yes=False)
    assert str(before.pk) not in browser(neighbour).get(address).content.decode()
    assert not RenovationPicture.objects.visible_to(neighbour).exists()
    headers = api_headers(neighbour)
    picture = reverse("api_renovation_picture", args=[before.pk, "small"])
    assert Client().get(picture, headers=headers).status_code == 404


def test_shared_pictures__of_the_household_before__are_not_for_the_next_to_show(site: Site) -> None:
    visit = make_appointment(site=site, status="confirmed")
    before, after = make_picture(visit), make_picture(visit, shows="after")
    Appointment.objects.update(created_at=clock.now() - timedelta(days=300))
    moves_out(site.resident)
    tenant = moves_in(site)
    _home, neighbour = site.neighbour()
    actions.take_part(
        answer=actions.HouseholdAnswer(answer="yes", shares_pictures=True),
        project=site.project,
        home=site.home,
        by=tenant,
        now=clock.now(),
    )
    for person in (tenant, neighbour):
        assert not RenovationPicture.objects.visible_to(person).exists()
        for picture in (before, after):
            assert status_of(person, "renovation_picture", picture.pk, "small") == 404
    assert works_in_home.pairs_of_neighbours(works_in_home.pictures_of(site.project)) == []


# -- What two do at the same time


def test_start__of_what_was_moved_meanwhile__is_refused(site: Site) -> None:
    """The crew stands at the door with this morning's page; the household has just moved it to next week."""
    visit = make_appointment(site=site)
    make_picture(visit)
    at_the_door = kept(visit)
    later = site.slot(day=clock.today(clock.now()) + timedelta(days=7))
    actions.move_appointment(appointment=kept(visit), to=later, by=site.resident, now=clock.now())
    with pytest.raises(AlreadyMoved):
        actions.start_work(appointment=at_the_door, by=site.member, now=clock.now())
    assert (kept(visit).status, kept(visit).starts_at) == (S.BOOKED, later.starts_at)
    assert at_the_door.starts_at == later.starts_at, "the page shows what is so now"


def test_move__of_what_has_begun_meanwhile__moves_nothing(site: Site) -> None:
    slot = site.slot()
    visit = make_appointment(site=site, slot=slot)
    make_picture(visit)
    stale = kept(visit)
    actions.start_work(appointment=kept(visit), by=site.member, now=clock.now())
    later = site.slot(day=clock.today(clock.now()) + timedelta(days=7))
    with pytest.raises(AlreadyMoved):
        actions.move_appointment(appointment=stale, to=later, by=site.resident, now=clock.now())
    later.refresh_from_db()
    slot.refresh_from_db()
    assert (slot.taken, later.taken, kept(visit).status) == (1, 0, S.UNDER_WAY)


def test_book__tapped_twice__is_one(site: Site) -> None:
    slot, key = site.slot(capacity=5), uuid4()
    address = reverse("renovation_times", args=[site.project.pk, site.home.pk, site.item.pk])
    client = browser(site.resident)
    for _n in range(2):
        assert client.post(address, {"slot": slot.pk, "key": key}).status_code == 302
    other = client.post(address, {"slot": slot.pk, "key": uuid4()})
    assert other.status_code == 409
    slot.refresh_from_db()
    assert (Appointment.objects.count(), slot.taken, Place.objects.count()) == (1, 1, 1)


def test_said_no__waits_no_longer(site: Site) -> None:
    slot = site.slot(capacity=1)
    Slot.objects.filter(pk=slot.pk).update(taken=1)
    actions.wait_for_slot(home=site.home, item=site.item, slot=slot, by=site.resident, now=clock.now())
    actions.take_part(
        answer=actions.HouseholdAnswer(answer="no"),
        project=site.project,
        home=site.home,
        by=site.resident,
        now=clock.now(),
    )
    assert AppointmentWaiting.objects.get().waiting.status == "left"


def test_warranty__two_taps_are_one_repair__after_its_end_none(site: Site) -> None:
    visit = make_appointment(site=site, status="confirmed")
    top = make_category(estate=site.estate, name="门窗")
    make_category(parent=top, name="窗户", icon="window")
    first = actions.claim_warranty(appointment=kept(visit), by=site.resident, now=clock.now())
    assert actions.claim_warranty(appointment=kept(visit), by=site.resident, now=clock.now()) == first
    assert visit.warranty_until is not None
    after = datetime.combine(visit.warranty_until + timedelta(days=1), time(9), tzinfo=clock.SHANGHAI)
    with pytest.raises(ActionError, match="no_warranty"):
        actions.claim_warranty(appointment=kept(visit), by=site.resident, now=after)


def test_other_work_of_another_project__is_not_booked_here(site: Site) -> None:
    foreign = make_work_item(project=Site().project)
    address = reverse("renovation_times", args=[site.project.pk, site.home.pk, foreign.pk])
    slot = site.slot()
    assert browser(site.resident).post(address, {"slot": slot.pk, "key": uuid4()}).status_code == 404
    home, _neighbour = site.neighbour()
    address = reverse("renovation_times", args=[site.project.pk, home.pk, site.item.pk])
    assert browser(site.resident).post(address, {"slot": slot.pk, "key": uuid4()}).status_code == 404
