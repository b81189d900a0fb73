"""Acts by two of accounts: administrators, roles of staff and their tokens."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actions.administrators import ADMINISTRATION, NO_ADMINISTRATION, set_administration
from accounts.actions.staff import AUDITORS_ROLE, ROLE, give_role
from accounts.actions.tokens import LONG_LIFE, extend_token
from accounts.models import Administration, ApiToken, Approval, StaffRole, User
from accounts.policies import has_role, is_security_admin, may_appoint, may_give_role
from community.core import clock
from community.core.dates import day_of, day_words
from community.core.services.approvals import ByTwo
from community.core.services.registry import by_two, scopes
from community.core.services.words import Words
from community.estates.models import PropertyCompany


def _person(asked: Approval) -> User | None:
    return User.objects.filter(pk=asked.given["person"]).first()


def _may(user: User, asked: Approval) -> bool:
    person = _person(asked)
    assert asked.estate_id is not None
    return person is not None and may_give_role(user, person, asked.estate_id, asked.given["role"])


def _facts(asked: Approval) -> list[tuple[Words, str]]:
    person = _person(asked)
    facts: list[tuple[Words, str]] = [
        (_("Member of staff"), str(person or "")),
        (_("Name for signing in"), person.username or "" if person else ""),
        (_("Role"), str(StaffRole.Role(asked.given["role"]).label)),
    ]
    days = ((_("First day"), "starts_on"), (_("Last day"), "ends_on"))
    today = clock.today(clock.now())
    held = [(label, day_of(asked.given[name])) for label, name in days]
    return facts + [(label, day_words(day, today)) for label, day in held if day]


def _may_appoint(user: User, asked: Approval) -> bool:
    person = _person(asked)
    return person is not None and may_appoint(user, person, asked.given["administration"])


def _administration_facts(asked: Approval) -> list[tuple[Words, str]]:
    person, wanted = _person(asked), asked.given["administration"] or asked.given["ends"]
    facts: list[tuple[Words, str]] = [
        (_("Member of staff"), str(person or "")),
        (_("Name for signing in"), person.username or "" if person else ""),
        (_("Kind of administrator"), str(Administration(wanted).label)),
    ]
    if asked.given["administration"] == Administration.CITY:
        companies = PropertyCompany.objects.filter(pk__in=asked.given["companies"])
        names = ", ".join(str(one) for one in companies)
        facts.append((_("Estates of"), names or str(_("all companies"))))
    return facts


def _appoint(asked: Any, *, by: Any, now: Any) -> None:
    set_administration(asked=asked, by=by, now=now)


def _token(asked: Approval) -> ApiToken:
    return ApiToken.objects.select_related("user").get(pk=asked.given["token"])


def _may_extend(user: User, asked: Approval) -> bool:
    """Whether the user asks for their own token, or manages every estate whose roles it carries."""
    token = _token(asked)
    if user.pk == token.user_id or is_security_admin(user):
        return True
    estates = StaffRole.objects.filter(pk__in=token.role_ids).values_list("estate", flat=True)
    return all(has_role(user, estate, StaffRole.Role.MANAGER) for estate in estates)


def _token_facts(asked: Approval) -> list[tuple[Words, str]]:
    token = _token(asked)
    labels = {scope.name: str(scope.label) for scope in scopes()}
    days = asked.given["days"]
    return [
        (_("Member of staff"), str(token.user)),
        (_("What is it for?"), token.name),
        (_("What may it do?"), ", ".join(labels.get(name, name) for name in token.scopes)),
        (_("How long?"), ngettext("%(days)s day", "%(days)s days", days) % {"days": days}),
    ]


def _extend(asked: Any, *, by: Any, now: Any) -> None:
    extend_token(token=_token(asked), days=asked.given["days"], by=by, now=now)


def act_words(code: Any) -> str:
    """Returns the words for the name of an act by two, for messages."""
    kind = by_two().get(str(code))
    return str(kind.label) if kind else ""


def _act(asked: Any, *, by: Any, now: Any) -> None:
    give_role(asked=asked, by=by, now=now)


SYSTEM, SECURITY = Administration.SYSTEM.value, Administration.SECURITY.value
_ROLE = {"facts": _facts, "act": _act, "may": _may, "administrators": (SECURITY,), "alone": True}
_ADMINISTRATION = {
    "facts": _administration_facts,
    "act": _appoint,
    "may": _may_appoint,
    "administrators": (SYSTEM, SECURITY),
}
BY_TWO = {
    ROLE: ByTwo(label=_("A role for staff"), roles=(StaffRole.Role.MANAGER,), **_ROLE),  # type: ignore[arg-type]
    LONG_LIFE: ByTwo(
        label=_("A token that lives longer than a shift"),
        roles=(StaffRole.Role.MANAGER,),
        askers=tuple(StaffRole.Role.values),
        administrators=(SECURITY,),
        may=_may_extend,
        facts=_token_facts,
        act=_extend,
    ),
    # Managers are checked by auditors and neither appoint them nor agree to one.
    AUDITORS_ROLE: ByTwo(label=_("The role of an auditor"), agreers=(SYSTEM,), **_ROLE),  # type: ignore[arg-type]
    # The first administrator has nobody to agree with.
    ADMINISTRATION: ByTwo(label=_("A new administrator"), alone=True, **_ADMINISTRATION),  # type: ignore[arg-type]
    NO_ADMINISTRATION: ByTwo(label=_("The end of an administration"), **_ADMINISTRATION),  # type: ignore[arg-type]
}
