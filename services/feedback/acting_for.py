"""For whom feedback is written, and in which estates."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import StaffRole, User
from accounts.policies import estates_of, homes_of
from community.estates.models import Estate
from services.common.acting_for import estates_to_act_in, given_by, resident_named
from services.feedback import policies


@dataclass(frozen=True)
class Start:
    """``resident`` and ``by`` are None if nobody is signed in."""

    estates: list[Estate]
    resident: User | None
    by: User | None

    @property
    def is_for_another(self) -> bool:
        return self.resident != self.by


def read_start(request: HttpRequest) -> Start:
    """From ``for`` of the address or form: for whom a delegate or the desk writes, else for oneself, else nobody.

    Raises ``Http404`` where ``for`` names a person for whom one may not write.
    """
    given = given_by(request)
    user = request.user if isinstance(request.user, User) else None
    if user is None:
        return Start(list(Estate.objects.all()), None, None)
    resident = resident_named(given.get("for", ""), user)
    estates = Estate.objects.filter(pk__in=homes_of(resident).values("entrance__building__estate"))
    if resident != user:
        # Who has only asked for a home lives nowhere yet; the desk may still write down what they say.
        acted_in = list(estates or estates_of(user, *StaffRole.DESK))
        allowed = estates_to_act_in(user, resident, (one.pk for one in acted_in), policies.may_write_for)
        return Start(list(Estate.objects.filter(pk__in=allowed)), resident, user)
    found = list(estates) or list(estates_of(user)) or list(Estate.objects.all())
    return Start(found, resident, user)
