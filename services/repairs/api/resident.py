"""API of repairs for residents and their delegates."""

from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Delegation, Residency, User
from accounts.policies import estates_of, homes_of
from community.core import clock, pictures
from community.core.limits import network
from community.core.storage import serve_private
from community.core.typed_text import plain
from community.estates.models import Estate, PublicPlace
from services.common.api import ScopedView, resident_named, row_or_404
from services.repairs import KEY, actions, policies
from services.repairs.actions.reports import count_report
from services.repairs.api import serializers
from services.repairs.api.base import RepairRowView, RepairVerb, check_uploads
from services.repairs.models import Repair, RepairCategory, RepairPicture
from services.repairs.scopes import REPAIR_DISPATCH, REPAIR_WORK, REPAIRS_READ, REPAIRS_WRITE

ANY_READ = (REPAIRS_READ, REPAIR_WORK, REPAIR_DISPATCH)
WRITE = {"POST": REPAIRS_WRITE}


@extend_schema_view(get=extend_schema(summary="The catalogue of what can be reported", tags=["catalogue"]))
class Catalogue(ScopedView, ListAPIView):
    """Both levels of the catalogue, for the estates of the user's homes, jobs and delegations."""

    scopes = {"GET": ANY_READ}
    serializer_class = serializers.CatalogueSerializer
    pagination_class = None

    def get_queryset(self) -> QuerySet[RepairCategory]:
        offered = RepairCategory.objects.offered()
        return (
            offered.top_level()
            .filter(estate__in=_estates(self.person()))
            .prefetch_related(Prefetch("children", queryset=offered, to_attr="offered_children"))
        )


def _estates(user: User) -> QuerySet[Estate]:
    """Returns the estates in which the user lives, works, or is a delegate for repairs."""
    acting_for = Delegation.objects.residents_of(user, KEY)
    living = Residency.objects.active().filter(user__in=acting_for).values("home__entrance__building__estate")
    own = homes_of(user).values("entrance__building__estate")
    return Estate.objects.filter(pk__in=own) | Estate.objects.filter(pk__in=living) | estates_of(user)


