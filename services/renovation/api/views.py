"""Renovation for programs: the project, one's own home, booking; the crew's day."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiToken, User
from accounts.tokens import HasScope
from community.core import clock, limits
from community.estates.models import Home
from services.renovation import actions, board, homework, offers, policies, progress
from services.renovation.api import serializers
from services.renovation.models import (
    Appointment,
    Participation,
    RenovationPicture,
    RenovationProject,
    WorkItem,
)
from services.scheduling.models import Slot

Scope = ApiToken.Scope
READ, WRITE, CREW = {"GET": Scope.RENOVATION_READ}, {"POST": Scope.RENOVATION_WRITE}, {"POST": Scope.CREW}
Shows = RenovationPicture.Shows


class ScopedView(GenericAPIView):
    """A view that a token opens by scope; its rows begin with what the person may see."""

    permission_classes = [HasScope]
    scopes: ClassVar[dict[str, Any]] = {}

    def person(self) -> User:
        user: User = self.request.user  # type: ignore[assignment]
        return user


@extend_schema_view(get=extend_schema(summary="Renovation projects", tags=["renovation"]))
class Projects(ScopedView, ListAPIView):
    """Those of the estates in which one lives, works, or acts for somebody."""

    scopes = READ
    serializer_class = serializers.ProjectSerializer

    def get_queryset(self) -> QuerySet[RenovationProject]:
        return RenovationProject.objects.visible_to(self.person())


@extend_schema_view(get=extend_schema(summary="One project and how far it is", tags=["renovation"]))
class OneProject(ScopedView, RetrieveAPIView):
    scopes = READ
    queryset = RenovationProject.objects.none()
    serializer_class = serializers.ProjectDetailSerializer

    def get_object(self) -> RenovationProject:
        return _project(self.person(), self.kwargs["pk"])

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            context["numbers"] = progress.numbers_of(self.get_object())
        return context


def _project(user: User, pk: int) -> RenovationProject:
    found = RenovationProject.objects.visible_to(user).select_related("estate").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@extend_schema_view(get=extend_schema(summary="What happens in one home", tags=["renovation"]))
class OneHome(ScopedView, RetrieveAPIView):
    """For its household, who acts for one of it, and staff who stand in for it."""

    scopes = READ
    queryset = Home.objects.none()
    serializer_class = serializers.HomeSerializer

    def get_object(self) -> Any:
        project = _project(self.person(), self.kwargs["pk"])
        homes = Home.objects.with_address().filter(entrance__building__in=project.parts.values("building"))
        home = homes.filter(pk=self.kwargs["home_pk"]).first()
        if home is None or not policies.may_speak_for(self.person(), home, project):
            raise Http404
        now = clock.now()
        said = homework.participation_of(project, home)
        rows = homework.work_in(project, home, now=now)
        for row in rows:
            row.times = offers.slots_for(home, row.item, now=now) if row.is_open else []  # type: ignore[attr-defined]
        return {
            "home": home.pk,
            "home_name": str(home),
            "answer": said.answer,
            "wishes": said.wishes,
            "work": rows,
        }


class Appointments(ScopedView, ListAPIView):
    """The appointments of one's household; and booking one."""

    scopes = {"GET": Scope.RENOVATION_READ, "POST": Scope.RENOVATION_WRITE}
    serializer_class = serializers.AppointmentSerializer

    def get_queryset(self) -> QuerySet[Appointment]:
        return Appointment.objects.of_household(self.person()).with_people()

    @extend_schema(summary="The appointments of one's household", tags=["renovation"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Book a time",
        tags=["renovation"],
        request=serializers.BookSerializer,
        responses={201: serializers.AppointmentSerializer},
    )
    def post(self, request: Request) -> Response:
        """409 with the code ``slot_full`` where the last place has just been taken."""
        given = serializers.BookSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        limits.hit("appointment", str(self.person().pk), limit=60, seconds=3600, needs_redis=False)
        asked = given.validated_data
        item = WorkItem.objects.select_related("project__estate").filter(pk=asked["item"]).first()
        home = Home.objects.with_address().filter(pk=asked["home"]).first()
        if (
            item is None
            or not RenovationProject.objects.visible_to(self.person()).filter(pk=item.project_id).exists()
        ):
            raise ValidationError({"item": [_("There is no such work.")]})
        if home is None or not policies.may_speak_for(self.person(), home, item.project):
            raise ValidationError({"home": [_("There is no such home.")]})
        booked = actions.book_appointment(
            home=home,
            item=item,
            slot=_slot(asked["slot"]),
            by=self.person(),
            key=asked["key"],
            now=clock.now(),
        )
        return Response(_shown(self, booked), status=status.HTTP_201_CREATED)


def _slot(pk: int) -> Slot:
    found = Slot.objects.select_related("resource").filter(pk=pk).first()
    if found is None:
        raise ValidationError({"slot": [_("There is no such time.")]})
    return found


def _shown(view: GenericAPIView, appointment: Appointment) -> Any:
    fresh = Appointment.objects.with_people().get(pk=appointment.pk)
    return serializers.AppointmentSerializer(fresh, context=view.get_serializer_context()).data


class VerbView(ScopedView):
    """POST takes one verb on one appointment and answers with how it stands then."""

    queryset = Appointment.objects.none()

    @extend_schema(responses=serializers.AppointmentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        found = Appointment.objects.visible_to(self.person()).with_people().filter(pk=pk).first()
        if found is None:
            raise Http404
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        self.act(found, dict(given.validated_data))
        return Response(_shown(self, found))

    def act(self, appointment: Appointment, given: dict[str, Any]) -> None:
        raise NotImplementedError

    def keep_pictures(self, appointment: Appointment, given: dict[str, Any], shows: str) -> None:
        uploads = given.get("pictures") or []
        if uploads:
            limits.hit("work_pictures", str(self.person().pk), limit=120, seconds=3600, needs_redis=False)
            actions.add_work_pictures(
                appointment=appointment,
                by=self.person(),
                shows=shows,
                uploads=uploads,
                key=given.get("key"),
                now=clock.now(),
            )


@extend_schema_view(post=extend_schema(summary="Another time", tags=["renovation"]))
class Move(VerbView):
    scopes, serializer_class = WRITE, serializers.MoveSerializer

    def act(self, appointment: Appointment, given: dict[str, Any]) -> None:
        policies.require("move_appointment", self.person(), appointment)
        to = _slot(given["slot"])
        actions.move_appointment(appointment=appointment, to=to, by=self.person(), now=clock.now())


@extend_schema_view(post=extend_schema(summary="Cancel", tags=["renovation"]))
class Cancel(VerbView):
    scopes, serializer_class = WRITE, serializers.CancelSerializer

    def act(self, appointment: Appointment, given: dict[str, Any]) -> None:
        actions.cancel_appointment(
            appointment=appointment, by=self.person(), reason=given["reason"], now=clock.now()
        )


@extend_schema_view(get=extend_schema(summary="The crew's homes of today", tags=["crew"]))
class Today(ScopedView, ListAPIView):
    """Empty for whoever is of no crew."""

    scopes = {"GET": Scope.CREW}
    serializer_class = serializers.CrewJobSerializer
    pagination_class = None

    def get_queryset(self) -> QuerySet[Appointment]:
        return board.todays(self.person(), clock.now())

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            homes = self.get_queryset().order_by().values("home")
            rows = Participation.objects.filter(home__in=homes)
            context["wishes"] = {row.home_id: row.wishes for row in rows}
        return context


@extend_schema_view(post=extend_schema(summary="Begin; a picture of before is needed", tags=["crew"]))
class Start(VerbView):
    scopes, serializer_class = CREW, serializers.StartSerializer

    def act(self, appointment: Appointment, given: dict[str, Any]) -> None:
        policies.require("start_work", self.person(), appointment)
        self.keep_pictures(appointment, given, Shows.BEFORE)
        actions.start_work(appointment=appointment, by=self.person(), now=clock.now())


@extend_schema_view(post=extend_schema(summary="Done", tags=["crew"]))
class Done(VerbView):
    scopes, serializer_class = CREW, serializers.DoneSerializer

    def act(self, appointment: Appointment, given: dict[str, Any]) -> None:
        policies.require("finish_work", self.person(), appointment)
        self.keep_pictures(appointment, given, Shows.AFTER)
        actions.finish_work(appointment=appointment, by=self.person(), words=given["words"], now=clock.now())
