"""API views for residents' bills and payments, and for people who act for residents."""

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User, access_of
from community.core import clock, limits
from community.core.limit_table import PAY, PAY_BACK
from services.common.api import ScopedView, resident_named
from services.fees import actions, policies, providers, queries
from services.fees.api import serializers
from services.fees.models import Bill, Deposit, Payment
from services.fees.models.bills import pays_for_home
from services.fees.prepayment import prepayments_of
from services.fees.scopes import FEES_READ, FEES_WRITE


@extend_schema_view(
    get=extend_schema(
        summary="Bills, newest first",
        tags=["fees"],
        parameters=[OpenApiParameter("status", str, enum=list(Bill.Status.values))],
    )
)
class Bills(ScopedView, ListAPIView):
    """Your own bills, and those of people you act for; ``?status=open`` is what is owed."""

    scopes = {"GET": FEES_READ}
    serializer_class = serializers.BillSerializer
    queryset = Bill.objects.none()

    def get_queryset(self) -> QuerySet[Bill]:
        bills = Bill.objects.of_household(self.person()).with_lines()
        wanted_status = self.request.query_params.get("status", "")
        if wanted_status and wanted_status not in Bill.Status.values:
            raise ValidationError({"status": [_("There is no such state.")]})
        return bills.filter(status=wanted_status) if wanted_status else bills


@extend_schema_view(get=extend_schema(summary="One bill, with the sum that made it", tags=["fees"]))
class OneBill(ScopedView, RetrieveAPIView):
    scopes = {"GET": FEES_READ}
    serializer_class = serializers.BillSerializer
    queryset = Bill.objects.none()

    def get_queryset(self) -> QuerySet[Bill]:
        return Bill.objects.visible_to(self.person()).with_lines()


@extend_schema_view(get=extend_schema(summary="What each home owes, and who pays", tags=["fees"]))
class Homes(ScopedView, ListAPIView):
    """Your homes: what they owe, what is paid ahead, and what of it can be used for the open bills.

    ``paid_by`` is ``owner`` for a home that you rent in an estate that does not let tenants pay; nothing of
    it is shown then.
    """

    scopes = {"GET": FEES_READ}
    serializer_class = serializers.HomeOwedSerializer
    queryset = Bill.objects.none()
    pagination_class = None
    filter_backends = ()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        person = self.person()
        living = access_of(person).living()
        bills = queries.open_bills(Bill.objects.of_resident(person))
        homes = {one.home_id: one.home for one in living}
        today, prepaid = clock.today(clock.now()), prepayments_of(person)
        owed = queries.open_bills_by_home(bills, homes.values(), today, prepaid=prepaid)
        paying = {one.home_id for one in living if pays_for_home(one)}
        rows = [
            serializers.HomeOfReader(one, one.home.pk in paying or one.home.pk not in homes) for one in owed
        ]
        return Response(serializers.HomeOwedSerializer(rows, many=True).data)


