from typing import Any, ClassVar
from uuid import uuid4

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.policies import estates_of
from accounts.tokens import HasScope
from community.core import clock
from community.core.api import NewestFirst, Search
from community.core.search.filtering import Ways
from community.notices import actions, home_states
from community.notices.api import serializers
from community.notices.models import Notice, NoticeQuerySet
from community.notices.roles import WRITING
from community.notices.scopes import NOTICES_DESK, NOTICES_READ


class ScopedView(GenericAPIView):
    """Base of views that require a scope; querysets begin with ``visible_to``."""

    permission_classes = [HasScope]
    scopes: ClassVar[dict[str, Any]] = {}
    queryset = Notice.objects.none()

    def person(self) -> User:
        user: User = self.request.user  # type: ignore[assignment]
        return user


class ByPublication(NewestFirst):
    ordering = ("-published_at", "-pk")


# -- Residents


def _read_by(user: User) -> NoticeQuerySet:
    return Notice.objects.visible_to(user).marked_read(user)


@extend_schema_view(get=extend_schema(summary="The notices for my homes now, newest first", tags=["notices"]))
class Notices(ScopedView, ListAPIView):
    scopes = {"GET": NOTICES_READ}
    serializer_class = serializers.NoticeSerializer
    pagination_class = ByPublication

    def get_queryset(self) -> QuerySet[Notice]:
        return _read_by(self.person()).current(clock.now())


def _found(rows: QuerySet[Notice], pk: int) -> Notice:
    notice = rows.filter(pk=pk).select_related("estate").first()
    if notice is None:
        raise Http404
    return notice


@extend_schema_view(get=extend_schema(summary="One notice", tags=["notices"]))
class OneNotice(ScopedView, RetrieveAPIView):
    """Returns a notice without marking it as read: a program may fetch what no person looks at."""

    scopes = {"GET": NOTICES_READ}
    serializer_class = serializers.NoticeSerializer

    def get_object(self) -> Notice:
        return _found(_read_by(self.person()), self.kwargs["pk"])


class ReadNotice(ScopedView):
    scopes = {"POST": NOTICES_READ}
    serializer_class = serializers.NothingSerializer

    @extend_schema(summary="I have read it", tags=["notices"], responses=serializers.NoticeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        notice = _found(_read_by(self.person()), pk)
        actions.read_notice(notice=notice, by=self.person(), now=clock.now())
        fresh = _found(_read_by(self.person()), pk)
        return Response(serializers.NoticeSerializer(fresh, context=self.get_serializer_context()).data)


# -- Staff


class DeskView(ScopedView):
    serializer_class: Any = serializers.DeskNoticeSerializer

    def rows(self) -> QuerySet[Notice]:
        rows = Notice.objects.for_staff(self.person()).filter(estate__in=estates_of(self.person(), *WRITING))
        return rows.prefetch_related("parts")

    def answer(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        shown = serializers.DeskNoticeSerializer(
            _found(self.rows(), pk), context=self.get_serializer_context()
        )
        return Response(shown.data, status=code)


@extend_schema_view(
    get=extend_schema(
        summary="Notices in every state", tags=["notices"], parameters=[serializers.DeskFilters]
    )
)
class DeskNotices(DeskView, ListAPIView):
    scopes = {"GET": NOTICES_DESK, "POST": NOTICES_DESK}
    filter_backends, found_by = [Search], Ways(words=("title",))

    def get_queryset(self) -> QuerySet[Notice]:
        asked = serializers.DeskFilters(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = dict(asked.validated_data)
        rows = self.rows()
        if states := wanted.pop("status", None):
            rows = rows.filter(status__in=states)
        return rows.filter(**wanted)

    @extend_schema(
        summary="Write a draft",
        tags=["notices"],
        request=serializers.WriteSerializer,
        responses={201: serializers.DeskNoticeSerializer},
    )
    def post(self, request: Request) -> Response:
        given = serializers.WriteSerializer(data=request.data, estates=estates_of(self.person(), *WRITING))
        given.is_valid(raise_exception=True)
        notice = actions.draft_notice(
            estate=given.validated_data["estate"],
            words=given.words(),
            audience=given.audience(),
            by=self.person(),
            key=given.validated_data.get("key") or uuid4(),
            now=clock.now(),
        )
        return self.answer(notice.pk, status.HTTP_201_CREATED)


@extend_schema_view(get=extend_schema(summary="One notice, as those who write see it", tags=["notices"]))
class OneDeskNotice(DeskView, RetrieveAPIView):
    scopes = {"GET": NOTICES_DESK}

    def get_object(self) -> Notice:
        return _found(self.rows(), self.kwargs["pk"])


class PublishNotice(DeskView):
    scopes = {"POST": NOTICES_DESK}
    serializer_class = serializers.PublishSerializer

    @extend_schema(
        summary="Publish it now, or at a time to come",
        tags=["notices"],
        responses=serializers.DeskNoticeSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        notice = _found(self.rows(), pk)
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        common = {
            "notice": notice,
            "by": self.person(),
            "now": clock.now(),
            "expected_homes": said.get("homes"),
        }
        if said.get("publish_at"):
            actions.schedule_notice(publish_at=said["publish_at"], **common)
        else:
            actions.publish_notice(**common)
        return self.answer(pk)


class WithdrawNotice(DeskView):
    scopes = {"POST": NOTICES_DESK}
    serializer_class = serializers.WithdrawSerializer

    @extend_schema(
        summary="Withdraw what is published", tags=["notices"], responses=serializers.DeskNoticeSerializer
    )
    def post(self, request: Request, pk: int) -> Response:
        notice = _found(self.rows(), pk)
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        actions.withdraw_notice(
            notice=notice, reason=given.validated_data["reason"], by=self.person(), now=clock.now()
        )
        return self.answer(pk)


class Reading(DeskView):
    scopes = {"GET": NOTICES_DESK}
    serializer_class = serializers.ReadingSerializer

    @extend_schema(summary="How many homes know of it, and the doors that need a knock", tags=["notices"])
    def get(self, request: Request, pk: int) -> Response:
        found = home_states.home_states(_found(self.rows(), pk))
        total = home_states.totals(home_states.by_building(found))
        shown = {
            "homes": total.homes,
            "read": total.read,
            "told": total.told,
            "nobody": total.nobody,
            "to_knock": [door for door in found if door.needs_knock],
        }
        return Response(serializers.ReadingSerializer(shown).data)
