"""The API of warranty claims."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from community.core import clock
from services.common.api import NothingSerializer, ScopedView, row_or_404
from services.renovation.actions import claim_warranty
from services.renovation.models import Appointment
from services.renovation.scopes import RENOVATION_WRITE


class ReportedSerializer(serializers.Serializer):
    """The repair made of the claim; ``GET repairs/<id>/`` follows it."""

    id = serializers.IntegerField(source="pk", read_only=True)
    reference = serializers.CharField(read_only=True)


class Warranty(ScopedView):
    """Reports a fault under the warranty as a repair; repeating it on the same day returns the same repair."""

    scopes = {"POST": RENOVATION_WRITE}
    serializer_class = NothingSerializer

    @extend_schema(
        summary="Report under the warranty", tags=["renovation"], responses={201: ReportedSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        appointment = row_or_404(Appointment.objects.under_warranty_for(self.person()), pk)
        made = claim_warranty(appointment=appointment, by=self.person(), now=clock.now())
        return Response(ReportedSerializer(made).data, status=status.HTTP_201_CREATED)
