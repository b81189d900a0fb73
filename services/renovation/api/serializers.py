"""Serializers of the renovation API. They check the form of the input; actions check the rules."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from community.core import clock
from community.core.pictures import SIZES
from services.common.api import PersonSerializer
from services.common.models import Satisfaction
from services.renovation import policies
from services.renovation.models import (
    Appointment,
    AppointmentWaiting,
    Participation,
    ProjectQuestion,
    RenovationPicture,
    RenovationProject,
    WorkItem,
)
from services.renovation.progress import Cell
from services.scheduling.models import Slot

LAST_KEY = 2**63 - 1


def key_field(**more: Any) -> serializers.IntegerField:
    """Returns a field for the key of a row."""
    return serializers.IntegerField(min_value=1, max_value=LAST_KEY, **more)


class RenovationPictureSerializer(serializers.ModelSerializer):
    """A picture. Its URLs need the same token; sizes are the longest side in pixels: 320, 1080, 2048."""

    urls = serializers.SerializerMethodField()

    class Meta:
        model = RenovationPicture
        fields = ("id", "at", "shows", "caption", "item", "width", "height", "urls")

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string", "format": "uri"}})
    def get_urls(self, picture: RenovationPicture) -> dict[str, str]:
        request = self.context["request"]
        addresses = {size: reverse("api_renovation_picture", args=[picture.pk, size]) for size in SIZES}
        return {size: request.build_absolute_uri(address) for size, address in addresses.items()}


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = WorkItem
        fields = ("id", "name", "about", "where", "minutes", "is_noisy", "warranty_months", "stage")


class TimetableSerializer(serializers.Serializer):
    begins_on = serializers.DateField(read_only=True)
    ends_on = serializers.DateField(read_only=True)
    what = serializers.CharField(read_only=True)


class NumbersSerializer(serializers.Serializer):
    """Numbers of homes: all, taking part, and by progress; without names.

    ``take_part`` is null if there are so few homes that it would reveal one household's answer.
    """

    building = serializers.CharField(source="building.name", read_only=True, allow_null=True, default=None)
    building_id = serializers.IntegerField(
        source="building.pk", read_only=True, allow_null=True, default=None
    )
    homes = serializers.IntegerField(read_only=True)
    take_part = serializers.IntegerField(source="yes_shown", read_only=True, allow_null=True)
    booked = serializers.IntegerField(read_only=True)
    done = serializers.IntegerField(read_only=True)


class CellSerializer(serializers.Serializer):
    """A home of the elevation as neighbours see it: its progress, without names."""

    entrance = serializers.CharField(source="home.entrance.name", read_only=True)
    number = serializers.CharField(source="home.number", read_only=True)
    floor = serializers.IntegerField(source="home.floor", read_only=True)
    state = serializers.CharField(read_only=True)
    state_text = serializers.CharField(source="state_words", read_only=True)
    is_mine = serializers.BooleanField(read_only=True)


class ElevationSerializer(serializers.Serializer):
    building = serializers.CharField(source="building.name", read_only=True)
    homes = serializers.SerializerMethodField()

    @extend_schema_field(CellSerializer(many=True))
    def get_homes(self, elevation: Any) -> Any:
        cells: list[Cell] = elevation.cells
        return CellSerializer(cells, many=True).data


class ProjectSerializer(serializers.ModelSerializer):
    status_text = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = RenovationProject
        fields: tuple[str, ...] = ("id", "estate", "name", "status", "status_text")
        read_only_fields: tuple[str, ...] = fields


class ProjectDetailSerializer(ProjectSerializer):
    """The plan and its progress; drawings, and pictures before and after shared work."""

    items = ItemSerializer(many=True, read_only=True)
    timetable = TimetableSerializer(many=True, read_only=True)
    total = serializers.SerializerMethodField()
    buildings = serializers.SerializerMethodField()
    pictures = serializers.SerializerMethodField()

    class Meta(ProjectSerializer.Meta):
        fields = (
            *ProjectSerializer.Meta.fields,
            *("plan", "cost_fen", "paid_by", "contact_name", "contact_phone"),
            *("items", "timetable", "total", "buildings", "pictures"),
        )
        read_only_fields = fields

    @extend_schema_field(NumbersSerializer)
    def get_total(self, project: RenovationProject) -> Any:
        return NumbersSerializer(self.context["numbers"][0]).data

    @extend_schema_field(NumbersSerializer(many=True))
    def get_buildings(self, project: RenovationProject) -> Any:
        return NumbersSerializer(self.context["numbers"][1], many=True).data

    @extend_schema_field(RenovationPictureSerializer(many=True))
    def get_pictures(self, project: RenovationProject) -> Any:
        rows = project.pictures.filter(appointment=None).order_by("at", "id")
        return RenovationPictureSerializer(rows, many=True, context=self.context).data


class QuestionSerializer(serializers.ModelSerializer):
    """A question or comment and the public answer, without the person who asked."""

    class Meta:
        model = ProjectQuestion
        fields = ("id", "words", "created_at", "answer", "answered_at")
        read_only_fields = fields


class AskSerializer(serializers.Serializer):
    words = serializers.CharField(max_length=500)
    key = serializers.UUIDField(help_text="Chosen by the caller; the same key again is the same question.")


class TakePartSerializer(serializers.Serializer):
    """The household's answer; omitted fields stay as they were."""

    answer = serializers.ChoiceField(choices=Participation.Answer.choices)
    wishes = serializers.CharField(max_length=500, required=False, allow_blank=True)
    shares_pictures = serializers.BooleanField(required=False)


