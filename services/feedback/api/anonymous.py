"""API views for anonymous feedback, which the code opens.

No token is read, an address counts only as one of a group, and no line of the log mentions the request: only
its content is stored.
"""

from typing import Any, ClassVar

from django.views.decorators.debug import sensitive_post_parameters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from community.core import clock
from community.core.limit_table import FEEDBACK_NAMELESS
from community.core.traces import leaves_no_trace
from services.feedback import actions, anonymous_limits, thread_codes
from services.feedback.api import serializers
from services.feedback.api.resident import store_content
from services.feedback.models import Feedback


# Base of views without authentication, throttling by address, or logging. A docstring would describe each of
# them in the API.
class NamelessView(GenericAPIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    queryset = Feedback.objects.none()

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        return leaves_no_trace(sensitive_post_parameters()(super().as_view(**initkwargs)))

    def answer(self, feedback: Feedback, **kwargs: Any) -> Response:
        shown = serializers.FeedbackDetailSerializer(feedback, context={"reader": None})
        return Response(shown.data, headers={"Cache-Control": "no-store"}, **kwargs)


class Write(NamelessView):
    serializer_class = serializers.FeedbackWriteSerializer

    @extend_schema(
        summary="Write feedback without a name",
        tags=["feedback"],
        auth=[],
        responses={201: serializers.SentSerializer},
    )
    def post(self, request: Request) -> Response:
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        given_content = given.validated_data
        anonymous_limits.hit(FEEDBACK_NAMELESS, given_content["estate"].pk, request)
        code = thread_codes.new_code()
        feedback = actions.send_anonymous(
            content=store_content(given_content, request), code=code, now=clock.now()
        )
        answer = {"reference": feedback.reference, "code": code}
        return Response(answer, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


class ByCode(NamelessView):
    serializer_class = serializers.CodeSerializer

    @extend_schema(
        summary="The thread of a code",
        tags=["feedback"],
        auth=[],
        responses=serializers.FeedbackDetailSerializer,
    )
    def post(self, request: Request) -> Response:
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self.answer(thread_codes.find_thread(given.validated_data["code"]))


class VerbByCode(NamelessView):
    verb: ClassVar[str] = ""

    @extend_schema(tags=["feedback"], auth=[], responses=serializers.FeedbackDetailSerializer)
    def post(self, request: Request) -> Response:
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        fields = dict(given.validated_data)
        feedback = thread_codes.find_thread(fields.pop("code"))
        getattr(actions, self.verb)(feedback=feedback, by=None, now=clock.now(), **fields)
        return self.answer(Feedback.objects.with_people().get(pk=feedback.pk))


class AddByCode(VerbByCode):
    serializer_class, verb = serializers.CodeAddedSerializer, "add_words"


class SolvedByCode(VerbByCode):
    serializer_class, verb = serializers.CodeRatingSerializer, "confirm_solved"


class NotSolvedByCode(VerbByCode):
    serializer_class, verb = serializers.CodeWordsSerializer, "say_not_solved"


class RateByCode(VerbByCode):
    serializer_class, verb = serializers.CodeRatingSerializer, "rate_feedback"


class WithdrawByCode(VerbByCode):
    serializer_class, verb = serializers.CodeSerializer, "withdraw_feedback"
