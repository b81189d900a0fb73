"""Whom a notice can be written to from here: the homes of a project that have no appointment yet."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from community.estates.models import Estate, Home
from community.notices.audiences import Group
from services.renovation.models import Participation, RenovationProject
from services.renovation.models.homes import HomeState


def groups(estate: Estate) -> list[Group]:
    projects = RenovationProject.objects.filter(estate=estate, status__in=RenovationProject.BOOKABLE)
    return [
        Group(str(project.pk), _("No appointment yet: %(project)s") % {"project": project.name})
        for project in projects
    ]


def homes(estate: Estate, value: str) -> QuerySet[Home]:
    """Those that have not said no and have nothing agreed, for none of its work."""
    project = RenovationProject.objects.filter(
        estate=estate, pk=int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0
    ).first()
    if project is None:
        return Home.objects.none()
    settled = Participation.objects.filter(project=project).filter(
        Q(answer=Participation.Answer.NO) | ~Q(state=HomeState.WAITING)
    )
    taking_part = Home.objects.filter(entrance__building__in=project.parts.values("building"))
    return taking_part.exclude(pk__in=settled.values("home"))
