"""Serializers of the notices API. They check the shape of data; actions check the rules."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from community.estates.models import Building, Entrance, Estate, Home
from community.notices import body, policies
from community.notices.actions import Audience, Words
from community.notices.actions.drafts import HTML, TEXT
from community.notices.models import Notice


class NoticeSerializer(serializers.ModelSerializer):
    """A notice as residents read it."""

    kind_text = serializers.CharField(source="get_kind_display", read_only=True)
    status_text = serializers.CharField(source="get_status_display", read_only=True)
    body = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    is_read = serializers.BooleanField(read_only=True)

    class Meta:
        model = Notice
        fields = (
            *("id", "estate", "title", "kind", "kind_text", "is_urgent", "status", "status_text"),
            *("body", "text", "published_at", "corrected_at", "ends_at", "is_read"),
        )
        read_only_fields = fields

    @extend_schema_field({"type": "string", "description": "Cleaned HTML; empty once it is withdrawn."})
    def get_body(self, notice: Notice) -> str:
        return "" if notice.status == Notice.Status.WITHDRAWN else notice.body

    @extend_schema_field({"type": "string", "description": "The same without any mark."})
    def get_text(self, notice: Notice) -> str:
        return "" if notice.status == Notice.Status.WITHDRAWN else body.plain(notice.body)


class DeskNoticeSerializer(serializers.ModelSerializer):
    """A notice as its writers see it."""

    text = serializers.SerializerMethodField()
    buildings = serializers.SerializerMethodField()
    entrances = serializers.SerializerMethodField()
    homes = serializers.SerializerMethodField()
    verbs = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = (
            *("id", "estate", "title", "kind", "is_urgent", "status", "body", "text", "scope", "buildings"),
            *(
                "entrances",
                "homes",
                "group",
                "publish_at",
                "published_at",
                "corrected_at",
                "ends_at",
                "told_at",
            ),
            *("code", "verbs"),
        )
        read_only_fields = fields

    def get_text(self, notice: Notice) -> str:
        return body.as_text(notice.body)

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_buildings(self, notice: Notice) -> list[int]:
        return [part.building_id for part in notice.parts.all() if part.building_id]

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_entrances(self, notice: Notice) -> list[int]:
        return [part.entrance_id for part in notice.parts.all() if part.entrance_id]

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_homes(self, notice: Notice) -> list[int]:
        return [part.home_id for part in notice.parts.all() if part.home_id]

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_verbs(self, notice: Notice) -> list[str]:
        user: User = self.context["request"].user
        # The context is shared by all rows of a list.
        shared: dict[str, Any] = self.context  # type: ignore[assignment]
        if "writes_in" not in shared:
            shared["writes_in"] = policies.writes_in(user)
        return sorted(policies.allowed_verbs(user, notice, writes_in=shared["writes_in"]))


class WriteSerializer(serializers.Serializer):
    """A draft. ``body`` is text with a few marks, or HTML with ``written_as``; both are cleaned."""

    estate = serializers.PrimaryKeyRelatedField(queryset=Estate.objects.none())
    title = serializers.CharField(trim_whitespace=True)
    body = serializers.CharField(trim_whitespace=False)
    written_as = serializers.ChoiceField(choices=[TEXT, HTML], default=TEXT)
    kind = serializers.ChoiceField(choices=Notice.Kind.choices, default=Notice.Kind.OTHER)
    is_urgent = serializers.BooleanField(default=False)
    ends_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    scope = serializers.ChoiceField(choices=Notice.Scope.choices, default=Notice.Scope.ESTATE)
    buildings = serializers.PrimaryKeyRelatedField(queryset=Building.objects.all(), many=True, default=list)
    entrances = serializers.PrimaryKeyRelatedField(
        queryset=Entrance.objects.select_related("building"), many=True, default=list
    )
    homes = serializers.PrimaryKeyRelatedField(queryset=Home.objects.with_address(), many=True, default=list)
    group = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    key = serializers.UUIDField(
        required=False, help_text="Chosen by the caller; the same key again finds the same draft."
    )

    def __init__(self, *args: Any, estates: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if estates is not None:
            self.fields["estate"].queryset = estates  # type: ignore[attr-defined]
            ways = {
                "buildings": "estate",
                "entrances": "building__estate",
                "homes": "entrance__building__estate",
            }
            for name, way in ways.items():
                # Places of other estates count as unknown.
                related: Any = self.fields[name].child_relation  # type: ignore[attr-defined]
                related.queryset = related.queryset.filter(**{f"{way}__in": estates})

    def words(self) -> Words:
        given = self.validated_data
        return Words(
            title=given["title"],
            body=given["body"],
            written_as=given["written_as"],
            kind=given["kind"],
            is_urgent=given["is_urgent"],
            ends_at=given["ends_at"],
        )

    def audience(self) -> Audience:
        given = self.validated_data
        return Audience(
            scope=given["scope"],
            buildings=given["buildings"],
            entrances=given["entrances"],
            homes=given["homes"],
            group=given["group"],
        )


class PublishSerializer(serializers.Serializer):
    publish_at = serializers.DateTimeField(required=False, help_text="Left out: now.")
    homes = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=10_000_000,
        help_text="For an urgent one: to how many homes it goes, as a sign that somebody looked.",
    )


class WithdrawSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=200)


class NothingSerializer(serializers.Serializer):
    """Empty body of a verb without parameters."""


class DoorSerializer(serializers.Serializer):
    home = serializers.IntegerField(source="home.pk", read_only=True)
    home_name = serializers.CharField(source="home", read_only=True)
    state = serializers.CharField(read_only=True)


class ReadingSerializer(serializers.Serializer):
    """Counts of homes that know of the notice, and homes to visit; never names of readers."""

    homes = serializers.IntegerField(read_only=True)
    read = serializers.IntegerField(read_only=True)
    told = serializers.IntegerField(read_only=True)
    nobody = serializers.IntegerField(read_only=True)
    to_knock = DoorSerializer(many=True, read_only=True)


class DeskFilters(serializers.Serializer):
    status = serializers.MultipleChoiceField(choices=Notice.Status.choices, required=False)
    estate = serializers.IntegerField(required=False, min_value=1, max_value=2**31)
