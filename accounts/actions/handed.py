"""Words typed at a step that is handed over to the family: stored in the step's draft, or else as a form."""

import json
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import ResolverMatch, resolve
from django.urls.exceptions import Resolver404

from accounts.models import Delegation, HandedForm, User
from accounts.models.handed import HANDED_FOR
from community.core.services import declared


def takes_typed(path: str) -> bool:
    """Whether relatives asked for help with the step at ``path`` get what is typed there."""
    found = _resolved(path)
    names = (service.home for service in declared() if service.home)
    return found is not None and any(found.url_name in (*one.typed, *one.handed) for one in names)


def give_typed(
    path: str, *, by: User, fields: dict[str, list[str]], delegates: Iterable[User], now: datetime
) -> bool:
    """Gives what is typed at the step at ``path`` to those of ``delegates`` who may act there.

    A step with a draft stores it as the step itself would; otherwise the form is kept for two days. Returns
    False if nothing could be given. Raises ``ActionError``.
    """
    found = _resolved(path)
    for service in declared():
        if found is None or service.home is None:
            continue
        name = found.url_name or ""
        if store := service.home.typed.get(name):
            store(by, found.kwargs, fields)
            return True
        if name in service.home.handed:
            return _keep(path, service.key, by=by, fields=fields, delegates=delegates, now=now)
    return False


def _resolved(path: str) -> ResolverMatch | None:
    try:
        return resolve(path.partition("?")[0])
    except Resolver404:
        return None


def _keep(
    path: str,
    service: str,
    *,
    by: User,
    fields: dict[str, list[str]],
    delegates: Iterable[User],
    now: datetime,
) -> bool:
    """Keeps the form for each delegate for the service; returns whether there is one."""
    address, typed = path.partition("?")[0], json.dumps(fields)
    entrusted = Delegation.objects.active().filter(resident=by, service=service)
    allowed = set(entrusted.values_list("delegate", flat=True))
    asked = [person for person in delegates if person.pk in allowed]
    with transaction.atomic():
        for person in asked:
            HandedForm.objects.update_or_create(
                resident=by,
                delegate=person,
                address=address,
                defaults={"service": service, "typed": typed, "created_at": now},
            )
    return bool(asked)


def forget_handed(*, resident: int, address: str, by: User) -> None:
    """Deletes what ``resident`` (a key) typed at ``address``, for everybody; does nothing if ``by`` may not
    see it.
    """
    if HandedForm.objects.visible_to(by).of_step(resident, address).exists():
        HandedForm.objects.of_step(resident, address).delete()


def forget_old_handed(*, now: datetime) -> int:
    """Deletes forms handed over more than two days ago; returns how many."""
    return HandedForm.objects.filter(created_at__lte=now - HANDED_FOR).delete()[0]
