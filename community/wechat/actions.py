"""Trying an official account; what is noted of it and of the people whom it knows."""

import logging
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from community.core import audit
from community.core.errors import ActionError
from community.wechat.errors import WORDS, WeChatRefused
from community.wechat.http import NoAnswer
from community.wechat.models import Binding, Grant, OfficialAccount, RobotMessage
from community.wechat.tokens import ask_for_token

logger = logging.getLogger(__name__)


def try_account(*, account: OfficialAccount, now: datetime) -> None:
    """Asks WeChat for an access token. Raises ``ActionError`` that says what is wrong."""
    try:
        ask_for_token(account)
    except WeChatRefused as refusal:
        note_problem(account=account, code=refusal.code, now=now)
        known = WORDS.get(refusal.code) or _("WeChat refuses with code %(code)s.") % {"code": refusal.code}
        raise ActionError("account_fails", known) from refusal
    except NoAnswer as problem:
        raise ActionError("account_fails", _("WeChat does not answer.")) from problem
    note_problem(account=account, code=0, now=now)


def note_problem(*, account: OfficialAccount, code: int, now: datetime) -> None:
    """Notes the code of a refusal that staff must mend; 0 once the account works again."""
    mine = OfficialAccount.objects.filter(pk=account.pk).exclude(problem=code)
    if mine.update(problem=code, problem_at=now if code else None) and code:
        logger.error("wechat: account %s must be mended: errcode %s", account.pk, code)


def end_binding(binding: Binding, *, by: Any) -> int:
    """Ends a binding, and at once every session that it has begun; returns how many. Checks no policy."""
    with transaction.atomic():
        keys = list(binding.sessions.values_list("session_id", flat=True))
        if not Binding.objects.filter(pk=binding.pk).delete()[0]:
            return 0
        Session.objects.filter(pk__in=keys).delete()
        audit.record("wechat_unbound", by=by, target=binding.user, sessions=len(keys))
    return len(keys)


def forget_openid(*, account: OfficialAccount, openid: str) -> None:
    """Ends all bindings of an openid whose owner has withdrawn the consent or closed the WeChat account."""
    for binding in Binding.objects.of_openid(account, openid).select_related("user"):
        end_binding(binding, by=None)


def note_follows(*, account: OfficialAccount, openid: str, does_follow: bool) -> None:
    """Notes whether the person follows the account."""
    Binding.objects.of_openid(account, openid).update(does_follow=does_follow)


def note_grant(*, account: OfficialAccount, openid: str, template_id: str, is_given: bool) -> None:
    """Notes one more message that a tap has allowed, or that the person allows none any more."""
    for binding in Binding.objects.of_openid(account, openid):
        grant, _is_new = Grant.objects.get_or_create(binding=binding, template_id=template_id)
        Grant.objects.filter(pk=grant.pk).update(left=F("left") + 1 if is_given else 0)


def use_grant(binding: Binding, template_id: str) -> bool:
    """Uses up one allowed message; False if none is left."""
    left = Grant.objects.filter(binding=binding, template_id=template_id, left__gt=0)
    return bool(left.update(left=F("left") - 1))


def say_again(*, message: RobotMessage, by: Any, now: datetime) -> None:
    """Queues a failed message to a group chat again; other statuses are left alone. Checks no policy."""
    failed = RobotMessage.objects.filter(pk=message.pk, status=RobotMessage.Status.FAILED)
    with transaction.atomic():
        if failed.update(status=RobotMessage.Status.PENDING, tries=0, next_try_at=now):
            audit.record("outbox.send_again", by=by, target=message)
