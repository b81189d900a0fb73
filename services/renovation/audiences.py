"""Groups of homes that a notice can be written to: homes of a project without an appointment."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from community.core import clock
from community.estates.models import Estate, Home
from community.notices.audiences import Group
from services.renovation import progress
from services.renovation.models import RenovationProject


def groups(estate: Estate) -> list[Group]:
    """Returns a group for each project that can be booked."""
    projects = RenovationProject.objects.filter(estate=estate, status__in=RenovationProject.BOOKABLE)
    return [
        Group(str(project.pk), _("No appointment yet: %(project)s") % {"project": project.name})
        for project in projects
    ]


def homes(estate: Estate, value: str) -> QuerySet[Home]:
    """Returns the homes of the project without an appointment, as the coordinator's list of homes to visit."""
    project = RenovationProject.objects.filter(
        estate=estate, pk=int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0
    ).first()
    if project is None:
        return Home.objects.none()
    return progress.homes_to_visit(project, now=clock.now())