class Payments(ScopedView, ListAPIView):
    """Your payments and those of people you act for; and new ones."""

    scopes = {"GET": FEES_READ, "POST": FEES_WRITE}
    serializer_class = serializers.PaymentSerializer
    queryset = Payment.objects.none()

    def get_queryset(self) -> QuerySet[Payment]:
        return Payment.objects.of_payer(self.person())

    @extend_schema(summary="Payments, newest first", tags=["fees"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Begin a payment",
        tags=["fees"],
        request=serializers.PaySerializer,
        responses={201: serializers.PaymentDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Send the person to ``pay_url`` next. What the prepayment covers is paid at once."""
        given = serializers.PaySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        limits.hit(PAY, self.person().pk)
        payment = _begin_payment(self.person(), given.validated_data)
        url = ""
        if payment.status == Payment.Status.PENDING:
            url = request.build_absolute_uri(reverse("payment_go", args=[payment.pk]))
        context = {**self.get_serializer_context(), "pay_url": url}
        answer = serializers.PaymentDetailSerializer(payment, context=context)
        return Response(answer.data, status=status.HTTP_201_CREATED)


def _first_way(bills: list[Bill]) -> str:
    """Returns the default provider for these bills; empty where they are paid at the counter only."""
    return next(iter(providers.names_for(bills[0].home.estate)), "") if bills else ""


def _begin_payment(by: User, given: dict[str, Any]) -> Payment:
    """Begins the payment; refuses bills that are not the payer's or that ``by`` may not pay as unknown."""
    payer = resident_named(given.get("payer"), by, policies.may_know_payer, field="payer")
    bills = list(Bill.objects.of_resident(payer).filter(pk__in=given["bills"]).with_lines())
    estates = {bill.estate_id for bill in bills}
    allowed = {estate for estate in estates if policies.may_pay_for(by, payer, estate)}
    bills = [bill for bill in bills if bill.estate_id in allowed]
    if len(bills) != len(set(given["bills"])):
        raise ValidationError({"bills": [_("Please choose bills of this home.")]})
    return actions.begin_payment(
        actions.Checkout(
            bills=bills,
            payer=payer,
            channel=given.get("channel") or _first_way(bills),
            key=given.get("key") or uuid4(),
            amounts=given.get("amounts"),
            use_prepayment=given["use_prepayment"],
        ),
        by=by,
        now=clock.now(),
    )


def visible_payment(user: User, pk: int) -> Payment:
    """Returns the payment with its lines; raises ``Http404`` if the user may not see it."""
    payments = Payment.objects.visible_to(user).select_related("payer", "made_by", "moved_from")
    related = ("lines", "refunds__lines__line")
    payment = payments.prefetch_related(*related).filter(pk=pk).first()
    if payment is None:
        raise Http404
    return payment


@extend_schema_view(get=extend_schema(summary="One payment, with its bills", tags=["fees"]))
class OnePayment(ScopedView, RetrieveAPIView):
    scopes = {"GET": FEES_READ}
    serializer_class = serializers.PaymentDetailSerializer
    queryset = Payment.objects.none()

    def get_object(self) -> Payment:
        return visible_payment(self.person(), self.kwargs["pk"])


class PayBack(ScopedView):
    """The money goes back the way it came, all of it or a part, for ten minutes after it was paid.

    What a cashier wants to refund waits for a second person: its refund is "asked".
    """

    scopes = {"POST": FEES_WRITE}
    serializer_class = serializers.PayBackSerializer
    queryset = Payment.objects.none()

    @extend_schema(
        summary="Ask for the money back", tags=["fees"], responses=serializers.PaymentDetailSerializer
    )
    def post(self, request: Request, pk: int) -> Response:
        payment = visible_payment(self.person(), pk)
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        limits.hit(PAY_BACK, self.person().pk)
        actions.request_refund(
            payment=payment,
            by=self.person(),
            reason=given.validated_data["reason"],
            parts=_parts(payment, given.validated_data),
            key=given.validated_data.get("key"),
            now=clock.now(),
        )
        answer = serializers.PaymentDetailSerializer(
            visible_payment(self.person(), pk), context=self.get_serializer_context()
        )
        return Response(answer.data)


def _parts(payment: Payment, given: dict[str, Any]) -> actions.RefundParts | None:
    """Returns the asked part of a payment, None for all of it; refuses a bill that it did not pay."""
    amounts, rest_fen = given.get("amounts", {}), given.get("prepayment_fen", 0)
    if not amounts and not rest_fen:
        return None
    lines = {line.bill_id: line.pk for line in payment.lines.all()}
    if set(amounts) - set(lines):
        raise ValidationError({"amounts": [_("Please choose bills of this payment.")]})
    return actions.RefundParts({lines[bill]: fen for bill, fen in amounts.items()}, rest_fen)


@extend_schema_view(get=extend_schema(summary="Deposits, newest first", tags=["fees"]))
class Deposits(ScopedView, ListAPIView):
    """Deposits that you, and people you act for, have paid, with what is held of them."""

    scopes = {"GET": FEES_READ}
    serializer_class = serializers.DepositSerializer
    queryset = Deposit.objects.none()

    def get_queryset(self) -> QuerySet[Deposit]:
        return Deposit.objects.of_payer(self.person()).with_row()
