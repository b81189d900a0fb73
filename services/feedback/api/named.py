"""What one does with a token: a resident with what they wrote, and those who answer."""

from typing import Any, ClassVar
from uuid import uuid4

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiToken, User
from accounts.tokens import HasScope
from community.core import clock, limits
from services.feedback import actions
from services.feedback.actions.writing import Written
from services.feedback.api import serializers
from services.feedback.models import Feedback

Scope = ApiToken.Scope
READ = (Scope.FEEDBACK_READ, Scope.FEEDBACK_DESK)


class ScopedView(GenericAPIView):
    """A view that a token opens by scope; its rows begin with what the person may see."""

    permission_classes = [HasScope]
    scopes: ClassVar[dict[str, Any]] = {}

    def person(self) -> User:
        user: User = self.request.user  # type: ignore[assignment]
        return user

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "reader": self.request.user}


def visible_feedback(user: User, pk: int) -> Feedback:
    """Someone else's is a 404."""
    found = Feedback.objects.visible_to(user).with_people().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@extend_schema_view(get=extend_schema(summary="Feedback, newest first", tags=["feedback"]))
class ManyFeedback(ScopedView, ListAPIView):
    """What one may see, and new ones with one's name."""

    scopes = {"GET": READ, "POST": Scope.FEEDBACK_WRITE}
    serializer_class = serializers.FeedbackSerializer

    def get_queryset(self) -> QuerySet[Feedback]:
        asked = serializers.QueueFilters(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = dict(asked.validated_data)
        found = Feedback.objects.visible_to(self.person()).with_people()
        if states := wanted.pop("status", None):
            found = found.filter(status__in=states)
        return found.filter(**wanted)

    @extend_schema(
        summary="Write feedback with one's name",
        tags=["feedback"],
        request=serializers.WriteNamedSerializer,
        responses={201: serializers.FeedbackDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        given = serializers.WriteNamedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        said, person = given.validated_data, self.person()
        limits.hit("feedback", str(person.pk), limit=30, seconds=3600, needs_redis=False)
        feedback = actions.send_named(
            written=written(said), resident=person, by=person, key=said.get("key") or uuid4(), now=clock.now()
        )
        shown = Feedback.objects.with_people().get(pk=feedback.pk)
        answer = serializers.FeedbackDetailSerializer(shown, context=self.get_serializer_context())
        return Response(answer.data, status=status.HTTP_201_CREATED)


def written(said: dict[str, Any]) -> Written:
    """The words with their pictures, which are nobody's until it is sent."""
    uploads = said.get("pictures", [])
    if uploads:
        limits.hit("feedback_pictures", str(said["estate"].pk), limit=300, seconds=3600, needs_redis=False)
    kept = actions.keep_loose_pictures(uploads=uploads, now=clock.now())
    return Written(said["estate"], said["kind"], said["words"], said["about"], [one.pk for one in kept])


@extend_schema_view(get=extend_schema(summary="One feedback, with its thread", tags=["feedback"]))
class OneFeedback(ScopedView, RetrieveAPIView):
    scopes = {"GET": READ}
    queryset = Feedback.objects.none()
    serializer_class = serializers.FeedbackDetailSerializer

    def get_object(self) -> Feedback:
        return visible_feedback(self.person(), self.kwargs["pk"])


class VerbView(ScopedView):
    """POST takes one verb and answers with how it stands then."""

    queryset = Feedback.objects.none()
    serializer_class: Any = serializers.NothingSerializer
    verb: ClassVar[str] = ""

    @extend_schema(responses=serializers.FeedbackDetailSerializer, tags=["feedback"])
    def post(self, request: Request, pk: int) -> Response:
        feedback = visible_feedback(self.person(), pk)
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        act = getattr(actions, self.verb)
        act(feedback=feedback, by=self.person(), now=clock.now(), **given.validated_data)
        fresh = Feedback.objects.with_people().get(pk=pk)
        answer = serializers.FeedbackDetailSerializer(fresh, context=self.get_serializer_context())
        return Response(answer.data)


def verb_view(verb: str, summary: str, scope: str, serializer: Any) -> Any:
    """The view of one verb, as it stands in the schema."""
    name = "".join(part.title() for part in verb.split("_")) + "View"
    made: Any = type(
        name, (VerbView,), {"scopes": {"POST": scope}, "verb": verb, "serializer_class": serializer}
    )
    return extend_schema_view(post=extend_schema(summary=summary))(made).as_view()
