"""Serializers of the repairs API. They check the shape of input; actions check the rules."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from community.core.pictures import SIZES
from community.core.transitions import StatusChange
from services.common.api import PersonSerializer, PicturesField
from services.repairs import policies
from services.repairs.actions.resident import MAX_WORDS
from services.repairs.models import Repair, RepairCategory, RepairMessage, RepairPicture
from services.repairs.policies import works_on

MAX_REASON = 500
# Largest key that a database can compare; a larger one would be an error there.
LAST_KEY = 2**63 - 1


class KindSerializer(serializers.ModelSerializer):
    """An entry of the catalogue."""

    name = serializers.CharField(source="label", read_only=True)

    class Meta:
        model = RepairCategory
        fields = ("id", "name", "icon", "where", "charge", "is_emergency")


class CatalogueSerializer(KindSerializer):
    estate = serializers.IntegerField(source="estate_id", read_only=True)
    kinds = KindSerializer(source="offered_children", many=True, read_only=True)

    class Meta(KindSerializer.Meta):
        fields = ("id", "estate", "name", "icon", "where", "kinds")


class RepairSerializer(serializers.ModelSerializer):
    """A repair in a list."""

    what = serializers.CharField(source="category.label", read_only=True)
    where = serializers.SerializerMethodField()
    status_text = serializers.CharField(source="get_status_display", read_only=True)
    resident = PersonSerializer(read_only=True)
    worker = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Repair
        fields = (
            *("id", "reference", "estate", "category", "what", "home", "place", "where", "status"),
            *(
                "status_text",
                "is_emergency",
                "suits",
                "resident",
                "worker",
                "created_at",
                "status_changed_at",
            ),
        )
        read_only_fields = fields

    def get_where(self, repair: Repair) -> str:
        return str(repair.where)


class StepSerializer(serializers.Serializer):
    """A step of a repair; ``actor`` is null for automatic ones."""

    status = serializers.ChoiceField(choices=Repair.Status.choices, source="to_status", read_only=True)
    at = serializers.DateTimeField(read_only=True)
    actor = PersonSerializer(read_only=True, allow_null=True)
    on_behalf_of = PersonSerializer(read_only=True, allow_null=True)
    worker_name = serializers.CharField(read_only=True)
    reason = serializers.CharField(read_only=True)


class MessageSerializer(serializers.ModelSerializer):
    author = PersonSerializer(read_only=True)
    on_behalf_of = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = RepairMessage
        fields = ("id", "at", "author", "on_behalf_of", "words", "is_internal")


class PictureSerializer(serializers.ModelSerializer):
    """Addresses need the same token; sizes are the longest side in pixels: 320, 1080, 2048."""

    urls = serializers.SerializerMethodField()

    class Meta:
        model = RepairPicture
        fields = ("id", "at", "shows", "width", "height", "urls")

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string", "format": "uri"}})
    def get_urls(self, picture: RepairPicture) -> dict[str, str]:
        request = self.context["request"]
        addresses = {size: reverse("api_picture", args=[picture.pk, size]) for size in SIZES}
        return {size: request.build_absolute_uri(address) for size, address in addresses.items()}


class RepairDetailSerializer(RepairSerializer):
    """Everything of a repair that this person may see, and the verbs that they can take."""

    history = serializers.SerializerMethodField()
    messages = serializers.SerializerMethodField()
    pictures = PictureSerializer(many=True, read_only=True)
    resident_phone = serializers.SerializerMethodField()
    verbs = serializers.SerializerMethodField()

    class Meta:
        model = Repair
        fields = (
            *RepairSerializer.Meta.fields,
            *("description", "quote_fen", "quote_words", "resident_phone", "history", "messages"),
            *("pictures", "verbs"),
        )
        read_only_fields = fields

    def _user(self) -> User:
        user: User = self.context["request"].user
        return user

    @extend_schema_field(StepSerializer(many=True))
    def get_history(self, repair: Repair) -> Any:
        steps: Any = repair.history.select_related("actor", "on_behalf_of")
        return StepSerializer(list[StatusChange](steps), many=True).data

    @extend_schema_field(MessageSerializer(many=True))
    def get_messages(self, repair: Repair) -> Any:
        messages = repair.messages.select_related("author", "on_behalf_of")
        if not self._works_on(repair):
            messages = messages.filter(is_internal=False)
        return MessageSerializer(messages, many=True).data

    @extend_schema_field(
        {"type": "string", "description": "For those who work on it, on record; empty for others."}
    )
    def get_resident_phone(self, repair: Repair) -> str:
        return repair.resident.phone if self._works_on(repair) else ""

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_verbs(self, repair: Repair) -> list[str]:
        return sorted(policies.allowed_verbs(self._user(), repair))

    def _works_on(self, repair: Repair) -> bool:
        return works_on(self._user(), repair)


class ReportSerializer(serializers.Serializer):
    """A new repair: either ``home`` or ``place`` (the code on a sign)."""

    category = serializers.IntegerField(min_value=1, max_value=LAST_KEY)
    home = serializers.IntegerField(required=False, allow_null=True)
    place = serializers.CharField(required=False, allow_blank=True, max_length=12)
    words = serializers.CharField(required=False, allow_blank=True, max_length=MAX_WORDS, default="")
    suits = serializers.ChoiceField(choices=Repair.Suits.choices, default=Repair.Suits.ANY)
    resident = serializers.IntegerField(
        required=False, help_text="For whom, if not for oneself: a delegate or the front desk."
    )
    key = serializers.UUIDField(
        required=False, help_text="Chosen by the caller; the same key again finds the same repair."
    )
    pictures = PicturesField()


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=MAX_REASON)


class MaybeReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=MAX_REASON, required=False, allow_blank=True, default="")


class WordsSerializer(serializers.Serializer):
    words = serializers.CharField(max_length=MAX_WORDS)


class MaybeWordsSerializer(serializers.Serializer):
    words = serializers.CharField(max_length=MAX_WORDS, required=False, allow_blank=True, default="")


class NewMessageSerializer(MaybeWordsSerializer):
    pictures = PicturesField()


class RatingSerializer(MaybeWordsSerializer):
    face = serializers.IntegerField(min_value=1, max_value=3, help_text="1 bad, 2 so-so, 3 good")


class QuoteAnswerSerializer(serializers.Serializer):
    agrees = serializers.BooleanField()
    fen = serializers.IntegerField(min_value=1, help_text="The price that was shown, in fen.")


class QuoteSerializer(serializers.Serializer):
    fen = serializers.IntegerField(min_value=1, help_text="1 yuan is 100 fen.")
    words = serializers.CharField(max_length=MAX_WORDS, help_text="What the price is for.")


class WorkPicturesSerializer(serializers.Serializer):
    shows = serializers.ChoiceField(
        choices=[
            (shows.value, shows.label) for shows in (RepairPicture.Shows.BEFORE, RepairPicture.Shows.AFTER)
        ]
    )
    pictures = PicturesField(required=True, allow_empty=False)


class AssignSerializer(serializers.Serializer):
    worker = serializers.IntegerField()


class WorkerSerializer(serializers.Serializer):
    """A repair worker, with the number of jobs in hand."""

    id = serializers.IntegerField(source="user_id", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    estate = serializers.IntegerField(source="estate_id", read_only=True)
    in_hand = serializers.IntegerField(read_only=True)


class BoardFilters(serializers.Serializer):
    """Filters of the board."""

    estate = serializers.IntegerField(required=False)
    status = serializers.MultipleChoiceField(choices=Repair.Status.choices, required=False)
    worker = serializers.IntegerField(required=False)
    is_emergency = serializers.BooleanField(required=False, allow_null=True, default=None)
    reference = serializers.CharField(required=False, max_length=20)
