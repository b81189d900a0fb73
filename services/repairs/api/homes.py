"""API of homes for which a person can report."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from accounts.models import Delegation, Residency
from accounts.tokens import HasScope
from services.repairs import KEY
from services.repairs.scopes import REPAIRS_READ, REPAIRS_WRITE


class ResidencySerializer(serializers.ModelSerializer):
    """A home and the resident to report for: the user, or a resident who gave them a delegation."""

    home = serializers.IntegerField(source="home_id", read_only=True)
    address = serializers.CharField(source="home", read_only=True)
    estate = serializers.CharField(source="home.estate.name", read_only=True)
    resident = serializers.IntegerField(source="user_id", read_only=True)
    resident_name = serializers.CharField(source="user.name", read_only=True)

    class Meta:
        model = Residency
        fields = ("home", "address", "estate", "kind", "resident", "resident_name")
        read_only_fields = fields


@extend_schema_view(get=extend_schema(summary="My homes, and those of whom I act for", tags=["me"]))
class Homes(ListAPIView):
    permission_classes = [HasScope]
    scopes: Any = {"GET": (REPAIRS_READ, REPAIRS_WRITE)}
    serializer_class = ResidencySerializer

    def get_queryset(self) -> QuerySet[Residency]:
        user: Any = self.request.user
        acting_for = Delegation.objects.residents_of(user, KEY)
        lived_in = Residency.objects.active().filter(Q(user=user) | Q(user__in=acting_for))
        return lived_in.select_related("user", "home__entrance__building__estate")
