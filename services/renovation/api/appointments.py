"""The API of appointments: booking, moving, confirming and waiting lists; and the crew's day."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from community.core import clock, limits
from community.core.api import Search
from community.core.limit_table import APPOINTMENT, WORK_PICTURES
from community.core.search.filtering import Ways
from community.estates.models import Home
from services.common.api import NothingSerializer, RowView, ScopedView, VerbView
from services.common.api import row_or_404 as found_row
from services.renovation import actions as renovation_actions
from services.renovation import policies, queries
from services.renovation.api import serializers
from services.renovation.api.projects import READ, WRITE
from services.renovation.models import (
    Appointment,
    AppointmentWaiting,
    RenovationPicture,
    RenovationProject,
    WorkItem,
)
from services.renovation.scopes import RENOVATION_CREW
from services.scheduling.models import Slot

CREW = {"POST": RENOVATION_CREW}
Shows = RenovationPicture.Shows


class AppointmentRowView(RowView):
    queryset = Appointment.objects.none()

    def rows(self) -> QuerySet[Appointment]:
        return Appointment.objects.visible_to(self.person()).with_people()

    def answer(self, row: Appointment, code: int = status.HTTP_200_OK) -> Response:
        fresh = Appointment.objects.with_people().get(pk=row.pk)
        serializer = serializers.AppointmentDetailSerializer(fresh, context=self.get_serializer_context())
        return Response(serializer.data, status=code)


class Appointments(AppointmentRowView, ListAPIView):
    """The appointments of the caller's household; POST books."""

    scopes = READ | WRITE
    serializer_class = serializers.AppointmentSerializer
    filter_backends = [Search]
    found_by = Ways(people=("resident",), homes=("home",), references=("reference",))

    def get_queryset(self) -> QuerySet[Appointment]:
        return Appointment.objects.of_household(self.person()).with_people()

    @extend_schema(summary="The appointments of one's household", tags=["renovation"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Book a time",
        tags=["renovation"],
        request=serializers.BookSerializer,
        responses={201: serializers.AppointmentDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Answers with 409 and the code ``slot_full`` if the last place has just been taken."""
        given = serializers.BookSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        limits.hit(APPOINTMENT, self.person().pk)
        asked = given.validated_data
        booked = renovation_actions.book_appointment(
            **booking_arguments(self.person(), asked), by=self.person(), key=asked["key"], now=clock.now()
        )
        return self.answer(booked, status.HTTP_201_CREATED)


def booking_arguments(user: User, asked: dict[str, Any]) -> dict[str, Any]:
    """Returns home, work and slot of the request; raises ``ValidationError`` for each that the caller may not
    use.
    """
    item = WorkItem.objects.select_related("project__estate").filter(pk=asked["item"]).first()
    projects = RenovationProject.objects.visible_to(user)
    if item is None or not projects.filter(pk=item.project_id).exists():
        raise ValidationError({"item": [_("There is no such work.")]})
    home = Home.objects.with_address().filter(pk=asked["home"]).first()
    if home is None or not policies.may_act_for_home(user, home, item.project):
        raise ValidationError({"home": [_("There is no such home.")]})
    return {"home": home, "item": item, "slot": slot_of(asked["slot"], item)}


def slot_of(pk: int, item: WorkItem) -> Slot:
    """Returns a slot of the estate's crews; raises ``ValidationError`` for another's."""
    times = Slot.objects.filter(resource__crew__isnull=False, resource__estate=item.project.estate_id)
    slot = times.select_related("resource").filter(pk=pk).first()
    if slot is None:
        raise ValidationError({"slot": [_("There is no such time.")]})
    return slot


@extend_schema_view(get=extend_schema(summary="One appointment", tags=["renovation"]))
class AppointmentDetail(AppointmentRowView, RetrieveAPIView):
    """An appointment with its crew, its pictures and the verbs that the caller can take."""

    scopes = READ
    serializer_class = serializers.AppointmentDetailSerializer

    def get_object(self) -> Appointment:
        return found_row(self.rows(), self.kwargs["pk"])


@extend_schema_view(post=extend_schema(responses=serializers.AppointmentDetailSerializer))
class AppointmentVerb(AppointmentRowView, VerbView):
    """POST takes a verb on an appointment and answers with the appointment as it is then."""

    scopes, actions, noun = WRITE, renovation_actions, "appointment"


@extend_schema_view(post=extend_schema(summary="Another time", tags=["renovation"]))
class Move(AppointmentVerb):
    serializer_class = serializers.MoveAppointmentSerializer

    def act(self, row: Appointment, given: dict[str, Any]) -> None:
        policies.require("move_appointment", self.person(), row)
        limits.hit(APPOINTMENT, self.person().pk)
        to = slot_of(given["slot"], row.item)
        renovation_actions.move_appointment(appointment=row, to=to, by=self.person(), now=clock.now())


@extend_schema_view(post=extend_schema(summary="Cancel", tags=["renovation"]))
class Cancel(AppointmentVerb):
    verb, serializer_class = "cancel_appointment", serializers.CancelAppointmentSerializer


@extend_schema_view(post=extend_schema(summary="It is good; the warranty runs", tags=["renovation"]))
class Confirm(AppointmentVerb):
    verb, serializer_class = "confirm_work", serializers.ConfirmSerializer


@extend_schema_view(post=extend_schema(summary="Something is not right", tags=["renovation"]))
class Defects(AppointmentVerb):
    verb, serializer_class = "name_defects", serializers.DefectsSerializer


# -- The waiting list


class Wait(ScopedView):
    """Joins the waiting list of a full time; repeating it keeps the turn."""

    scopes = WRITE
    serializer_class = serializers.WaitSerializer

    @extend_schema(
        summary="Wait for a full time", tags=["renovation"], responses={201: serializers.WaitingSerializer}
    )
    def post(self, request: Request) -> Response:
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        limits.hit(APPOINTMENT, self.person().pk)
        entry = renovation_actions.wait_for_slot(
            **booking_arguments(self.person(), given.validated_data), by=self.person(), now=clock.now()
        )
        return Response(serializers.WaitingSerializer(entry).data, status=status.HTTP_201_CREATED)


def waiting_entry_of(user: User, pk: int) -> AppointmentWaiting:
    """Returns a waiting entry of a home that the user may act for; raises ``Http404`` for another's."""
    entries = AppointmentWaiting.objects.select_related("waiting__slot", "item__project__estate", "home")
    entry = found_row(entries, pk)
    projects = RenovationProject.objects.visible_to(user).filter(pk=entry.item.project_id)
    if not (projects.exists() and policies.may_act_for_home(user, entry.home, entry.item.project)):
        return found_row(entries.none(), pk)
    return entry


class TakeOffered(AppointmentRowView):
    """Books the place offered from the waiting list."""

    scopes = WRITE
    serializer_class = serializers.KeySerializer

    @extend_schema(
        summary="Take the place that is kept",
        tags=["renovation"],
        responses={201: serializers.AppointmentDetailSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        entry = waiting_entry_of(self.person(), pk)
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        key = given.validated_data["key"]
        booked = renovation_actions.take_offered(entry=entry, by=self.person(), key=key, now=clock.now())
        return self.answer(booked, status.HTTP_201_CREATED)


class LeaveList(ScopedView):
    """Leaves the waiting list; an offered place goes to the next person."""

    scopes = WRITE
    serializer_class = NothingSerializer

    @extend_schema(summary="Wait no longer", tags=["renovation"], responses=serializers.WaitingSerializer)
    def post(self, request: Request, pk: int) -> Response:
        entry = waiting_entry_of(self.person(), pk)
        renovation_actions.leave_list(entry=entry, by=self.person(), now=clock.now())
        return Response(serializers.WaitingSerializer(entry).data)


# -- The crew's


@extend_schema_view(get=extend_schema(summary="The crew's homes of today", tags=["crew"]))
class Today(ScopedView, ListAPIView):
    """The crew's homes of today; empty for callers without a crew."""

    scopes = {"GET": RENOVATION_CREW}
    serializer_class = serializers.CrewJobSerializer
    pagination_class = None

    def get_queryset(self) -> QuerySet[Appointment]:
        return queries.appointments_of_today(self.person(), clock.now())

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            context["wishes"] = queries.wishes_of(self.get_queryset())
        return context


class CrewVerb(AppointmentVerb):
    scopes = CREW

    def store_pictures(self, appointment: Appointment, given: dict[str, Any], shows: str) -> None:
        uploads = given.get("pictures") or []
        if uploads:
            limits.hit(WORK_PICTURES, self.person().pk)
            renovation_actions.add_work_pictures(
                appointment=appointment,
                by=self.person(),
                shows=shows,
                uploads=uploads,
                key=given.get("key"),
                now=clock.now(),
            )


@extend_schema_view(post=extend_schema(summary="Begin; a picture of before is needed", tags=["crew"]))
class Start(CrewVerb):
    serializer_class = serializers.StartWorkSerializer

    def act(self, row: Appointment, given: dict[str, Any]) -> None:
        policies.require("start_work", self.person(), row)
        self.store_pictures(row, given, Shows.BEFORE)
        renovation_actions.start_work(appointment=row, by=self.person(), now=clock.now())


@extend_schema_view(post=extend_schema(summary="Done", tags=["crew"]))
class Done(CrewVerb):
    serializer_class = serializers.DoneSerializer

    def act(self, row: Appointment, given: dict[str, Any]) -> None:
        policies.require("finish_work", self.person(), row)
        self.store_pictures(row, given, Shows.AFTER)
        words = given["words"]
        renovation_actions.finish_work(appointment=row, by=self.person(), words=words, now=clock.now())


@extend_schema_view(post=extend_schema(summary="Nobody was in", tags=["crew"]))
class Missed(CrewVerb):
    verb, serializer_class = "miss_appointment", serializers.MissedAppointmentSerializer
