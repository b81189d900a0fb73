"""What all verbs of the repairs API share."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiToken, User
from community.core import clock, limits
from services.common.api import NothingSerializer, ScopedView
from services.repairs import actions
from services.repairs.api.serializers import RepairDetailSerializer
from services.repairs.models import Repair

Scope = ApiToken.Scope


def visible_repair(user: User, pk: int) -> Repair:
    """Someone else's is a 404."""
    repair = Repair.objects.visible_to(user).with_people().filter(pk=pk).first()
    if repair is None:
        raise Http404
    return repair


def check_uploads(user: User, uploads: list[Any]) -> None:
    if uploads:
        limits.hit("upload", str(user.pk), limit=60, seconds=3600, needs_redis=False)


class VerbView(ScopedView):
    """POST takes one verb on one repair and answers with how it stands then."""

    queryset = Repair.objects.none()
    serializer_class: Any = NothingSerializer
    verb: ClassVar[str] = ""

    @extend_schema(responses=RepairDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        repair = visible_repair(self.person(), pk)
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        self.act(repair, dict(given.validated_data))
        answer = RepairDetailSerializer(visible_again(repair), context=self.get_serializer_context())
        return Response(answer.data)

    def act(self, repair: Repair, given: dict[str, Any]) -> None:
        getattr(actions, self.verb)(repair=repair, by=self.person(), now=clock.now(), **given)


def visible_again(repair: Repair) -> Repair:
    """Fresh from the database: the verb was taken, even if it took the repair out of one's sight."""
    return Repair.objects.with_people().get(pk=repair.pk)
