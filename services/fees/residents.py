"""Fees on the desk's page of a resident."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, User
from community.core.services.staff import ResidentAction


def _pay_url(person: User, residency: Residency) -> str:
    return f"{reverse('fees')}?for={person.pk}"


ACTIONS = (ResidentAction(position=20, label=_("Pay for them"), icon="receipt", kind="soft", url=_pay_url),)
