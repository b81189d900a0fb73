"""Shared parts of the services' APIs."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.tokens import HasScope
from community.core import clock
from services.common.forms import MAX_PICTURES_PER_UPLOAD

Row = TypeVar("Row", bound=Model)


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ("id", "name")


class PicturesField(serializers.ListField):
    """List of uploaded pictures; the field of the API that matches ``forms.PicturesField``."""

    child = serializers.FileField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"required": False, "max_length": MAX_PICTURES_PER_UPLOAD, "allow_empty": True, **kwargs}
        )


class NothingSerializer(serializers.Serializer):
    """Empty body of a verb without parameters."""


class ScopedView(GenericAPIView):
    """Base of views that require a scope; querysets begin with ``visible_to``."""

    permission_classes = [HasScope]
    scopes: ClassVar[dict[str, Any]] = {}

    def person(self) -> User:
        user: User = self.request.user  # type: ignore[assignment]
        return user


class RowView(ScopedView, ABC):
    """View of one kind of rows; subclasses define their visibility and the answer."""

    @abstractmethod
    def rows(self) -> QuerySet[Any]:
        """Returns the rows that the person may see; others are a 404."""

    @abstractmethod
    def answer(self, row: Any, code: int = status.HTTP_200_OK) -> Response:
        """Returns the row as stored now, since a verb may have made it invisible to the person."""


class VerbView(RowView):
    """POST takes a verb on a row and answers with its new state.

    A service names its ``actions`` and their argument for the row (``noun``); each view names its ``verb``
    and, in ``serializer_class``, further arguments.
    """

    serializer_class: Any = NothingSerializer
    actions: ModuleType
    noun: str
    verb: str

    def post(self, request: Request, pk: int) -> Response:
        row = row_or_404(self.rows(), pk)
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        self.act(row, dict(given.validated_data))
        return self.answer(row)

    def act(self, row: Any, given: dict[str, Any]) -> None:
        take = getattr(self.actions, self.verb)
        take(**{self.noun: row}, by=self.person(), now=clock.now(), **given)


def row_or_404(rows: QuerySet[Row], pk: object) -> Row:
    """Returns the row with this key. Raises ``Http404`` if it is not in the queryset."""
    # get() instead of first(), which would sort a single row.
    with suppress(ObjectDoesNotExist):
        return rows.get(pk=pk)
    raise Http404


def resident_named(
    pk: int | None, by: User, may: Callable[[User, User], bool], *, field: str = "resident"
) -> User:
    """Returns the resident with this key, or ``by`` if none is given. ``may`` is the rule of the service.

    Unknown people and people for whom ``by`` may not act get the same error, so that keys cannot be probed.
    Raises ``ValidationError``.
    """
    if pk in (None, by.pk):
        return by
    named = User.objects.filter(pk=pk, is_active=True).first()
    if named is None or not may(by, named):
        raise ValidationError({field: [_("There is no such resident.")]})
    return named
