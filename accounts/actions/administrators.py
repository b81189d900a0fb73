"""System, security and audit administrators, appointed and ended by two."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actions.approvals import Wanted, ask_approval
from accounts.actions.staff import USERNAME_WORDS, NameTaken, is_username
from accounts.actions.tokens import revoke_all_tokens
from accounts.models import FLAGS, Administration, Approval, Oversight, User
from accounts.policies import may_appoint
from community.core import audit, changes
from community.core.errors import ActionError, Forbidden
from community.estates.models import PropertyCompany
from community.notifications import live

# Names of the acts by two in the declaration of accounts.
ADMINISTRATION, NO_ADMINISTRATION = "administration", "no_administration"


@dataclass(frozen=True)
class NewAdministrator:
    """An account to be made for an administration; of the city's operator, the companies (none: all estates)."""

    username: str
    name: str
    administration: str
    companies: Collection[PropertyCompany] = ()


def make_administrator(new: NewAdministrator, *, by: User, now: datetime) -> tuple[User, Approval]:
    """Creates an account without any right and asks that it becomes an administrator's.

    Raises ``Forbidden``, ``NameTaken`` and ``ActionError`` for a name that is not possible.
    """
    username = new.username.strip().lower()
    if not is_username(username):
        raise ActionError("name_not_possible", USERNAME_WORDS, field="username")
    if User.objects.filter(username=username).exists():
        raise NameTaken
    with transaction.atomic():
        person = User.objects.create_user(username=username, name=new.name.strip())
        audit.record("staff_account_made", by=by, target=person)
        asked = ask_administration(
            person=person, administration=new.administration, companies=new.companies, by=by, now=now
        )
    return person, asked


def ask_administration(
    *,
    person: User,
    administration: str,
    companies: Collection[PropertyCompany] = (),
    by: User,
    now: datetime,
) -> Approval:
    """Asks for an administration (a value of ``Administration``) or, with "", for the end of the person's.

    Another administrator agrees; the appointment is done at once while nobody else could. Raises ``Forbidden``,
    and ``ActionError`` while the same waits.
    """
    if not may_appoint(by, person, administration):
        raise Forbidden(
            _("Only people without a role become administrators, and nobody appoints themselves.")
        )
    kind = ADMINISTRATION if administration else NO_ADMINISTRATION
    given = {
        "person": person.pk,
        "administration": administration,
        "ends": person.administration,
        "companies": sorted(one.pk for one in companies),
    }
    return ask_approval(Wanted(kind, None, person.pk, given), by=by, now=now)


def set_administration(*, asked: Approval, by: User, now: datetime) -> None:
    """Gives or ends the administration of a request, in the transaction of the second yes.

    The person signs in anew. Raises ``Forbidden``, and ``ActionError`` if the person's rights have changed since
    or no system administrator would be left.
    """
    wanted, before = asked.given["administration"], asked.given["ends"]
    # Locked in one order, so that a role given at the same moment waits.
    rows = User.objects.select_for_update().order_by("pk")
    systems = {one.pk for one in rows.administering(Administration.SYSTEM) if one.is_active}
    person = rows.get(pk=asked.given["person"])
    if person.administration != before:
        raise ActionError("administration_changed", _("This has changed meanwhile. Please decline it."))
    if not may_appoint(by, person, wanted):
        raise Forbidden(_("Somebody else must do this."))
    if not wanted and systems == {person.pk}:
        raise ActionError("last_administrator", _("At least one system administrator must remain."))
    for one, flag in FLAGS.items():
        setattr(person, flag, one == wanted)
    # The city's operator has no part of the back office.
    person.is_staff = wanted not in ("", Administration.CITY)
    person.save(update_fields=[*FLAGS.values(), "is_staff"])
    Oversight.objects.filter(user=person).delete()
    if wanted == Administration.CITY:
        for company in asked.given["companies"] or [None]:
            Oversight.objects.create(user=person, company_id=company)
    if person.last_login is not None:
        # Not of a new account, whose link for a password would end too.
        with changes.covering(User):
            User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    live.access_ended(person.pk)
    revoke_all_tokens(user=person, by=by, now=now)
    act = "administration_given" if wanted else "administration_ended"
    audit.record(act, by=by, target=person, administration=wanted or before)
