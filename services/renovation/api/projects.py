"""The API of projects and of the answers of homes."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from community.core import clock, limits, pictures, storage
from community.core.limit_table import QUESTION
from community.estates.models import Building, Home
from services.common.api import ScopedView, row_or_404
from services.renovation import actions, policies, progress, times, works_in_home
from services.renovation.api import serializers
from services.renovation.models import ProjectBuilding, ProjectQuestion, RenovationPicture, RenovationProject
from services.renovation.models.homes import homes_to_act_for
from services.renovation.scopes import RENOVATION_READ, RENOVATION_WRITE

READ, WRITE = {"GET": RENOVATION_READ}, {"POST": RENOVATION_WRITE}


def project_of(user: User, pk: int) -> RenovationProject:
    return row_or_404(RenovationProject.objects.visible_to(user).select_related("estate"), pk)


def home_of(user: User, project: RenovationProject, pk: int) -> Home:
    """Returns a home of the project that the user may act for; raises ``Http404`` for another's."""
    homes = Home.objects.with_address().filter(entrance__building__in=project.parts.values("building"))
    home = row_or_404(homes, pk)
    if not policies.may_act_for_home(user, home, project):
        raise Http404
    return home


@extend_schema_view(get=extend_schema(summary="Renovation projects", tags=["renovation"]))
class Projects(ScopedView, ListAPIView):
    """The projects of the estates in which the caller lives, works or acts for a resident."""

    scopes = READ
    serializer_class = serializers.ProjectSerializer

    def get_queryset(self) -> QuerySet[RenovationProject]:
        return RenovationProject.objects.visible_to(self.person())


@extend_schema_view(get=extend_schema(summary="One project and how far it is", tags=["renovation"]))
class ProjectDetail(ScopedView, RetrieveAPIView):
    """A project with its plan, its progress and its pictures."""

    scopes = READ
    queryset = RenovationProject.objects.none()
    serializer_class = serializers.ProjectDetailSerializer

    def get_object(self) -> RenovationProject:
        self.project = project_of(self.person(), self.kwargs["pk"])
        return self.project

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if hasattr(self, "project"):
            context["numbers"] = progress.numbers_of(self.project, progress.buildings_of(self.project))
        return context


@extend_schema_view(get=extend_schema(summary="A building, home by home", tags=["renovation"]))
class BuildingDetail(ScopedView, RetrieveAPIView):
    """The elevation of a building as a list."""

    scopes = READ
    queryset = ProjectBuilding.objects.none()
    serializer_class = serializers.ElevationSerializer

    def get_object(self) -> Any:
        project = project_of(self.person(), self.kwargs["pk"])
        # Looked up by its own key: a key too great for the database is a 404.
        buildings = Building.objects.filter(pk=self.kwargs["building_pk"])
        part = project.parts.filter(building__in=buildings).select_related("building").first()
        if part is None:
            raise Http404
        own_homes = homes_to_act_for(self.person()).values_list("pk", flat=True)
        return progress.elevation_of(project, part.building, mine=own_homes)


class Questions(ScopedView, ListAPIView):
    """Questions and comments with their answers, newest first, without names; POST asks."""

    scopes = READ | WRITE
    serializer_class = serializers.QuestionSerializer
    queryset = ProjectQuestion.objects.none()

    def get_queryset(self) -> QuerySet[ProjectQuestion]:
        return project_of(self.person(), self.kwargs["pk"]).questions.all()

    @extend_schema(summary="Questions and answers", tags=["renovation"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Ask or comment",
        tags=["renovation"],
        request=serializers.AskSerializer,
        responses={201: serializers.QuestionSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        project = project_of(self.person(), pk)
        given = serializers.AskSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        limits.hit(QUESTION, self.person().pk)
        question = actions.ask_question(
            project=project, by=self.person(), now=clock.now(), **given.validated_data
        )
        return Response(serializers.QuestionSerializer(question).data, status=status.HTTP_201_CREATED)


class HomeDetail(ScopedView, RetrieveAPIView):
    """A home's work and answer, for its household, their delegates, and staff who act for them."""

    scopes = READ | WRITE
    queryset = Home.objects.none()
    serializer_class = serializers.HomeSerializer

    @extend_schema(summary="What happens in one home", tags=["renovation"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Say whether the home takes part, and what it wishes",
        tags=["renovation"],
        request=serializers.TakePartSerializer,
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        project, home = self._asked()
        given = serializers.TakePartSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        answer = actions.HouseholdAnswer(**given.validated_data)
        actions.take_part(project=project, home=home, answer=answer, by=self.person(), now=clock.now())
        return super().get(request, *args, **kwargs)

    def _asked(self) -> tuple[RenovationProject, Home]:
        project = project_of(self.person(), self.kwargs["pk"])
        return project, home_of(self.person(), project, self.kwargs["home_pk"])

    def get_object(self) -> Any:
        project, home = self._asked()
        now = clock.now()
        participation = works_in_home.participation_of(project, home)
        rows = works_in_home.work_in(project, home, reader=self.person(), now=now)
        for row in rows:
            row.times = times.slots_for(home, row.item, now=now) if row.is_open else []
        return {
            "home": home.pk,
            "home_name": str(home),
            "answer": participation.answer,
            "wishes": participation.wishes,
            "shares_pictures": participation.shares_pictures,
            "work": rows,
        }


class PictureFile(ScopedView):
    """A picture, for callers who may see what it shows."""

    scopes = READ
    queryset = RenovationPicture.objects.none()

    @extend_schema(summary="A picture", tags=["renovation"], responses={(200, "image/jpeg"): bytes})
    def get(self, request: Request, pk: UUID, size: str) -> HttpResponseBase:
        picture = RenovationPicture.objects.visible_to(self.person()).filter(pk=pk).first()
        if picture is None or size not in pictures.SIZES:
            raise Http404
        return storage.serve_private(picture.file_name(size), content_type="image/jpeg", of=picture)
