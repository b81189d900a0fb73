"""API of raising and answering calls for help: for a bedside button, a watch, a guard's phone."""

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.policies import homes_of
from community.core import clock
from community.core.api import Search
from community.core.search.filtering import Ways
from community.estates.models import Home
from services.common.api import RowView, VerbView, resident_named, row_or_404
from services.help import actions as help_actions
from services.help import policies
from services.help.api import serializers
from services.help.models import HelpCall
from services.help.scopes import HELP_CALLS

HELP = {"GET": HELP_CALLS, "POST": HELP_CALLS}


class HelpCallRowView(RowView):
    """Base of views of one call, or of several."""

    scopes = HELP

    def rows(self) -> QuerySet[HelpCall]:
        return HelpCall.objects.visible_to(self.person(), clock.now()).with_people()

    def answer(self, row: HelpCall, code: int = status.HTTP_200_OK) -> Response:
        fresh = HelpCall.objects.with_people().get(pk=row.pk)
        context = {**self.get_serializer_context(), "now": clock.now()}
        return Response(serializers.HelpCallDetailSerializer(fresh, context=context).data, status=code)


@extend_schema_view(get=extend_schema(summary="Calls for help, newest first", tags=["help"]))
class HelpCalls(HelpCallRowView, ListAPIView):
    """Calls that the user may see, newest first; POST raises one."""

    serializer_class = serializers.HelpCallSerializer
    filter_backends = [Search]
    found_by = Ways(people=("resident", "reported_by"), homes=("home",), references=("reference",))

    def get_throttles(self) -> list[Any]:
        """Limits reading only: a call for help is never refused, and repeated ones are one call."""
        return [] if self.request.method == "POST" else super().get_throttles()

    def get_queryset(self) -> QuerySet[HelpCall]:
        return self.rows()

    @extend_schema(
        summary="Call for help",
        tags=["help"],
        request=serializers.NewHelpCallSerializer,
        responses={201: serializers.HelpCallDetailSerializer, 200: serializers.HelpCallDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Raises a call; the desk is alarmed at once.

        While the resident has an open call, it is returned with 200. Another home or new words are added to
        it, and the responder is notified of the home. From another estate, a new call is raised and the
        earlier one is taken back.

        The call notifies everyone again, and its status is "calling" again, ten minutes after a responder set
        off, or when everyone was notified without an answer ("call_again" is among its verbs then). A call
        that was taken back less than 15 minutes ago is reopened. The key of a call that is over raises a new
        one.
        """
        given = serializers.NewHelpCallSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked, by, now = given.validated_data, self.person(), clock.now()
        resident = resident_named(asked.get("resident"), by, policies.may_name)
        call = help_actions.raise_call(
            resident=resident,
            by=by,
            home=_home_of(asked.get("home"), resident, by),
            key=asked.get("key") or uuid4(),
            words=asked["words"],
            now=now,
        )
        is_new = call.created_at == now
        return self.answer(call, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


def _home_of(pk: int | None, resident: User, by: User) -> Home | None:
    """Returns one of the resident's homes; a foreign home is answered as an unknown one."""
    if pk is None:
        return None
    home = homes_of(resident).with_address().filter(pk=pk).first()
    if home is None or not policies.may_call_for(by, resident, estate_id=home.estate.pk):
        raise ValidationError({"home": [_("There is no such home.")]})
    return home


class HelpCallDetail(HelpCallRowView):
    """A call with its responder, and the verbs that the user can take."""

    serializer_class = serializers.HelpCallDetailSerializer

    @extend_schema(summary="One call for help", tags=["help"], responses=serializers.HelpCallDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(row_or_404(self.rows(), pk))


@extend_schema_view(post=extend_schema(responses=serializers.HelpCallDetailSerializer))
class HelpVerb(HelpCallRowView, VerbView):
    """POST takes one verb on one call and returns the call as it is then."""

    actions, noun = help_actions, "call"


@extend_schema_view(post=extend_schema(summary="Take it back, within ten minutes", tags=["help"]))
class Cancel(HelpVerb):
    verb = "cancel_call"


@extend_schema_view(post=extend_schema(summary="Go, or send somebody", tags=["help"]))
class Take(HelpVerb):
    serializer_class = serializers.TakeSerializer

    def act(self, row: HelpCall, given: dict[str, Any]) -> None:
        # Checked before the person is looked up, so that the family cannot probe for accounts.
        policies.must_answer(self.person(), row, clock.now())
        working = User.objects.filter(is_active=True, staff_roles__estate=row.estate_id)
        responder = working.filter(pk=given["goes"]).first() if "goes" in given else None
        if "goes" in given and responder is None:
            raise ValidationError({"goes": [_("Please choose somebody who works here.")]})
        if responder is None:
            help_actions.take_call(call=row, by=self.person(), now=clock.now())
        else:
            help_actions.send(call=row, by=self.person(), responder=responder, now=clock.now())


@extend_schema_view(post=extend_schema(summary="End it with what had happened", tags=["help"]))
class End(HelpVerb):
    verb, serializer_class = "end_call", serializers.EndSerializer
