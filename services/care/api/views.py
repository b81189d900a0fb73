"""The care API: booking care and making visits, by the same rules as the pages."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.policies import homes_of
from community.core import clock, limits
from community.core.api import Search
from community.core.limit_table import CARE_HOLD
from community.estates.models import Home
from services.care import actions as care_actions
from services.care import policies, times
from services.care.actions.steps import record_number_read
from services.care.api import serializers
from services.care.models import CareBooking, CareDraft, CareService
from services.care.scopes import CARE_READ, CARE_WORK, CARE_WRITE
from services.care.weeks import FOUND_BY
from services.common.api import RowView, ScopedView, VerbView, resident_named, row_or_404
from services.scheduling.models import Slot

READ, WRITE = {"GET": CARE_READ}, {"POST": CARE_WRITE}


@extend_schema_view(get=extend_schema(summary="What can be booked", tags=["care"]))
class CareServices(ScopedView, ListAPIView):
    """The catalogues of the estates of the caller and of the people they act for."""

    scopes = READ
    serializer_class = serializers.CareServiceSerializer
    queryset = CareService.objects.none()
    # A catalogue is short and shown in the order set by the estate.
    pagination_class = None

    def get_queryset(self) -> QuerySet[CareService]:
        offered = CareService.objects.visible_to(self.person()).offered().with_provider()
        return offered.order_by("estate", "position", "pk")


class CareTimes(ScopedView, RetrieveAPIView):
    """The times of a service that can still be chosen, with the number of free places."""

    scopes = READ
    serializer_class = serializers.TimeSerializer
    queryset = CareService.objects.none()
    pagination_class = None

    @extend_schema(
        summary="The times of a service",
        tags=["care"],
        operation_id="care_services_times_list",
        parameters=[OpenApiParameter("on", OpenApiTypes.DATE, description="Only this day.")],
        responses=serializers.TimeSerializer(many=True),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        services = CareService.objects.visible_to(self.person()).offered().with_provider()
        service = row_or_404(services, self.kwargs["pk"])
        asked = serializers.TimesQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        is_helper = policies.is_helper(self.person(), service.estate_id)
        slots = times.open_slots(service, clock.now(), is_helper=is_helper)
        if "on" in asked.validated_data:
            slots = slots.of_day(asked.validated_data["on"])  # type: ignore[attr-defined]
        return Response(serializers.TimeSerializer(slots[:500], many=True).data)


class BookingRowView(RowView):
    queryset = CareBooking.objects.none()

    def rows(self) -> QuerySet[CareBooking]:
        return CareBooking.objects.visible_to(self.person()).with_people()

    def answer(self, row: CareBooking, code: int = status.HTTP_200_OK) -> Response:
        fresh = CareBooking.objects.with_people().get(pk=row.pk)
        record_number_read(self.request, fresh, by=self.person())
        answer = serializers.CareBookingDetailSerializer(fresh, context=self.get_serializer_context())
        return Response(answer.data, status=code)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": clock.now()}


@extend_schema_view(get=extend_schema(summary="Care bookings, newest first", tags=["care"]))
class CareBookings(BookingRowView, ListAPIView):
    """The bookings that the caller may see, newest first; POST books."""

    scopes = READ | WRITE
    serializer_class = serializers.CareBookingSerializer
    filter_backends, found_by = [Search], FOUND_BY

    def get_queryset(self) -> QuerySet[CareBooking]:
        return self.rows()

    @extend_schema(
        summary="Book care",
        tags=["care"],
        request=serializers.NewBookingSerializer,
        responses={
            201: serializers.CareBookingDetailSerializer,
            200: serializers.CareBookingDetailSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        """Books for the caller, or for a person they act for. A repeated key answers with 200."""
        given = serializers.NewBookingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        limits.hit(CARE_HOLD, self.person().pk)
        booking, is_new = _book(self.person(), given.validated_data)
        return self.answer(booking, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


def _book(by: User, asked: dict[str, Any]) -> tuple[CareBooking, bool]:
    """Holds the place and books it in two steps, as the pages do; a refused booking holds no place."""
    key: UUID = asked.get("key") or uuid4()
    known = CareDraft.objects.filter(pk=key, begun_by=by).exclude(booking=None).first()
    if known is not None:
        return row_or_404(CareBooking.objects.visible_to(by), known.booking_id), False
    service = _service(by, asked["service"])
    may = partial(policies.may_book_for, estate_id=service.estate_id)
    resident = resident_named(asked.get("resident"), by, may)
    if service.needs_answer and not asked["answer"].strip():
        raise ValidationError({"answer": [_("Please answer the question.")]})
    draft = care_actions.begin_booking(
        care_actions.CareChoice(
            service=service,
            resident=resident,
            home=_home(service, resident, asked.get("home")),
            key=key,
            answer=asked["answer"],
            agrees=asked["agrees"],
        ),
        slot=slot_of(service, asked["slot"]),
        by=by,
        now=clock.now(),
    )
    is_new = draft.booking_id is None
    return care_actions.book(draft=draft, by=by, now=clock.now()), is_new


def _service(by: User, pk: int) -> CareService:
    service = CareService.objects.visible_to(by).with_provider().filter(pk=pk).first()
    if service is None:
        raise ValidationError({"service": [_("There is no such service.")]})
    return service


def slot_of(service: CareService, pk: int) -> Slot:
    """Returns a slot of the service; raises ``ValidationError`` for another's."""
    slot = Slot.objects.filter(pk=pk, resource=service.resource_id).first()
    if slot is None:
        raise ValidationError({"slot": [_("There is no such time.")]})
    return slot


