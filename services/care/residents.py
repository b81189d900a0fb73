"""Elderly care on the desk's page of a resident."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, User
from community.core.services.staff import ResidentAction


def _book_url(person: User, residency: Residency) -> str:
    return f"{reverse('care')}?for={person.pk}"


ACTIONS = (ResidentAction(position=30, label=_("Book care"), icon="heart", kind="soft", url=_book_url),)
