"""What ends a session or a right without an action of ours: the open pages of its person are told."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save, pre_save

from accounts.models import StaffRole, User
from community.core.sessions import SessionStore
from community.notifications import live

# Whoever has another password, or is locked, is signed out everywhere.
SIGNS_IN = {"password", "is_active", "is_staff", "is_superuser"}


def connect() -> None:
    """Watch the rows of sessions, roles and people, whoever writes them: a page, the admin, a cascade."""
    post_delete.connect(tell_session_ended, sender=Session, dispatch_uid="accounts.session_ended")
    pre_save.connect(note_former_holder, sender=StaffRole, dispatch_uid="accounts.former_holder")
    post_save.connect(tell_role_changed, sender=StaffRole, dispatch_uid="accounts.role_changed")
    post_delete.connect(tell_role_changed, sender=StaffRole, dispatch_uid="accounts.role_ended")
    post_save.connect(tell_person_changed, sender=User, dispatch_uid="accounts.person_changed")


def tell_session_ended(instance: Session, **kwargs: Any) -> None:
    """Signed out, signed in afresh, or swept away: in the transaction that deletes the row."""
    person = SessionStore().decode(instance.session_data).get(SESSION_KEY)
    if person is not None:
        live.session_ended(int(person))


def note_former_holder(instance: StaffRole, **kwargs: Any) -> None:
    """A role may be handed from one person to another."""
    held = StaffRole.objects.filter(pk=instance.pk) if instance.pk else StaffRole.objects.none()
    instance.former_holders = set(held.values_list("user", flat=True))  # type: ignore[attr-defined]


def tell_role_changed(instance: StaffRole, **kwargs: Any) -> None:
    """Given as well as taken: a session that was opened by a code opens no role, and ends at its next page."""
    live.access_ended(instance.user_id, *getattr(instance, "former_holders", ()))


def tell_person_changed(
    instance: User, created: bool, update_fields: frozenset[str] | None, **kwargs: Any
) -> None:
    if not created and (update_fields is None or SIGNS_IN & set(update_fields)):
        live.notify_open_pages(live.access_topic(instance.pk), live.session_topic(instance.pk))
