"""What the API of every service shares."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.generics import GenericAPIView

from accounts.models import User
from accounts.tokens import HasScope


class ScopedView(GenericAPIView):
    """A view that a token opens by scope; its rows begin with what the person may see."""

    permission_classes = [HasScope]
    scopes: ClassVar[dict[str, Any]] = {}

    def person(self) -> User:
        user: User = self.request.user  # type: ignore[assignment]
        return user


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ("id", "name")


class NothingSerializer(serializers.Serializer):
    """A verb that needs no words."""