class SlotSerializer(serializers.ModelSerializer):
    free = serializers.IntegerField(read_only=True)

    class Meta:
        model = Slot
        fields = ("id", "starts_at", "ends_at", "free")
        read_only_fields = fields


class BookSerializer(serializers.Serializer):
    home, item, slot = key_field(), key_field(), key_field()
    key = serializers.UUIDField(
        help_text="Chosen by the caller; the same key again finds the same appointment."
    )


class WaitSerializer(serializers.Serializer):
    home, item, slot = key_field(), key_field(), key_field()


class KeySerializer(serializers.Serializer):
    key = serializers.UUIDField()


class MoveAppointmentSerializer(serializers.Serializer):
    slot = key_field()


class CancelAppointmentSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ConfirmSerializer(serializers.Serializer):
    face = serializers.ChoiceField(choices=Satisfaction.Face.choices, help_text="1 bad, 2 so-so, 3 good")
    words = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class DefectsSerializer(serializers.Serializer):
    words = serializers.CharField(max_length=2000)


class StartWorkSerializer(serializers.Serializer):
    """Pictures of the state before are needed, sent with this request or earlier."""

    key = serializers.UUIDField(required=False)
    pictures = serializers.ListField(
        child=serializers.FileField(), required=False, allow_empty=True, max_length=6
    )


class DoneSerializer(StartWorkSerializer):
    words = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class MissedAppointmentSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class AppointmentSerializer(serializers.ModelSerializer):
    """A time at which a crew works in a home."""

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
    """A step of an appointment, with the booked time after it."""

    status = serializers.ChoiceField(choices=Appointment.Status.choices, source="to_status", read_only=True)
    at = serializers.DateTimeField(read_only=True)
    actor = PersonSerializer(read_only=True, allow_null=True)
    on_behalf_of = PersonSerializer(read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True)
    starts_at = serializers.DateTimeField(read_only=True)


class AppointmentDetailSerializer(AppointmentSerializer):
    """An appointment with its history and the verbs that this person can take."""

    pictures = RenovationPictureSerializer(many=True, read_only=True)
    history = serializers.SerializerMethodField()
    verbs = serializers.SerializerMethodField()

    class Meta(AppointmentSerializer.Meta):
        fields = (*AppointmentSerializer.Meta.fields, "pictures", "history", "verbs")
        read_only_fields = fields

    @extend_schema_field(AppointmentStepSerializer(many=True))
    def get_history(self, appointment: Appointment) -> Any:
        """Returns the steps; none for the crew, who must not read which person of the household acted."""
        if policies.capacities(self.context["request"].user, appointment) == {policies.CREW}:
            return []
        steps = appointment.history.select_related("actor", "on_behalf_of")
        return AppointmentStepSerializer(list(steps), many=True).data

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_verbs(self, appointment: Appointment) -> list[str]:
        user: User = self.context["request"].user
        return sorted(policies.allowed_verbs(user, appointment, clock.now()))


class CrewJobSerializer(serializers.ModelSerializer):
    """An appointment as a row of the crew's day."""

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
    """An entry of the waiting list of a full time; an offer is held until ``offered_until``."""

    slot = serializers.IntegerField(source="waiting.slot_id", read_only=True)
    starts_at = serializers.DateTimeField(source="waiting.slot.starts_at", read_only=True)
    status = serializers.CharField(source="waiting.status", read_only=True)
    offered_until = serializers.DateTimeField(source="waiting.offered_until", read_only=True, allow_null=True)

    class Meta:
        model = AppointmentWaiting
        fields = ("id", "item", "home", "slot", "starts_at", "status", "offered_until")
        read_only_fields = fields


class HomeWorkSerializer(serializers.Serializer):
    """A work item in a home. ``done_before`` is work for a former household: only its warranty is inherited."""

    item = ItemSerializer(read_only=True)
    appointment = AppointmentSerializer(read_only=True, allow_null=True)
    done_before = serializers.SerializerMethodField()
    warranty_until = serializers.SerializerMethodField()
    opens_at = serializers.DateTimeField(read_only=True, allow_null=True)
    is_open = serializers.BooleanField(read_only=True)
    times = SlotSerializer(many=True, read_only=True)
    waiting = WaitingSerializer(many=True, read_only=True)

    def get_done_before(self, row: Any) -> bool:
        return row.inherited is not None

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_warranty_until(self, row: Any) -> Any:
        appointment = row.appointment or row.inherited
        return appointment.warranty_until if appointment else None


class HomeSerializer(serializers.Serializer):
    """A home with its answer, its work and the free times."""

    home = serializers.IntegerField(read_only=True)
    home_name = serializers.CharField(read_only=True)
    answer = serializers.ChoiceField(choices=Participation.Answer.choices, read_only=True)
    wishes = serializers.CharField(read_only=True)
    shares_pictures = serializers.BooleanField(read_only=True)
    work = HomeWorkSerializer(many=True, read_only=True)
