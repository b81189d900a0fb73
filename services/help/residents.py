"""Help on the desk's page of a resident."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, User
from community.core.services.staff import ResidentAction


def _call_url(person: User, residency: Residency) -> str:
    return f"{reverse('help')}?for={person.pk}"


ACTIONS = (
    ResidentAction(position=40, label=_("Send somebody"), icon="bell", kind="soft-danger", url=_call_url),
)
