"""What the API of every service shares."""

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
from services.common.forms import MOST_PICTURES

Row = TypeVar("Row", bound=Model)


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ("id", "name")


class PicturesField(serializers.ListField):
    """The files of ``forms.PicturesField``, sent to the API."""

    child = serializers.FileField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": MOST_PICTURES, "allow_empty": True, **kwargs})


class NothingSerializer(serializers.Serializer):
    """A verb that needs no words."""


class ScopedView(GenericAPIView):
    """A view that a token opens by scope; its rows begin with what the person may see."""

    permission_classes = [HasScope]
    scopes: ClassVar[dict[str, Any]] = {}

    def person(self) -> User:
        user: User = self.request.user  # type: ignore[assignment]
        return user


class RowView(ScopedView, ABC):
    """A view of one kind of rows: which of them the person sees, and how one of them is answered."""

    @abstractmethod
    def rows(self) -> QuerySet[Any]:
        """Those that the person may see; someone else's is a 404."""

    @abstractmethod
    def answer(self, row: Any, code: int = status.HTTP_200_OK) -> Response:
        """How it stands, fresh from the database: a verb may have taken it out of the person's sight."""


class VerbView(RowView):
    """POST takes one verb on one row and answers with how it stands then.

    A service says where its ``actions`` are and what they call the row (``noun``); each verb which of
    them it is, and in ``serializer_class`` what else that takes.
    """

    serializer_class: Any = NothingSerializer
    actions: ModuleType
    noun: str
    verb: str

    def post(self, request: Request, pk: int) -> Response:
        row = found(self.rows(), pk)
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        self.act(row, dict(given.validated_data))
        return self.answer(row)

    def act(self, row: Any, given: dict[str, Any]) -> None:
        take = getattr(self.actions, self.verb)
        take(**{self.noun: row}, by=self.person(), now=clock.now(), **given)


def found(rows: QuerySet[Row], pk: object) -> Row:
    """The one of these rows; whatever is not among them is a 404."""
    # Not by first(), which would sort the one row.
    with suppress(ObjectDoesNotExist):
        return rows.get(pk=pk)
    raise Http404


def resident_named(
    pk: int | None, by: User, may: Callable[[User, User], bool], *, field: str = "resident"
) -> User:
    """For whom it is; oneself where nobody is named. ``may`` is the service's rule, of ``by`` and the other.

    Who is not there and for whom one may not are answered alike: whether a number is a person's is not
    told to whoever tries numbers.
    """
    if pk in (None, by.pk):
        return by
    named = User.objects.filter(pk=pk, is_active=True).first()
    if named is None or not may(by, named):
        raise ValidationError({field: [_("There is no such resident.")]})
    return named
