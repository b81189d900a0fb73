"""Base of the views of the repairs API."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from accounts.models import User
from community.core import limits
from community.core.limit_table import UPLOAD
from services.common.api import RowView, VerbView
from services.repairs import actions as repair_actions
from services.repairs.actions.steps import record_number_read
from services.repairs.api.serializers import RepairDetailSerializer
from services.repairs.models import Repair
from services.repairs.policies import works_on


def check_uploads(user: User, uploads: list[Any]) -> None:
    """Counts an upload of files against its limit. Raises ``TooMany``."""
    if uploads:
        limits.hit(UPLOAD, user.pk)


class RepairRowView(RowView):
    """Base of views of one repair, or of several."""

    queryset = Repair.objects.none()

    def rows(self) -> QuerySet[Repair]:
        return Repair.objects.visible_to(self.person()).with_people()

    def answer(self, row: Repair, code: int = status.HTTP_200_OK) -> Response:
        fresh = Repair.objects.with_people().get(pk=row.pk)
        self.record_number_read(fresh)
        answer = RepairDetailSerializer(fresh, context=self.get_serializer_context())
        return Response(answer.data, status=code)

    def record_number_read(self, repair: Repair) -> None:
        """Records, as pages do, that the answer shows the resident's number to a member of staff."""
        if works_on(self.person(), repair):
            record_number_read(self.request, repair, by=self.person())


@extend_schema_view(post=extend_schema(responses=RepairDetailSerializer))
class RepairVerb(RepairRowView, VerbView):
    """POST takes one verb on one repair and returns the repair as it is then."""

    actions, noun = repair_actions, "repair"
