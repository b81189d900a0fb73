"""Whom a notice can be written to from here: the homes of a project that have no appointment yet."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from community.core import clock
from community.estates.models import Estate, Home
from community.notices.audiences import Group
from services.renovation import progress
from services.renovation.models import RenovationProject


def groups(estate: Estate) -> list[Group]:
    projects = RenovationProject.objects.filter(estate=estate, status__in=RenovationProject.BOOKABLE)
    return [
        Group(str(project.pk), _("No appointment yet: %(project)s") % {"project": project.name})
        for project in projects
    ]


def homes(estate: Estate, value: str) -> QuerySet[Home]:
    """The same at whose doors the coordinator's list says to knock."""
    project = RenovationProject.objects.filter(
        estate=estate, pk=int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0
    ).first()
    if project is None:
        return Home.objects.none()
    return progress.doors_to_knock_at(project, now=clock.now())
