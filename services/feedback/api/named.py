"""What one does with a token: a resident with what they wrote, and those who answer."""

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
from services.common.api import NothingSerializer, RowView, VerbView, found, resident_named
from services.feedback import actions as feedback_actions
from services.feedback import nameless_limits, policies
from services.feedback.actions.writing import Written
from services.feedback.api import serializers
from services.feedback.models import Feedback
from services.feedback.queries import FOUND_BY
from services.feedback.scopes import FEEDBACK_DESK, FEEDBACK_READ, FEEDBACK_WRITE

READ = (FEEDBACK_READ, FEEDBACK_DESK)


class OfFeedback(RowView):
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
class ManyFeedback(OfFeedback, ListAPIView):
    """What one may see, and new ones with one's name."""

    scopes = {"GET": READ, "POST": FEEDBACK_WRITE}
    serializer_class = serializers.FeedbackSerializer
    filter_backends, found_by = [Search], FOUND_BY

    def get_queryset(self) -> QuerySet[Feedback]:
        asked = serializers.QueueFilters(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = dict(asked.validated_data)
        rows = self.rows()
        if states := wanted.pop("status", None):
            rows = rows.filter(status__in=states)
        return rows.filter(**wanted)

    @extend_schema(
        summary="Write feedback with one's name, or that of whom one acts for",
        tags=["feedback"],
        request=serializers.FeedbackWriteNamedSerializer,
        responses={201: serializers.FeedbackDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        given = serializers.FeedbackWriteNamedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        said, person = given.validated_data, self.person()
        resident = _resident(said.get("resident"), person, said["estate"])
        limits.hit(FEEDBACK, person.pk)
        feedback = feedback_actions.send_named(
            written=written(said, request),
            resident=resident,
            by=person,
            key=said.get("key") or uuid4(),
            now=clock.now(),
        )
        return self.answer(feedback, status.HTTP_201_CREATED)


def _resident(pk: int | None, person: User, estate: Estate) -> User:
    def may(by: User, named: User) -> bool:
        return policies.may_write_for(by, named, estate_id=estate.pk)

    return resident_named(pk, person, may)


def written(said: dict[str, Any], request: Request) -> Written:
    """The words with their pictures, which are nobody's until it is sent."""
    uploads = said.get("pictures", [])
    if uploads:
        nameless_limits.hit(FEEDBACK_PICTURES, said["estate"].pk, request)
    kept = feedback_actions.keep_loose_pictures(uploads=uploads, now=clock.now())
    return Written(said["estate"], said["kind"], said["words"], said["about"], [one.pk for one in kept])


@extend_schema_view(get=extend_schema(summary="One feedback, with its thread", tags=["feedback"]))
class OneFeedback(OfFeedback, RetrieveAPIView):
    scopes = {"GET": READ}
    serializer_class = serializers.FeedbackDetailSerializer

    def get_object(self) -> Feedback:
        return found(self.rows(), self.kwargs["pk"])


@extend_schema_view(post=extend_schema(responses=serializers.FeedbackDetailSerializer, tags=["feedback"]))
class FeedbackVerb(OfFeedback, VerbView):
    """POST takes one verb and answers with how it stands then."""

    actions, noun = feedback_actions, "feedback"


def verb_view(verb: str, summary: str, scope: str, serializer: Any = NothingSerializer) -> Any:
    """The view of one verb, as it stands in the schema."""
    name = "".join(part.title() for part in verb.split("_")) + "View"
    made: Any = type(
        name, (FeedbackVerb,), {"scopes": {"POST": scope}, "verb": verb, "serializer_class": serializer}
    )
    return extend_schema_view(post=extend_schema(summary=summary))(made).as_view()