@extend_schema_view(get=extend_schema(summary="Repairs, newest first", tags=["repairs"]))
class Repairs(RepairRowView, ListAPIView):
    """Repairs that the user may see, newest first; POST reports one."""

    scopes = {"GET": REPAIRS_READ, "POST": REPAIRS_WRITE}
    serializer_class = serializers.RepairSerializer

    def get_queryset(self) -> QuerySet[Repair]:
        return self.rows()

    @extend_schema(
        summary="Report a repair",
        tags=["repairs"],
        request=serializers.ReportSerializer,
        responses={201: serializers.RepairDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Reports a repair. An emergency alarms the desk at once; please call it as well."""
        given = serializers.ReportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        repair = _create_report(self.person(), given.validated_data, network(request))
        return self.answer(repair, status.HTTP_201_CREATED)


def _create_report(by: User, given: dict[str, Any], at: str) -> Repair:
    """Reports all or nothing: stored files of a refused report are deleted."""
    uploads = given.get("pictures", [])
    check_uploads(by, uploads)
    resident = resident_named(given.get("resident"), by, policies.may_name_resident)
    where = _location(given, resident, by)
    key, now = given.get("key") or uuid4(), clock.now()
    if sent := Repair.objects.visible_to(by).filter(draft__pk=key, draft__begun_by=by).first():
        return sent
    with pictures.storing(uploads) as stored, transaction.atomic():
        category = _category(given["category"], where["estate"])
        report = actions.NewReport(resident=resident, category=category, key=key, **where)
        draft = actions.begin_report(report, by=by, now=now)
        if draft.repair:
            pictures.discard_all(stored)
            return draft.repair
        count_report(draft, by, at)
        actions.answer_report(draft=draft, by=by, description=given["words"], suits=given["suits"])
        for picture in stored:
            actions.attach_stored_picture(draft=draft, by=by, stored=picture, now=now)
        return actions.send_report(draft=draft, by=by, now=now)


def _category(pk: int, estate: Estate) -> RepairCategory:
    category = RepairCategory.objects.offered().filter(pk=pk, estate=estate).first()
    if category is None:
        raise ValidationError({"category": [_("There is no such kind of repair.")]})
    return category


def _location(given: dict[str, Any], resident: User, by: User) -> dict[str, Any]:
    """Returns ``estate`` with ``home`` or ``place``; a foreign home is answered as an unknown one."""
    home_pk, code = given.get("home"), given.get("place", "")
    if bool(home_pk) == bool(code):
        raise ValidationError({"home": [_("Give either a home or the code of a place.")]})
    if home_pk:
        home = homes_of(resident).with_address().filter(pk=home_pk).first()
        if home is None or not policies.may_report_for(by, resident, estate_id=home.estate.pk):
            raise ValidationError({"home": [_("There is no such home.")]})
        return {"estate": home.estate, "home": home}
    place = (
        PublicPlace.objects.select_related("estate").filter(code=plain(code).replace(" ", "").upper()).first()
    )
    if place is None:
        raise ValidationError({"place": [_("There is no place with this code.")]})
    return {"estate": place.estate, "place": place}


@extend_schema_view(get=extend_schema(summary="One repair, with its history", tags=["repairs"]))
class RepairDetail(RepairRowView, RetrieveAPIView):
    """A repair with its history, and the verbs that the user can take."""

    scopes = {"GET": ANY_READ}
    serializer_class = serializers.RepairDetailSerializer

    def get_object(self) -> Repair:
        repair = row_or_404(self.rows(), self.kwargs["pk"])
        self.record_number_read(repair)
        return repair


class PictureFile(ScopedView):
    """A picture of a repair that the user may see."""

    scopes = {"GET": ANY_READ}

    @extend_schema(
        summary="A picture as JPEG",
        tags=["repairs"],
        responses={(200, "image/jpeg"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, pk: UUID, size: str) -> HttpResponseBase:
        picture = RepairPicture.objects.visible_to(self.person()).filter(pk=pk).first()
        if picture is None or size not in pictures.SIZES:
            raise Http404
        return serve_private(picture.file_name(size), content_type="image/jpeg", of=picture)


@extend_schema_view(post=extend_schema(summary="Add words or pictures", tags=["repairs"]))
class AddMessage(RepairVerb):
    scopes = {"POST": (REPAIRS_WRITE, REPAIR_WORK, REPAIR_DISPATCH)}
    serializer_class = serializers.NewMessageSerializer

    def act(self, row: Repair, given: dict[str, Any]) -> None:
        uploads = given.pop("pictures", [])
        check_uploads(self.person(), uploads)
        actions.add_words(
            repair=row, by=self.person(), words=given["words"], uploads=uploads, now=clock.now()
        )


@extend_schema_view(post=extend_schema(summary="Cancel", tags=["repairs"]))
class Cancel(RepairVerb):
    scopes, verb, serializer_class = WRITE, "cancel_repair", serializers.MaybeReasonSerializer


@extend_schema_view(post=extend_schema(summary="Say yes or no to the price", tags=["repairs"]))
class AnswerQuote(RepairVerb):
    scopes, verb, serializer_class = WRITE, "answer_quote", serializers.QuoteAnswerSerializer


@extend_schema_view(post=extend_schema(summary="It is mended: confirm and rate", tags=["repairs"]))
class Confirm(RepairVerb):
    scopes, verb, serializer_class = WRITE, "confirm_repair", serializers.RatingSerializer


@extend_schema_view(post=extend_schema(summary="Rate afterwards", tags=["repairs"]))
class Rate(RepairVerb):
    scopes, verb, serializer_class = WRITE, "rate_repair", serializers.RatingSerializer


@extend_schema_view(post=extend_schema(summary="It is not mended", tags=["repairs"]))
class Reopen(RepairVerb):
    scopes, verb, serializer_class = WRITE, "reopen_repair", serializers.WordsSerializer
