"""Serializers of the help API. They check the shape of input; actions check the rules."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from community.core.transitions import StatusChange
from services.common.api import PersonSerializer
from services.help import policies
from services.help.models import HelpCall


class HelpCallSerializer(serializers.ModelSerializer):
    """A call for help; ``responder`` is the person on the way."""

    where = serializers.SerializerMethodField()
    status_text = serializers.CharField(source="get_status_display", read_only=True)
    resident = PersonSerializer(read_only=True)
    reported_by = PersonSerializer(read_only=True)
    responder = PersonSerializer(read_only=True, allow_null=True)
    # Empty until the call has ended.
    outcome = serializers.ChoiceField(choices=HelpCall.Outcome.choices, allow_blank=True, read_only=True)

    class Meta:
        model = HelpCall
        fields: tuple[str, ...] = (
            *("id", "reference", "estate", "home", "where", "is_drill", "status", "status_text", "resident"),
            *("reported_by", "responder", "answered_at", "outcome", "created_at", "status_changed_at"),
        )
        read_only_fields: tuple[str, ...] = fields

    def get_where(self, call: HelpCall) -> str:
        return str(call.where)


class HelpStepSerializer(serializers.Serializer):
    """A step of a call; ``place`` is the new home, if the step changed it."""

    status = serializers.ChoiceField(choices=HelpCall.Status.choices, source="to_status", read_only=True)
    at = serializers.DateTimeField(read_only=True)
    actor = PersonSerializer(read_only=True, allow_null=True)
    responder_name = serializers.CharField(read_only=True)
    place = serializers.CharField(read_only=True)


class HelpCallDetailSerializer(HelpCallSerializer):
    """Everything of a call, and the verbs that this person can take."""

    history = serializers.SerializerMethodField()
    verbs = serializers.SerializerMethodField()
    desk_phone = serializers.CharField(source="estate.desk_phone", read_only=True)

    class Meta(HelpCallSerializer.Meta):
        fields = (*HelpCallSerializer.Meta.fields, "desk_phone", "history", "verbs")
        read_only_fields = fields

    @extend_schema_field(HelpStepSerializer(many=True))
    def get_history(self, call: HelpCall) -> Any:
        steps: Any = call.history.select_related("actor")
        return HelpStepSerializer(list[StatusChange](steps), many=True).data

    def get_verbs(self, call: HelpCall) -> list[str]:
        return sorted(policies.allowed_verbs(self.context["request"].user, call, self.context["now"]))


class NewHelpCallSerializer(serializers.Serializer):
    """A new call. All fields are optional: the default is the user, in their first home."""

    resident = serializers.IntegerField(required=False, min_value=1)
    home = serializers.IntegerField(required=False, min_value=1)
    words = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    key = serializers.UUIDField(
        required=False,
        help_text="Kept with the call. While a call is open every press is that call, with this key or another;"
        " once it is over or taken back, the same key calls anew. A button may keep one key for ever.",
    )


class TakeSerializer(serializers.Serializer):
    """Input of taking a call; ``goes`` is the person to send, by default the user."""

    goes = serializers.IntegerField(required=False, min_value=1)


class EndSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=HelpCall.Outcome.choices)
    words = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
