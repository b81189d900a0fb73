"""How the API shows an appointment: to its household, and to the crew that comes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from community.core import clock
from services.common.api import PersonSerializer
from services.renovation import policies
from services.renovation.api.serializers import ItemSerializer, RenovationPictureSerializer, SlotSerializer
from services.renovation.models import Appointment, AppointmentWaiting, Participation


class AppointmentSerializer(serializers.ModelSerializer):
    """A time at which a crew comes into a home."""

    item_name = serializers.CharField(source="item.name", read_only=True)
    home_name = serializers.CharField(source="home", read_only=True)
    status_text = serializers.CharField(source="get_status_display", read_only=True)
    slot = serializers.IntegerField(source="place.slot_id", read_only=True)
    starts_at = serializers.DateTimeField(read_only=True)
    ends_at = serializers.DateTimeField(read_only=True)
    crew = serializers.CharField(read_only=True)

    class Meta:
        model = Appointment
        fields: tuple[str, ...] = (
            *("id", "reference", "project", "item", "item_name", "home", "home_name", "status"),
            *("status_text", "slot", "starts_at", "ends_at", "crew", "warranty_until"),
        )
        read_only_fields: tuple[str, ...] = fields


class AppointmentStepSerializer(serializers.Serializer):
    """A step of an appointment's life, and when it was to begin after it."""

    status = serializers.ChoiceField(choices=Appointment.Status.choices, source="to_status", read_only=True)
    at = serializers.DateTimeField(read_only=True)
    actor = PersonSerializer(read_only=True, allow_null=True)
    on_behalf_of = PersonSerializer(read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True)
    starts_at = serializers.DateTimeField(read_only=True)


class AppointmentDetailSerializer(AppointmentSerializer):
    """Everything of an appointment, and the verbs that this person can take."""

    pictures = RenovationPictureSerializer(many=True, read_only=True)
    history = serializers.SerializerMethodField()
    verbs = serializers.SerializerMethodField()

    class Meta(AppointmentSerializer.Meta):
        fields = (*AppointmentSerializer.Meta.fields, "pictures", "history", "verbs")
        read_only_fields = fields

    @extend_schema_field(AppointmentStepSerializer(many=True))
    def get_history(self, appointment: Appointment) -> Any:
        """Who did what in the household is not the crew's to read."""
        if policies.capacities(self.context["request"].user, appointment) == {policies.CREW}:
            return []
        steps = appointment.history.select_related("actor", "on_behalf_of")
        return AppointmentStepSerializer(list(steps), many=True).data

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_verbs(self, appointment: Appointment) -> list[str]:
        user: User = self.context["request"].user
        return sorted(policies.allowed_verbs(user, appointment, clock.now()))


class CrewJobSerializer(serializers.ModelSerializer):
    """An appointment as a line of the crew's day."""

    item_name = serializers.CharField(source="item.name", read_only=True)
    home_name = serializers.CharField(source="home", read_only=True)
    starts_at = serializers.DateTimeField(read_only=True)
    ends_at = serializers.DateTimeField(read_only=True)
    wishes = serializers.SerializerMethodField()

    class Meta:
        model = Appointment
        fields = (
            *("id", "reference", "item_name", "home", "home_name", "status", "starts_at", "ends_at"),
            "wishes",
        )
        read_only_fields = fields

    def get_wishes(self, appointment: Appointment) -> str:
        wishes: dict[tuple[int, int], str] = self.context["wishes"]
        return wishes.get((appointment.project_id, appointment.home_id), "")


class WaitingSerializer(serializers.ModelSerializer):
    """A turn in the line for a full time; ``offered`` until ``offered_until``."""

    slot = serializers.IntegerField(source="waiting.slot_id", read_only=True)
    starts_at = serializers.DateTimeField(source="waiting.slot.starts_at", read_only=True)
    status = serializers.CharField(source="waiting.status", read_only=True)
    offered_until = serializers.DateTimeField(source="waiting.offered_until", read_only=True, allow_null=True)

    class Meta:
        model = AppointmentWaiting
        fields = ("id", "item", "home", "slot", "starts_at", "status", "offered_until")
        read_only_fields = fields


class HomeWorkSerializer(serializers.Serializer):
    """``done_before`` is what was done for a former household: only the warranty is the home's."""

    item = ItemSerializer(read_only=True)
    appointment = AppointmentSerializer(read_only=True, allow_null=True)
    done_before = serializers.SerializerMethodField()
    warranty_until = serializers.SerializerMethodField()
    opens_at = serializers.DateTimeField(read_only=True, allow_null=True)
    is_open = serializers.BooleanField(read_only=True)
    times = SlotSerializer(many=True, read_only=True)
    waiting = WaitingSerializer(source="wishes", many=True, read_only=True)

    def get_done_before(self, row: Any) -> bool:
        return row.inherited is not None

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_warranty_until(self, row: Any) -> Any:
        standing = row.appointment or row.inherited
        return standing.warranty_until if standing else None


class HomeSerializer(serializers.Serializer):
    """One home: what it says, what happens in it, and which times are free."""

    home = serializers.IntegerField(read_only=True)
    home_name = serializers.CharField(read_only=True)
    answer = serializers.ChoiceField(choices=Participation.Answer.choices, read_only=True)
    wishes = serializers.CharField(read_only=True)
    shares_pictures = serializers.BooleanField(read_only=True)
    work = HomeWorkSerializer(many=True, read_only=True)
