"""Everything that a home page and the side nav show, changed one after another: who sees it, through which door."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client

from accounts import actions as people
from accounts.models import Delegation, Residency, StaffRole, User
from community.core import clock
from community.notices import actions as notices
from community.notices.models import Notice
from community.notices.tasks import publish_due_notices
from community.notifications.models import InboxNotice
from services.care import actions as care
from services.care.models import CareBooking
from services.feedback import actions as feedback
from services.help import actions as help_actions
from services.help.models import DutyShift
from services.renovation import actions as renovation
from services.repairs import actions as repairs
from services.repairs.models import Repair, RepairCategory
from tests.factories import make_leave, make_repair, make_token
from tests.support.all_rights import all_rights
from tests.support.world import World

Change = Callable[[World], object]
HOME: list[tuple[str, Change]] = []
NAV: list[tuple[str, Change]] = []
# Changes of words and names, which stand on many pages: these may grow the number of everything.
BROAD: set[str] = set()


def home(*readers: str, is_broad: bool = False) -> Callable[[Change], Change]:
    """Adds a change that these people see on their home page."""
    return _adder(HOME, readers, is_broad=is_broad)


def nav(*readers: str, is_broad: bool = False) -> Callable[[Change], Change]:
    """Adds a change that these people see in the side nav."""
    return _adder(NAV, readers, is_broad=is_broad)


def _adder(
    to: list[tuple[str, Change]], readers: tuple[str, ...], *, is_broad: bool
) -> Callable[[Change], Change]:
    def add(change: Change) -> Change:
        to.extend((reader, change) for reader in readers)
        if is_broad:
            BROAD.add(change.__name__)
        return change

    return add


def signed_in(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def in_back_office(world: World, row: Any, **changed: str) -> None:
    """Changes fields of a row on its page of the back office, the others stay as they stand there."""
    client, address = (
        signed_in(world.people["security" if isinstance(row, User) else "superuser"]),
        f"/admin/{row._meta.label_lower.replace('.', '/')}/{row.pk}/change/",
    )
    with all_rights():
        _change(client, address, changed)


def _change(client: Client, address: str, changed: dict[str, str]) -> None:
    page = client.get(address).context
    form = page["adminform"].form
    given = {name: value for name in form.fields if (value := form[name].value()) is not None}
    given = {name: value for name, value in given.items() if value is not False}
    for inline in page["inline_admin_formsets"]:
        given |= {f"{inline.formset.prefix}-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    answer = client.post(address, {**given, **changed})
    assert answer.status_code == 302, answer.context["errors"]


@home("household")
def the_worker_begins(world: World) -> None:
    repairs.start_work(repair=world.repair, by=world.people["repair_worker"], now=clock.now())


@home("owner")
def the_worker_asks_back(world: World) -> None:
    the_worker_begins(world)
    repairs.wait_for_resident(
        repair=world.repair, by=world.people["repair_worker"], reason="门没开", now=clock.now()
    )


@home("owner")
@nav("dispatcher")
def a_repair_is_cancelled_on_its_page(world: World) -> None:
    answer = signed_in(world.people["owner"]).post(
        f"/repairs/{world.emergency.pk}/cancel/", {"reason": "好了"}
    )
    assert answer.status_code == 302


@home("household")
@nav("dispatcher")
def a_repair_is_cancelled_through_the_api(world: World) -> None:
    token = make_token(world.people["owner"])
    answer = Client().post(
        f"/api/v1/repairs/{world.emergency.pk}/cancel/", {}, content_type="application/json", headers=token
    )
    assert answer.status_code < 300, answer.content


@home("household", is_broad=True)
def a_worker_is_renamed_in_the_back_office(world: World) -> None:
    the_worker_begins(world)
    in_back_office(world, world.people["repair_worker"], name="张铁柱")


@home("household", is_broad=True)
def a_category_is_renamed_in_the_back_office(world: World) -> None:
    in_back_office(world, world.repair.category, name="滴水")


@home("owner", is_broad=True)
def an_estate_is_renamed_in_the_back_office(world: World) -> None:
    in_back_office(world, world.estate, name="幸福新里")


@home("household", is_broad=True)
def a_category_is_renamed_by_a_command(world: World) -> None:
    RepairCategory.objects.filter(pk=world.repair.category_id).update(name="滴水")


@nav("carer")
def a_visit_of_today_is_cancelled(world: World) -> None:
    booking = CareBooking.objects.with_people().get(pk=world.more["care_today"].pk)
    care.cancel_booking(booking=booking, by=world.people["care_coordinator"], reason="生病", now=clock.now())


@home("owner", "delegate")
def a_visit_is_cancelled(world: World) -> None:
    booking = CareBooking.objects.with_people().get(pk=world.more["care_booking"].pk)
    care.cancel_booking(booking=booking, by=world.people["owner"], now=clock.now())


@home("owner")
@nav("care_coordinator")
def a_visit_loses_its_carer(world: World) -> None:
    booking = CareBooking.objects.with_people().get(pk=world.more["care_booking"].pk)
    care.arrange_visit(booking=booking, carer=None, by=world.people["care_coordinator"], now=clock.now())


@home("owner", "household")
def an_appointment_is_cancelled(world: World) -> None:
    renovation.cancel_appointment(
        appointment=world.more["appointment"], by=world.people["owner"], reason="出差", now=clock.now()
    )


@home("owner")
@nav("renovation_coordinator")
def defects_are_named(world: World) -> None:
    renovation.name_defects(
        appointment=world.more["appointment_done"], by=world.people["owner"], words="漏风", now=clock.now()
    )


@nav("renovation_coordinator")
def a_question_is_answered(world: World) -> None:
    renovation.answer_question(
        question=world.more["renovation_question"],
        answer="有",
        by=world.people["renovation_coordinator"],
        now=clock.now(),
    )


@home("owner", "household", "delegate")
def a_call_is_taken(world: World) -> None:
    help_actions.take_call(call=world.more["help_call"], by=world.people["front_desk"], now=clock.now())


@nav("front_desk", "carer")
def a_call_is_ended(world: World) -> None:
    a_call_is_taken(world)
    help_actions.end_call(
        call=world.more["help_call"], by=world.people["front_desk"], outcome="helped", now=clock.now()
    )


@nav("manager")
def a_shift_is_removed(world: World) -> None:
    for shift in DutyShift.objects.filter(user=world.people["carer"])[:1]:
        help_actions.remove_shift(shift=shift, by=world.people["manager"])


@nav("manager", "carer")
def a_leave_is_entered_in_the_back_office(world: World) -> None:
    now = clock.now()
    make_leave(
        estate=world.estate,
        user=world.people["carer"],
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=5),
    )


@nav("manager")
def the_one_on_duty_loses_the_role(world: World) -> None:
    StaffRole.objects.get(user=world.people["carer"], estate=world.estate).delete()


@home("owner")
def a_notice_is_published(world: World) -> None:
    notices.publish_notice(notice=world.more["draft_notice"], by=world.people["manager"], now=clock.now())


@home("owner")
def a_notice_is_withdrawn(world: World) -> None:
    notices.withdraw_notice(
        notice=world.more["public_notice"], reason="取消", by=world.people["manager"], now=clock.now()
    )


@home("owner")
def a_notice_is_published_by_the_clock(world: World) -> None:
    notice = world.more["draft_notice"]
    notice.status, notice.publish_at = Notice.Status.SCHEDULED, clock.now() - timedelta(minutes=1)
    notice.save()
    assert publish_due_notices() == 1


@home("owner", "household")
def a_notice_is_read(world: World) -> None:
    for who in ("owner", "household"):
        notices.read_notice(notice=world.more["announcement"], by=world.people[who], now=clock.now())


@home("neighbour")
def help_is_offered(world: World) -> None:
    people.give_delegation(
        proposed=people.ProposedDelegation(
            world.people["household"], world.people["neighbour"].phone, "女儿", ["repairs"]
        ),
        by=world.people["household"],
        now=clock.now(),
    )


@home("owner")
def help_is_accepted(world: World) -> None:
    people.accept_delegations(
        resident=world.people["neighbour"],
        delegate=world.people["owner"],
        by=world.people["owner"],
        now=clock.now(),
    )


@home("delegate")
def a_delegation_is_ended(world: World) -> None:
    people.end_delegations(
        resident=world.people["owner"],
        delegate=world.people["delegate"],
        by=world.people["owner"],
        now=clock.now(),
    )


@home("delegate")
def a_delegation_is_deleted(world: World) -> None:
    Delegation.objects.filter(resident=world.people["owner"]).delete()


@home("newcomer")
@nav("front_desk")
def a_home_is_confirmed(world: World) -> None:
    people.approve_residency(residency=world.asked, by=world.people["front_desk"], now=clock.now())


@home("newcomer")
@nav("front_desk")
def a_home_is_refused(world: World) -> None:
    people.decline_residency(
        residency=world.asked, reason="不对", by=world.people["front_desk"], now=clock.now()
    )


@home("household")
def a_residency_is_deleted(world: World) -> None:
    Residency.objects.filter(user=world.people["household"]).delete()


@home("owner", "delegate", is_broad=True)
def a_resident_renames_themselves(world: World) -> None:
    people.rename(user=world.people["owner"], name="王大秀", by=world.people["owner"])


@home("owner")
def a_message_comes_in(world: World) -> None:
    row = InboxNotice.objects.get(pk=world.notice.pk)
    row.pk, row.key = None, str(uuid4())
    row.save()


@nav("dispatcher")
def a_repair_is_reported(world: World) -> None:
    kept = world.emergency
    make_repair(home=world.home, resident=kept.resident, category=kept.category, status=Repair.Status.NEW)


@nav("dispatcher")
def a_repair_is_accepted(world: World) -> None:
    repairs.accept_repair(repair=world.emergency, by=world.people["dispatcher"], now=clock.now())


@nav("repair_worker")
def a_job_is_handed_to_another(world: World) -> None:
    repairs.assign_repair(
        repair=world.repair,
        worker=world.people["other_worker"],
        by=world.people["dispatcher"],
        now=clock.now(),
    )


@nav("front_desk")
def feedback_is_answered(world: World) -> None:
    feedback.answer_feedback(
        feedback=world.more["feedback"], by=world.people["front_desk"], words="在办", now=clock.now()
    )