def _home(service: CareService, resident: User, pk: int | None) -> Home:
    if pk is None:
        return care_actions.home_in(service.estate, resident)
    home = homes_of(resident).with_address().filter(pk=pk).first()
    if home is None:
        raise ValidationError({"home": [_("Please choose one of your own homes.")]})
    return home


@extend_schema_view(get=extend_schema(summary="One care booking", tags=["care"]))
class CareBookingDetail(BookingRowView, RetrieveAPIView):
    """A booking with its carer, its history and the verbs that the caller can take."""

    scopes = READ
    serializer_class = serializers.CareBookingDetailSerializer

    def get_object(self) -> CareBooking:
        booking = row_or_404(self.rows(), self.kwargs["pk"])
        record_number_read(self.request, booking, by=self.person())
        return booking


@extend_schema_view(post=extend_schema(responses=serializers.CareBookingDetailSerializer))
class CareVerb(BookingRowView, VerbView):
    """POST takes a verb on a booking and answers with the booking as it is then."""

    scopes, actions, noun = WRITE, care_actions, "booking"


@extend_schema_view(post=extend_schema(summary="Cancel a booking", tags=["care"]))
class Cancel(CareVerb):
    verb, serializer_class = "cancel_booking", serializers.CancelSerializer


@extend_schema_view(post=extend_schema(summary="Move a booking to another time", tags=["care"]))
class Move(CareVerb):
    serializer_class = serializers.MoveSerializer

    def act(self, row: CareBooking, given: dict[str, Any]) -> None:
        policies.require("move_booking", self.person(), row)
        limits.hit(CARE_HOLD, self.person().pk)
        to = slot_of(row.service, given["slot"])
        care_actions.move_booking(booking=row, to=to, by=self.person(), now=clock.now())


@extend_schema_view(post=extend_schema(summary="Say whether it was good, once", tags=["care"]))
class Thumb(CareVerb):
    verb, serializer_class = "give_thumb", serializers.ThumbSerializer


# -- The carer's


def _visits_of(user: User) -> Any:
    """Limits to the user's visits that are open or finished less than a day ago."""
    return CareBooking.objects.in_hands_of(user, clock.now()).with_people()


class CareVisits(ScopedView, ListAPIView):
    """The caller's own visits: open ones, and finished ones for a day; newest first."""

    scopes = {"GET": CARE_WORK}
    serializer_class = serializers.CareBookingSerializer
    filter_backends, found_by = [Search], FOUND_BY
    queryset = CareBooking.objects.none()

    def get_queryset(self) -> QuerySet[CareBooking]:
        visits: QuerySet[CareBooking] = _visits_of(self.person())
        on = serializers.TimesQuerySerializer(data=self.request.query_params)
        on.is_valid(raise_exception=True)
        return visits.of_days(on.validated_data["on"]) if "on" in on.validated_data else visits  # type: ignore[attr-defined]

    @extend_schema(
        summary="A carer's visits",
        tags=["care"],
        parameters=[OpenApiParameter("on", OpenApiTypes.DATE, description="Only this day.")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class VisitVerb(CareVerb):
    scopes = {"POST": CARE_WORK}

    def rows(self) -> QuerySet[CareBooking]:
        """Limits to the caller's own visits; another carer's visit is a 404."""
        visits: QuerySet[CareBooking] = _visits_of(self.person())
        return visits


@extend_schema_view(post=extend_schema(summary="Begin a visit at the door", tags=["care"]))
class Start(VisitVerb):
    verb, serializer_class = "start_visit", serializers.StartSerializer


@extend_schema_view(post=extend_schema(summary="Finish a visit; its price becomes a bill", tags=["care"]))
class Finish(VisitVerb):
    verb, serializer_class = "finish_visit", serializers.FinishSerializer


@extend_schema_view(post=extend_schema(summary="Nobody was at home", tags=["care"]))
class Missed(VisitVerb):
    verb, serializer_class = "report_missed", serializers.MissedSerializer
