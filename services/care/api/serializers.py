"""Serializers of the care API. They check the form of the input; actions check the rules."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from community.core.dates import near
from community.core.transitions import StatusChange
from services.care import home_codes, policies
from services.care.actions.bookings import MAX_ANSWER
from services.care.models import CareBooking, CareService
from services.common.api import PersonSerializer
from services.scheduling.models import Slot


class CareServiceSerializer(serializers.ModelSerializer):
    """A service that can be booked; prices in fen."""

    label = serializers.CharField(read_only=True)  # type: ignore[assignment]  # (a field called so)
    sentence = serializers.CharField(read_only=True)
    asks = serializers.CharField(read_only=True)
    provider = serializers.CharField(source="provider.name", read_only=True)

    class Meta:
        model = CareService
        fields: tuple[str, ...] = (
            *("id", "estate", "kind", "label", "name", "sentence", "provider", "price_fen", "minutes"),
            *("booked_by", "notice_minutes", "asks", "needs_answer", "needs_carer"),
        )
        read_only_fields: tuple[str, ...] = fields


class TimeSerializer(serializers.ModelSerializer):
    """A time with its number of free places; 0 is full."""

    free = serializers.IntegerField(read_only=True)

    class Meta:
        model = Slot
        fields = ("id", "starts_at", "ends_at", "capacity", "free")
        read_only_fields = fields


class TimesQuerySerializer(serializers.Serializer):
    """Optional filter by day; without ``on`` every time that can be chosen is returned."""

    on = serializers.DateField(required=False, help_text="Only this day, such as 2026-11-24.")

    def validate_on(self, day: date) -> date:
        if near(day) is None:
            raise serializers.ValidationError(_("There is no such time on that day."))
        return day


class CareBookingSerializer(serializers.ModelSerializer):
    """A booking in a list."""

    service = CareServiceSerializer(read_only=True)
    status_text = serializers.CharField(source="get_status_display", read_only=True)
    resident = PersonSerializer(read_only=True)
    reported_by = PersonSerializer(read_only=True)
    carer = PersonSerializer(read_only=True, allow_null=True)
    where = serializers.CharField(source="home", read_only=True)
    slot = serializers.IntegerField(source="place.slot_id", read_only=True)
    starts_at = serializers.DateTimeField(read_only=True)
    ends_at = serializers.DateTimeField(read_only=True)
    thumb = serializers.SerializerMethodField()

    class Meta:
        model = CareBooking
        fields: tuple[str, ...] = (
            *("id", "reference", "estate", "service", "status", "status_text", "resident", "reported_by"),
            *("home", "where", "carer", "slot", "starts_at", "ends_at", "price_fen", "bill", "thumb"),
            *("created_at", "status_changed_at"),
        )
        read_only_fields: tuple[str, ...] = fields

    def get_thumb(self, booking: CareBooking) -> bool | None:
        """Returns true for good, false for not good, null if there is no answer."""
        return booking.satisfaction.face > 1 if booking.satisfaction else None


class CareStepSerializer(serializers.Serializer):
    """A step of a booking, with carer and time after it."""

    status = serializers.ChoiceField(choices=CareBooking.Status.choices, source="to_status", read_only=True)
    at = serializers.DateTimeField(read_only=True)
    actor = PersonSerializer(read_only=True, allow_null=True)
    on_behalf_of = PersonSerializer(read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True)
    carer_name = serializers.CharField(read_only=True)
    starts_at = serializers.DateTimeField(read_only=True)


class CareBookingDetailSerializer(CareBookingSerializer):
    """A booking with its history and the verbs that this person can take.

    ``start_code`` is said by the resident at the door: only the resident and their delegates read it.
    ``carer_code`` is said first, by the carer: they and the resident's side read it.
    """

    answer = serializers.CharField(source="description", read_only=True)
    free_until = serializers.SerializerMethodField()
    start_code = serializers.SerializerMethodField()
    carer_code = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()
    verbs = serializers.SerializerMethodField()

    class Meta(CareBookingSerializer.Meta):
        fields = (
            *CareBookingSerializer.Meta.fields,
            *("answer", "free_until", "start_code", "carer_code", "history", "verbs"),
        )
        read_only_fields = fields

    def to_representation(self, booking: CareBooking) -> Any:
        # Read once: the code and the verbs both depend on it.
        self.held = policies.capacities(self.context["request"].user, booking)
        return super().to_representation(booking)

    @extend_schema_field(CareStepSerializer(many=True))
    def get_history(self, booking: CareBooking) -> Any:
        steps: Any = booking.history.select_related("actor", "on_behalf_of")
        return CareStepSerializer(list[StatusChange](steps), many=True).data

    def get_free_until(self, booking: CareBooking) -> Any:
        """Returns until when the resident can cancel or move it without the desk."""
        return serializers.DateTimeField().to_representation(policies.free_until(booking))

    def get_carer_code(self, booking: CareBooking) -> str:
        reader = self.context["request"].user
        is_theirs = policies.may_read_code(reader, booking, self.held) or policies.CARER in self.held
        return home_codes.carer_code(booking) if is_theirs else ""

    def get_start_code(self, booking: CareBooking) -> str:
        is_theirs = policies.may_read_code(self.context["request"].user, booking, self.held)
        return booking.start_code if is_theirs else ""

    def get_verbs(self, booking: CareBooking) -> list[str]:
        user, now = self.context["request"].user, self.context["now"]
        return sorted(policies.allowed_verbs(user, booking, now, self.held))


class NewBookingSerializer(serializers.Serializer):
    """A new booking: ``slot`` is a time of the service. Without ``resident`` it is for the caller."""

    service = serializers.IntegerField(min_value=1)
    slot = serializers.IntegerField(min_value=1)
    resident = serializers.IntegerField(required=False, min_value=1)
    home = serializers.IntegerField(required=False, min_value=1)
    answer = serializers.CharField(required=False, default="", allow_blank=True, max_length=MAX_ANSWER)
    agrees = serializers.BooleanField(
        default=False,
        help_text="Whether the resident agrees that the answer is noted: it may tell of health.",
    )
    key = serializers.UUIDField(required=False, help_text="The same key again is the same booking.")


class CancelSerializer(serializers.Serializer):
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class MoveSerializer(serializers.Serializer):
    slot = serializers.IntegerField(min_value=1)


class ThumbSerializer(serializers.Serializer):
    is_up = serializers.BooleanField()
    words = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)


class StartSerializer(serializers.Serializer):
    """The four digits that the resident says, or the code of the home's QR sheet."""

    code = serializers.CharField(max_length=20)


class FinishSerializer(serializers.Serializer):
    words = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)


class MissedSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500)
