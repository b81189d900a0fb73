"""The resident for whom feedback is written, and the estates to choose from."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import StaffRole, User
from accounts.policies import estates_of, homes_of
from community.estates.models import Estate
from services.common.acting_for import estates_to_act_in, given_by, resident_named
from services.feedback import policies


@dataclass(frozen=True)
class Start:
    """The writer and the estates; ``resident`` and ``by`` are None for a signed-out visitor."""

    estates: list[Estate]
    resident: User | None
    by: User | None

    @property
    def is_for_another(self) -> bool:
        return self.resident != self.by


def read_start(request: HttpRequest) -> Start:
    """Reads ``for`` of the address or form: the resident for whom a delegate or the desk writes; default is
    the user.

    Raises ``Http404`` if the user may not write for that person.
    """
    given = given_by(request)
    user = request.user if isinstance(request.user, User) else None
    if user is None:
        return Start(list(Estate.objects.all()), None, None)
    resident = resident_named(given.get("for", ""), user)
    estates = Estate.objects.filter(pk__in=homes_of(resident).values("entrance__building__estate"))
    if resident != user:
        # A person who has only requested a home lives nowhere yet; the desk may still write for them.
        acted_in = list(estates or estates_of(user, *StaffRole.DESK))
        allowed = estates_to_act_in(
            user, resident, (estate.pk for estate in acted_in), policies.may_write_for
        )
        return Start(list(Estate.objects.filter(pk__in=allowed)), resident, user)
    found = list(estates) or list(estates_of(user)) or list(Estate.objects.all())
    return Start(found, resident, user)
