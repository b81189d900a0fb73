"""Closes open pages when a session or a right ends outside our actions, and notes the week of a sign-in."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save, pre_save
from django.http import HttpRequest

from accounts.models import (
    FLAGS,
    Approval,
    Delegation,
    DelegationRequest,
    FamilyInvitation,
    Oversight,
    Residency,
    StaffRole,
    User,
)
from community.core import clock
from community.core.changes import EVERYTHING, watch
from community.core.events import role_ended
from community.core.sessions import SessionStore
from community.notifications import live
from community.notifications.topics import EVERYWHERE, desk_topic, of_row, watch_all

# Changes of these fields end all sessions.
SIGNS_IN = {"password", "is_active", "is_staff", *FLAGS.values()}
# Session key of the week in which the session was last extended.
WEEK = "kept_in_week"


def connect() -> None:
    """Connects to sessions, roles and people, so that changes by pages, the admin and cascades are all seen."""
    user_logged_in.connect(note_week, dispatch_uid="accounts.note_week")
    post_delete.connect(tell_session_ended, sender=Session, dispatch_uid="accounts.session_ended")
    pre_save.connect(note_former_holder, sender=StaffRole, dispatch_uid="accounts.former_holder")
    post_save.connect(tell_role_changed, sender=StaffRole, dispatch_uid="accounts.role_changed")
    post_delete.connect(tell_role_changed, sender=StaffRole, dispatch_uid="accounts.role_ended")
    post_delete.connect(send_role_ended, sender=StaffRole, dispatch_uid="accounts.send_role_ended")
    post_save.connect(tell_person_changed, sender=User, dispatch_uid="accounts.person_changed")


def watch_rows() -> None:
    """Names the rows about people that stand on pages of others."""
    watch_all(of_row("people", estate="home.estate.pk"), Residency)
    watch_all(of_row("help"), StaffRole)
    watch_all(of_approval, Approval)
    watch_all(of_row(), Delegation, DelegationRequest, FamilyInvitation, Oversight)
    # A new person stands on no page yet; a name may stand on all of them.
    watch(User, lambda row: [] if row._state.adding else [EVERYTHING])


def of_approval(row: Approval) -> Iterator[str]:
    """Returns the topics of those who may agree to an act by two."""
    yield from of_row("approvals")(row)
    yield desk_topic("approvals", EVERYWHERE)


def tell_session_ended(instance: Session, **kwargs: Any) -> None:
    """Notifies the person's open pages, in the transaction that deletes the session."""
    person = SessionStore().decode(instance.session_data).get(SESSION_KEY)
    if person is not None:
        live.session_ended(int(person))


def note_former_holder(instance: StaffRole, **kwargs: Any) -> None:
    """Remembers the former holder of a role that is given to another person."""
    held = StaffRole.objects.filter(pk=instance.pk) if instance.pk else StaffRole.objects.none()
    instance.former_holders = set(held.values_list("user", flat=True))  # type: ignore[attr-defined]


def tell_role_changed(instance: StaffRole, **kwargs: Any) -> None:
    """Notifies the holders when a role is given or taken: sessions opened by a code end at their next page."""
    live.access_ended(instance.user_id, *getattr(instance, "former_holders", ()))


def send_role_ended(instance: StaffRole, **kwargs: Any) -> None:
    """Sends ``role_ended`` in the transaction that deletes the role."""
    role_ended.send(role=instance, now=clock.now())


def tell_person_changed(
    instance: User, created: bool, update_fields: frozenset[str] | None, **kwargs: Any
) -> None:
    """Notifies the person's open pages when a field that decides over signing in changes."""
    if not created and (update_fields is None or SIGNS_IN & set(update_fields)):
        live.notify_open_pages(live.access_topic(instance.pk), live.session_topic(instance.pk))


def note_week(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Notes the week of a sign-in, so that the first page need not write the session again."""
    request.session[WEEK] = this_week()


def this_week() -> str:
    """Returns the present ISO week, such as ``2026-48``."""
    year, week, _day = clock.now().isocalendar()
    return f"{year}-{week}"
