"""API of the signed-in person and their homes."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import RetrieveAPIView

from accounts.models import User
from accounts.policies import roles_of
from accounts.tokens import HasScope
from community.core.services import scopes


class MeSerializer(serializers.ModelSerializer):
    roles = serializers.SerializerMethodField()
    scopes = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("id", "name", "phone", "language", "prefers_large", "roles", "scopes")
        read_only_fields = fields

    def get_roles(self, user: User) -> list[str]:
        return sorted(roles_of(user))

    def get_scopes(self, user: User) -> list[str]:
        scopes: list[str] = self.context["request"].auth.scopes
        return scopes


@extend_schema_view(get=extend_schema(summary="Who I am, and what this token opens", tags=["me"]))
class Me(RetrieveAPIView):
    permission_classes = [HasScope]
    serializer_class = MeSerializer

    @property
    def scopes(self) -> dict[str, tuple[str, ...]]:
        """A key to anything shows what it is a key to."""
        return {"GET": tuple(scope.name for scope in scopes())}

    def get_object(self) -> User:
        return self.request.user  # type: ignore[return-value]
