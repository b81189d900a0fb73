"""API of repairs for workers and dispatchers."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView

from accounts.models import StaffRole, User
from accounts.policies import Role, estates_of
from community.core import clock
from community.core.api import Search
from services.common.api import ScopedView
from services.repairs import actions, policies
from services.repairs.api import serializers
from services.repairs.api.base import RepairVerb, check_uploads
from services.repairs.models import Repair
from services.repairs.queries import FOUND_BY
from services.repairs.roles import DISPATCHING
from services.repairs.scopes import REPAIR_DISPATCH, REPAIR_WORK

WORK, DISPATCH = {"POST": REPAIR_WORK}, {"POST": REPAIR_DISPATCH}
WHOSE = OpenApiParameter(
    "whose",
    enum=["mine", "free"],
    description="mine (default): my jobs in hand; free: those that wait for a worker",
)


@extend_schema_view(get=extend_schema(summary="Jobs", tags=["jobs"], parameters=[WHOSE]))
class Jobs(ScopedView, ListAPIView):
    """The worker's own jobs, or jobs that any worker of the estate can take."""

    scopes = {"GET": REPAIR_WORK}
    serializer_class = serializers.RepairSerializer
    filter_backends, found_by = [Search], FOUND_BY

    def get_queryset(self) -> QuerySet[Repair]:
        user = self.person()
        visible = Repair.objects.visible_to(user).with_people()
        if self.request.query_params.get("whose") == "free":
            return visible.takeable().filter(estate__in=estates_of(user, Role.REPAIR_WORKER))
        return visible.in_hand().filter(worker=user)


@extend_schema_view(post=extend_schema(summary="Take a job", tags=["jobs"]))
class Take(RepairVerb):
    scopes, verb = WORK, "take_repair"


@extend_schema_view(post=extend_schema(summary="Begin", tags=["jobs"]))
class Start(RepairVerb):
    scopes, verb = WORK, "start_work"


@extend_schema_view(post=extend_schema(summary="Give a job back", tags=["jobs"]))
class ReturnJob(RepairVerb):
    scopes, verb, serializer_class = WORK, "return_job", serializers.ReasonSerializer


@extend_schema_view(post=extend_schema(summary="Wait for parts", tags=["jobs"]))
class WaitForParts(RepairVerb):
    scopes, verb, serializer_class = WORK, "wait_for_parts", serializers.ReasonSerializer


@extend_schema_view(post=extend_schema(summary="Wait for the resident", tags=["jobs"]))
class WaitForResident(RepairVerb):
    scopes, verb, serializer_class = WORK, "wait_for_resident", serializers.ReasonSerializer


@extend_schema_view(post=extend_schema(summary="Go on", tags=["jobs"]))
class Resume(RepairVerb):
    scopes, verb = WORK, "resume_work"


@extend_schema_view(post=extend_schema(summary="Quote a price", tags=["jobs"]))
class Quote(RepairVerb):
    scopes, verb, serializer_class = WORK, "quote_price", serializers.QuoteSerializer


@extend_schema_view(post=extend_schema(summary="Add pictures before or after", tags=["jobs"]))
class AddPictures(RepairVerb):
    scopes, serializer_class = WORK, serializers.WorkPicturesSerializer

    def act(self, row: Repair, given: dict[str, Any]) -> None:
        check_uploads(self.person(), given["pictures"])
        actions.add_work_pictures(
            repair=row, by=self.person(), shows=given["shows"], uploads=given["pictures"], now=clock.now()
        )


@extend_schema_view(post=extend_schema(summary="Done", tags=["jobs"]))
class Done(RepairVerb):
    scopes, verb, serializer_class = WORK, "finish_work", serializers.MaybeWordsSerializer


@extend_schema_view(
    get=extend_schema(summary="The board", tags=["board"], parameters=[serializers.BoardFilters])
)
class Board(ScopedView, ListAPIView):
    """All repairs of the estates that the user dispatches."""

    scopes = {"GET": REPAIR_DISPATCH}
    serializer_class = serializers.RepairSerializer
    filter_backends, found_by = [Search], FOUND_BY

    def get_queryset(self) -> QuerySet[Repair]:
        filters = serializers.BoardFilters(data=self.request.query_params)
        filters.is_valid(raise_exception=True)
        repairs = Repair.objects.with_people().filter(estate__in=estates_of(self.person(), *DISPATCHING))
        values = filters.validated_data
        if values.get("status"):
            repairs = repairs.filter(status__in=values["status"])
        if values.get("is_emergency") is not None:
            repairs = repairs.filter(is_emergency=values["is_emergency"])
        plain = {name: values[name] for name in ("estate", "worker", "reference") if name in values}
        return repairs.filter(**plain)


@extend_schema_view(get=extend_schema(summary="Workers and what they have in hand", tags=["board"]))
class Workers(ScopedView, ListAPIView):
    """Repair workers of the estates that the user dispatches."""

    scopes = {"GET": REPAIR_DISPATCH}
    serializer_class = serializers.WorkerSerializer
    pagination_class = None

    def get_queryset(self) -> QuerySet[StaffRole]:
        in_hand = Q(user__jobs__status__in=Repair.IN_HAND, user__jobs__estate=F("estate"))
        working = StaffRole.objects.filter(
            role=Role.REPAIR_WORKER, estate__in=estates_of(self.person(), *DISPATCHING), user__is_active=True
        )
        counted = working.annotate(in_hand=Count("user__jobs", filter=in_hand)).select_related("user")
        return counted.order_by("estate", "user")


@extend_schema_view(post=extend_schema(summary="Accept", tags=["board"]))
class Accept(RepairVerb):
    scopes, verb = DISPATCH, "accept_repair"


@extend_schema_view(post=extend_schema(summary="Decline", tags=["board"]))
class Decline(RepairVerb):
    scopes, verb, serializer_class = DISPATCH, "decline_repair", serializers.ReasonSerializer


@extend_schema_view(post=extend_schema(summary="Assign to a worker", tags=["board"]))
class Assign(RepairVerb):
    scopes, serializer_class = DISPATCH, serializers.AssignSerializer

    def act(self, row: Repair, given: dict[str, Any]) -> None:
        # Checked before the worker is looked up, so that readers of a repair cannot probe for accounts.
        policies.require("assign_repair", self.person(), row)
        working = {"staff_roles__estate": row.estate_id, "staff_roles__role": Role.REPAIR_WORKER}
        worker = User.objects.filter(pk=given["worker"], is_active=True, **working).first()
        if worker is None:
            raise ValidationError({"worker": [_("There is no such worker.")]})
        actions.assign_repair(repair=row, worker=worker, by=self.person(), now=clock.now())
