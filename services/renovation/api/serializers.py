"""The shapes of the renovation API. They check the shape; actions check the rules."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from services.renovation import policies
from services.renovation.models import Appointment, Participation, RenovationProject, WorkItem
from services.scheduling.models import Slot


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = WorkItem
        fields = ("id", "name", "about", "where", "minutes", "is_noisy", "warranty_months", "stage")


class TimetableSerializer(serializers.Serializer):
    begins_on = serializers.DateField(read_only=True)
    ends_on = serializers.DateField(read_only=True)
    what = serializers.CharField(read_only=True)


class NumbersSerializer(serializers.Serializer):
    """Homes, how many take part, and how far they are; never who."""

    building = serializers.CharField(source="building.name", read_only=True, allow_null=True, default=None)
    building_id = serializers.IntegerField(
        source="building.pk", read_only=True, allow_null=True, default=None
    )
    homes = serializers.IntegerField(read_only=True)
    take_part = serializers.IntegerField(source="yes", read_only=True)
    booked = serializers.IntegerField(read_only=True)
    done = serializers.IntegerField(read_only=True)


class ProjectSerializer(serializers.ModelSerializer):
    status_text = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = RenovationProject
        fields = ("id", "estate", "name", "status", "status_text")
        read_only_fields = fields


class ProjectDetailSerializer(ProjectSerializer):
    """The plan and how far it is."""

    items = ItemSerializer(many=True, read_only=True)
    timetable = TimetableSerializer(many=True, read_only=True)
    total = serializers.SerializerMethodField()
    buildings = serializers.SerializerMethodField()

    class Meta:
        model = RenovationProject
        fields = (
            *ProjectSerializer.Meta.fields,
            *("plan", "cost_fen", "paid_by", "contact_name", "contact_phone"),
            *("items", "timetable", "total", "buildings"),
        )
        read_only_fields = fields

    @extend_schema_field(NumbersSerializer)
    def get_total(self, project: RenovationProject) -> Any:
        return NumbersSerializer(self.context["numbers"][0]).data

    @extend_schema_field(NumbersSerializer(many=True))
    def get_buildings(self, project: RenovationProject) -> Any:
        return NumbersSerializer(self.context["numbers"][1], many=True).data


class AppointmentSerializer(serializers.ModelSerializer):
    """A time at which a crew comes into a home."""

    item_name = serializers.CharField(source="item.name", read_only=True)
    home_name = serializers.CharField(source="home", read_only=True)
    status_text = serializers.CharField(source="get_status_display", read_only=True)
    slot = serializers.IntegerField(source="place.slot_id", read_only=True)
    starts_at = serializers.DateTimeField(read_only=True)
    ends_at = serializers.DateTimeField(read_only=True)
    crew = serializers.CharField(read_only=True)
    verbs = serializers.SerializerMethodField()

    class Meta:
        model = Appointment
        fields = (
            *("id", "reference", "project", "item", "item_name", "home", "home_name", "status"),
            *("status_text", "slot", "starts_at", "ends_at", "crew", "warranty_until", "verbs"),
        )
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_verbs(self, appointment: Appointment) -> list[str]:
        user: User = self.context["request"].user
        return sorted(policies.allowed_verbs(user, appointment))


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
            "id",
            "reference",
            "item_name",
            "home",
            "home_name",
            "status",
            "starts_at",
            "ends_at",
            "wishes",
        )
        read_only_fields = fields

    def get_wishes(self, appointment: Appointment) -> str:
        wishes: dict[int, str] = self.context["wishes"]
        return wishes.get(appointment.home_id, "")


class SlotSerializer(serializers.ModelSerializer):
    free = serializers.IntegerField(read_only=True)

    class Meta:
        model = Slot
        fields = ("id", "starts_at", "ends_at", "free")
        read_only_fields = fields


class HomeWorkSerializer(serializers.Serializer):
    item = ItemSerializer(read_only=True)
    appointment = AppointmentSerializer(read_only=True, allow_null=True)
    opens_at = serializers.DateTimeField(read_only=True, allow_null=True)
    is_open = serializers.BooleanField(read_only=True)
    times = SlotSerializer(many=True, read_only=True)


class HomeSerializer(serializers.Serializer):
    """One home: what it says, what happens in it, and which times are free."""

    home = serializers.IntegerField(read_only=True)
    home_name = serializers.CharField(read_only=True)
    answer = serializers.ChoiceField(choices=Participation.Answer.choices, read_only=True)
    wishes = serializers.CharField(read_only=True)
    work = HomeWorkSerializer(many=True, read_only=True)


class BookSerializer(serializers.Serializer):
    home = serializers.IntegerField(min_value=1)
    item = serializers.IntegerField(min_value=1)
    slot = serializers.IntegerField(min_value=1)
    key = serializers.UUIDField(
        help_text="Chosen by the caller; the same key again finds the same appointment."
    )


class MoveSerializer(serializers.Serializer):
    slot = serializers.IntegerField(min_value=1)


class CancelSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class StartSerializer(serializers.Serializer):
    """Pictures of how it was are needed, sent with this or before."""

    key = serializers.UUIDField(required=False)
    pictures = serializers.ListField(
        child=serializers.FileField(), required=False, allow_empty=True, max_length=6
    )


class DoneSerializer(StartSerializer):
    words = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
