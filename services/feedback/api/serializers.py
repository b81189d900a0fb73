"""Serializers of the feedback API. They check the shape; actions check the rules."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from community.estates.models import Estate
from services.common.api import PersonSerializer, PicturesField
from services.feedback import policies
from services.feedback.actions.feedback import MAX_ABOUT
from services.feedback.actions.steps import MAX_WORDS
from services.feedback.models import Feedback, FeedbackMessage
from services.feedback.models.feedback import DEPARTMENT_CHOICES


class FeedbackSerializer(serializers.ModelSerializer):
    """Feedback in a list; ``resident`` is null for anonymous feedback."""

    status_text = serializers.CharField(source="get_status_display", read_only=True)
    resident = PersonSerializer(read_only=True, allow_null=True)
    reported_by = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Feedback
        fields = (
            *("id", "reference", "estate", "kind", "about", "status", "status_text", "department"),
            *("is_anonymous", "is_follow_up", "is_escalated", "resident", "reported_by"),
            *("repair_reference", "created_at", "status_changed_at"),
        )
        read_only_fields = fields


class SaidSerializer(serializers.ModelSerializer):
    author = PersonSerializer(read_only=True, allow_null=True)
    on_behalf_of = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = FeedbackMessage
        fields = ("at", "author", "on_behalf_of", "words", "is_writers", "is_internal")


class FeedbackDetailSerializer(FeedbackSerializer):
    """The parts of the feedback that the reader may see, and the verbs that they may take next."""

    words = serializers.CharField(source="description", read_only=True)
    earlier = serializers.SerializerMethodField(help_text="What was said before a follow-up, by the code.")
    messages = serializers.SerializerMethodField()
    verbs = serializers.SerializerMethodField()

    class Meta(FeedbackSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *FeedbackSerializer.Meta.fields,
            *("words", "earlier", "messages", "verbs"),
        )
        read_only_fields = fields  # type: ignore[assignment]

    def _reader(self) -> User | None:
        return self.context.get("reader")

    @extend_schema_field(SaidSerializer(many=True))
    def get_messages(self, feedback: Feedback) -> Any:
        messages = feedback.messages.select_related("author", "on_behalf_of")
        reader = self._reader()
        if reader is None or not self._is_staffs(reader, feedback):
            messages = messages.filter(is_internal=False)
        return SaidSerializer(messages, many=True).data

    @extend_schema_field(SaidSerializer(many=True))
    def get_earlier(self, feedback: Feedback) -> Any:
        earlier = feedback.earlier if self._reader() is None else None
        return SaidSerializer(earlier.messages.filter(is_internal=False), many=True).data if earlier else []

    @staticmethod
    def _is_staffs(reader: User, feedback: Feedback) -> bool:
        return Feedback.objects.for_staff(reader).filter(pk=feedback.pk).exists()

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_verbs(self, feedback: Feedback) -> list[str]:
        return sorted(policies.allowed_verbs(self._reader(), feedback))


class FeedbackWriteSerializer(serializers.Serializer):
    estate = serializers.PrimaryKeyRelatedField(queryset=Estate.objects.all())
    kind = serializers.ChoiceField(choices=Feedback.Kind.choices)
    words = serializers.CharField(max_length=MAX_WORDS)
    about = serializers.CharField(max_length=MAX_ABOUT, required=False, allow_blank=True, default="")
    pictures = PicturesField()


class FeedbackWriteNamedSerializer(FeedbackWriteSerializer):
    """New feedback in a resident's name; your own without ``resident``."""

    resident = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    key = serializers.UUIDField(
        required=False, help_text="Chosen by the caller; the same key again finds the same feedback."
    )


class SentSerializer(serializers.Serializer):
    """The code is shown once; it allows everyone who has it to read the thread and to write in it."""

    reference = serializers.CharField(read_only=True)
    code = serializers.CharField(read_only=True)


class CodeSerializer(serializers.Serializer):
    code = serializers.CharField(max_length=60)


class FeedbackWordsSerializer(serializers.Serializer):
    words = serializers.CharField(max_length=MAX_WORDS)


class TokenSerializer(serializers.Serializer):
    key = serializers.UUIDField(
        required=False, help_text="Chosen by the caller; the same words again with it are said once."
    )


class FeedbackSaidSerializer(TokenSerializer, FeedbackWordsSerializer):
    pass


class AddedSerializer(TokenSerializer):
    """Words or pictures. Feedback that waited for them, or was asked to be solved, is being handled again."""

    words = serializers.CharField(max_length=MAX_WORDS, required=False, allow_blank=True, default="")
    pictures = PicturesField(source="uploads")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given["words"].strip() and not given.get("uploads"):
            raise serializers.ValidationError({"words": [_("Please write something or add a picture.")]})
        return given


class FeedbackRatingSerializer(serializers.Serializer):
    face = serializers.IntegerField(min_value=1, max_value=3, help_text="1 bad, 2 so-so, 3 good")
    words = serializers.CharField(max_length=MAX_WORDS, required=False, allow_blank=True, default="")


class CodeWordsSerializer(CodeSerializer, FeedbackWordsSerializer):
    pass


class CodeAddedSerializer(CodeSerializer, AddedSerializer):
    pass


class CodeRatingSerializer(CodeSerializer, FeedbackRatingSerializer):
    pass


class HandOverSerializer(serializers.Serializer):
    department = serializers.ChoiceField(choices=DEPARTMENT_CHOICES)
    words = serializers.CharField(max_length=MAX_WORDS, required=False, allow_blank=True, default="")


class ListFilters(serializers.Serializer):
    estate = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    status = serializers.MultipleChoiceField(choices=Feedback.Status.choices, required=False)
    kind = serializers.ChoiceField(choices=Feedback.Kind.choices, required=False)
    reference = serializers.CharField(required=False, max_length=20)
