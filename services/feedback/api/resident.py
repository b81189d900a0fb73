"""API views with a token: for residents and their own feedback, and for staff who answer."""

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from community.core import clock, limits
from community.core.api import Search
from community.core.limit_table import FEEDBACK, FEEDBACK_PICTURES
from community.estates.models import Estate
from services.common.api import NothingSerializer, RowView, VerbView, resident_named, row_or_404
from services.feedback import actions as feedback_actions
from services.feedback import anonymous_limits, policies
from services.feedback.actions.feedback import FeedbackContent
from services.feedback.api import serializers
from services.feedback.models import Feedback
from services.feedback.queries import FOUND_BY
from services.feedback.scopes import FEEDBACK_DESK, FEEDBACK_READ, FEEDBACK_WRITE

READ = (FEEDBACK_READ, FEEDBACK_DESK)


class FeedbackView(RowView):
    queryset = Feedback.objects.none()

    def rows(self) -> QuerySet[Feedback]:
        return Feedback.objects.visible_to(self.person()).with_people()

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "reader": self.request.user}

    def answer(self, row: Feedback, code: int = status.HTTP_200_OK) -> Response:
        fresh = Feedback.objects.with_people().get(pk=row.pk)
        answer = serializers.FeedbackDetailSerializer(fresh, context=self.get_serializer_context())
        return Response(answer.data, status=code)


@extend_schema_view(get=extend_schema(summary="Feedback, newest first", tags=["feedback"]))
class ManyFeedback(FeedbackView, ListAPIView):
    """The feedback that you may see, and new feedback in your name."""

    scopes = {"GET": READ, "POST": FEEDBACK_WRITE}
    serializer_class = serializers.FeedbackSerializer
    filter_backends, found_by = [Search], FOUND_BY

    def get_queryset(self) -> QuerySet[Feedback]:
        query = serializers.ListFilters(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        filters = dict(query.validated_data)
        rows = self.rows()
        if states := filters.pop("status", None):
            rows = rows.filter(status__in=states)
        return rows.filter(**filters)

    @extend_schema(
        summary="Write feedback with one's name, or that of whom one acts for",
        tags=["feedback"],
        request=serializers.FeedbackWriteNamedSerializer,
        responses={201: serializers.FeedbackDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        given = serializers.FeedbackWriteNamedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        given_content, person = given.validated_data, self.person()
        resident = _resident(given_content.get("resident"), person, given_content["estate"])
        limits.hit(FEEDBACK, person.pk)
        feedback = feedback_actions.send_named(
            content=store_content(given_content, request),
            resident=resident,
            by=person,
            key=given_content.get("key") or uuid4(),
            now=clock.now(),
        )
        return self.answer(feedback, status.HTTP_201_CREATED)


def _resident(pk: int | None, person: User, estate: Estate) -> User:
    """Returns the resident for whom ``person`` may write in this estate; refuses any other."""

    def may(by: User, named: User) -> bool:
        return policies.may_write_for(by, named, estate_id=estate.pk)

    return resident_named(pk, person, may)


def store_content(given_content: dict[str, Any], request: Request) -> FeedbackContent:
    """Stores the pictures and returns the content; no person is stored with them until it is sent."""
    uploads = given_content.get("pictures", [])
    if uploads:
        anonymous_limits.hit(FEEDBACK_PICTURES, given_content["estate"].pk, request)
    stored = feedback_actions.store_loose_pictures(uploads=uploads, now=clock.now())
    return FeedbackContent(
        given_content["estate"],
        given_content["kind"],
        given_content["words"],
        given_content["about"],
        [picture.id for picture in stored],
    )


@extend_schema_view(get=extend_schema(summary="One feedback, with its thread", tags=["feedback"]))
class OneFeedback(FeedbackView, RetrieveAPIView):
    scopes = {"GET": READ}
    serializer_class = serializers.FeedbackDetailSerializer

    def get_object(self) -> Feedback:
        return row_or_404(self.rows(), self.kwargs["pk"])


@extend_schema_view(post=extend_schema(responses=serializers.FeedbackDetailSerializer, tags=["feedback"]))
class FeedbackVerb(FeedbackView, VerbView):
    """Takes one verb and answers with the feedback after it."""

    actions, noun = feedback_actions, "feedback"


def verb_view(verb: str, summary: str, scope: str, serializer: Any = NothingSerializer) -> Any:
    """Returns the view of one verb, with a name of its own for the schema."""
    name = "".join(part.title() for part in verb.split("_")) + "View"
    view: Any = type(
        name, (FeedbackVerb,), {"scopes": {"POST": scope}, "verb": verb, "serializer_class": serializer}
    )
    return extend_schema_view(post=extend_schema(summary=summary))(view).as_view()
