"""Lookups shared by the pages: a project, home or appointment that the user may see; others are a 404."""

from collections.abc import Iterable

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.http import SignedInRequest
from accounts.models import access_of
from community.core.statements import Statement
from community.estates.models import Building, Home
from services.renovation import KEY, policies
from services.renovation.models import Appointment, ProjectBuilding, RenovationProject, WorkItem


def building_of(project: RenovationProject, building_pk: int) -> Building:
    """Returns a building that takes part.

    Looked up by its own key: a key too great for the database is a 404.
    """
    taking_part = Building.objects.filter(pk__in=project.parts.values("building"))
    return get_object_or_404(taking_part, pk=building_pk)


def project_of(request: SignedInRequest, pk: int) -> RenovationProject:
    rows = RenovationProject.objects.visible_to(request.user).select_related("estate")
    return get_object_or_404(rows, pk=pk)


def project_and_buildings(request: SignedInRequest, pk: int) -> tuple[RenovationProject, list[Building]]:
    """Returns a project that the user may see, and the buildings that take part, in their order."""
    parts = _PARTS(RenovationProject.objects.visible_to(request.user).filter(pk=pk))
    if not parts:
        return project_of(request, pk), []
    return parts[0].project, [part.building for part in parts]


_PARTS: Statement[ProjectBuilding] = Statement(
    lambda projects: (
        ProjectBuilding.objects.filter(project__in=projects)
        .select_related("project__estate", "building")
        .order_by("building__position", "pk")
    )
)


def home_of(request: SignedInRequest, project: RenovationProject, home_pk: int) -> Home:
    """Returns a home of the project that the user may act for; raises ``Http404`` for another's."""
    living = access_of(request.user).living(KEY)
    home = next((one.home for one in living if one.home_id == home_pk), None)
    if home is None:
        home = get_object_or_404(Home.objects.of_estate(project.estate).with_address(), pk=home_pk)
        if not policies.may_act_for_home(request.user, home, project):
            raise Http404
    if not project.parts.filter(building=home.entrance.building_id).exists():
        raise Http404
    return home


def own_homes(request: SignedInRequest, buildings: Iterable[Building]) -> list[Home]:
    """Returns the homes in these buildings for which the reader may act, in the order of addresses."""
    keys = {building.pk for building in buildings}
    living = [one.home for one in access_of(request.user).living(KEY)]
    return list({home.pk: home for home in living if home.entrance.building_id in keys}.values())


def item_of(request: SignedInRequest, project_pk: int, item_pk: int) -> WorkItem:
    """Returns work in homes, with its project."""
    projects = RenovationProject.objects.visible_to(request.user).filter(pk=project_pk)
    items = WorkItem.objects.filter(where=WorkItem.Where.HOMES, project__in=projects)
    return get_object_or_404(items.select_related("project__estate"), pk=item_pk)


def appointment_of(request: SignedInRequest, pk: int) -> Appointment:
    rows = Appointment.objects.visible_to(request.user).with_people()
    return get_object_or_404(rows, pk=pk)
