"""A person's yes to signing in by WeChat without a code, and its end."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import is_staff_person, must_be_desk_for_all_homes_of
from community.core import audit
from community.core.encryption import blind_index
from community.core.errors import ActionError, Forbidden
from community.notifications import outbox
from community.wechat.actions import end_binding
from community.wechat.models import Binding, BoundSession, OfficialAccount

# Families share a phone, and a person may have several WeChat accounts.
MAX_PEOPLE, MAX_OF_PERSON = 8, 8


def bind_wechat(*, user: User, account: OfficialAccount, openid: str, now: datetime) -> Binding:
    """Lets an openid sign the person in from now on. Repeating it changes nothing.

    Checks no policy: the caller has the openid from WeChat in this session, and the person has just typed a code.
    Raises ``Forbidden`` for staff and ``ActionError`` (``too_many_people``).
    """
    if is_staff_person(user):
        raise Forbidden
    of_openid = Binding.objects.of_openid(account, openid)
    known = of_openid.filter(user=user).first()
    if known is not None:
        return known
    if of_openid.count() >= MAX_PEOPLE or Binding.objects.filter(user=user).count() >= MAX_OF_PERSON:
        raise ActionError(
            "too_many_people", _("Too many people sign in with this WeChat. Please end one of them first.")
        )
    with transaction.atomic():
        made, is_new = Binding.objects.get_or_create(
            account=account,
            openid_index=blind_index(openid),
            user=user,
            defaults={"openid": openid, "bound_at": now, "used_at": now},
        )
        if is_new:
            audit.record("wechat_bound", by=user, target=user, account=account.pk)
            outbox.queue_message(
                user, "wechat_bound", key=f"wechat_bound:{made.pk}", url=reverse("own_wechat"), now=now
            )
    return made


def note_bound_session(*, binding: Binding, session_key: str, now: datetime) -> None:
    """Notes that the binding has begun a session, which ends with it."""
    with transaction.atomic():
        BoundSession.objects.get_or_create(binding=binding, session_id=session_key)
        Binding.objects.filter(pk=binding.pk).update(used_at=now)


def unbind_wechat(*, binding: Binding, by: User, now: datetime) -> None:
    """Ends a binding, and at once every session that it has begun.

    For its owner, and for the desk of all their homes. Raises ``Forbidden`` and ``ActionError`` for others.
    """
    if by.pk != binding.user_id:
        must_be_desk_for_all_homes_of(by, binding.user)
    with transaction.atomic():
        key = f"wechat_unbound:{binding.pk}"
        end_binding(binding, by=by)
        outbox.queue_message(
            binding.user,
            "wechat_unbound",
            key=key,
            url=reverse("own_wechat"),
            now=now,
        )


def drop_bindings_of(user: User) -> None:
    """Ends all bindings of a person whose number changes. Checks no policy; their sessions end with the number."""
    Binding.objects.filter(user=user).delete()
