"""Serializers of the fees API. Amounts are whole fen. They check the shape; actions check the rules."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from services.fees import labels
from services.fees.models import Bill, Deposit, Payment, PaymentLine, Refund, RefundLine
from services.fees.queries import HomeOwed

# Largest key of the database; a larger one would be an error there instead of "not found".
LAST_KEY = 2**63 - 1


class BillSerializer(serializers.ModelSerializer):
    """The amount that a home owes for one fee and one month, with its computation in words."""

    what = serializers.SerializerMethodField()
    home_text = serializers.SerializerMethodField()
    computation = serializers.SerializerMethodField()
    status_text = serializers.CharField(source="get_status_display", read_only=True)
    unpaid_fen = serializers.IntegerField(read_only=True)

    class Meta:
        model = Bill
        fields = (
            *("id", "reference", "estate", "home", "home_text", "item", "what", "subject", "period"),
            *("amount_fen", "paid_fen", "unpaid_fen", "computation", "words", "due_on", "status"),
            *("status_text", "charged_to", "created_at"),
        )
        read_only_fields = fields

    def get_what(self, bill: Bill) -> str:
        return labels.item_name(bill.item)

    def get_home_text(self, bill: Bill) -> str:
        return str(bill.home)

    def get_computation(self, bill: Bill) -> str:
        return labels.computation(bill)


@dataclass(frozen=True)
class HomeOfReader:
    """A home with what it owes, and whether the reader is somebody who pays it."""

    owed: HomeOwed
    is_paying: bool


class HomeOwedSerializer(serializers.Serializer):
    """A home with what it owes and what is paid ahead, in fen."""

    home = serializers.IntegerField(source="owed.home.pk", read_only=True)
    home_text = serializers.SerializerMethodField()
    paid_by = serializers.SerializerMethodField()
    owed_fen = serializers.IntegerField(source="owed.total_fen", read_only=True)
    late_fen = serializers.IntegerField(source="owed.late_fen", read_only=True)
    prepaid_fen = serializers.IntegerField(source="owed.prepayment.held_fen", read_only=True)
    prepaid_usable_fen = serializers.IntegerField(source="owed.prepaid_use_fen", read_only=True)

    def get_home_text(self, row: HomeOfReader) -> str:
        return str(row.owed.home)

    @extend_schema_field(serializers.ChoiceField(choices=["resident", "owner"]))
    def get_paid_by(self, row: HomeOfReader) -> str:
        return "resident" if row.is_paying else "owner"


class PaymentLineSerializer(serializers.ModelSerializer):
    """The fen of a payment that were meant for a bill, and the fen that the bill took."""

    class Meta:
        model = PaymentLine
        fields = ("bill", "amount_fen", "applied_fen", "back_fen")
        read_only_fields = fields


class RefundLineSerializer(serializers.ModelSerializer):
    """The fen of a refund that come back from a bill."""

    bill = serializers.IntegerField(source="line.bill_id", read_only=True)

    class Meta:
        model = RefundLine
        fields = ("bill", "amount_fen")
        read_only_fields = fields


class RefundSerializer(serializers.ModelSerializer):
    """A refund of all or a part of a payment; what its lines leave had become prepayment."""

    status_text = serializers.CharField(source="get_status_display", read_only=True)
    lines = RefundLineSerializer(many=True, read_only=True)

    class Meta:
        model = Refund
        fields = ("id", "amount_fen", "status", "status_text", "lines", "created_at", "status_changed_at")
        read_only_fields = fields


class PaymentSerializer(serializers.ModelSerializer):
    """A payment in a list."""

    status_text = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = Payment
        fields = (
            *("id", "reference", "estate", "home", "payer", "channel", "amount_fen", "back_fen"),
            *("status", "status_text", "created_at", "paid_at"),
        )
        read_only_fields = fields


class PaymentDetailSerializer(PaymentSerializer):
    """A payment with its bills; ``pay_url`` is where to send the person while it waits for the money."""

    lines = PaymentLineSerializer(many=True, read_only=True)
    refunds = RefundSerializer(many=True, read_only=True)
    refund = serializers.SerializerMethodField(help_text="The latest of ``refunds``.")
    pay_url = serializers.SerializerMethodField()

    class Meta(PaymentSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *PaymentSerializer.Meta.fields,
            *("lines", "refunds", "refund", "pay_url"),
        )

    @extend_schema_field(RefundSerializer(allow_null=True))
    def get_refund(self, payment: Payment) -> Any:
        latest = next(iter(payment.refunds.all()), None)
        return RefundSerializer(latest).data if latest else None

    def get_pay_url(self, payment: Payment) -> str:
        return str(self.context.get("pay_url", ""))


def _by_bill(amounts: dict[str, int]) -> dict[int, int]:
    """Returns fen by the bill's key. Raises ``ValidationError`` for names that are no keys."""
    if not all(name.isascii() and name.isdecimal() and len(name) < 19 for name in amounts):
        raise serializers.ValidationError("The names are ids of bills.")
    return {int(name): fen for name, fen in amounts.items()}


class PaySerializer(serializers.Serializer):
    """Open bills of one home, for yourself or (``payer``) for a person you act for."""

    bills = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LAST_KEY), allow_empty=False, max_length=200
    )
    payer = serializers.IntegerField(required=False, min_value=1, max_value=LAST_KEY)
    channel = serializers.CharField(required=False, max_length=20)
    amounts = serializers.DictField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        help_text="Fen by the bill's id, to pay in part; all that is owed where it is left out.",
    )
    use_prepayment = serializers.BooleanField(required=False, default=False)
    key = serializers.UUIDField(
        required=False, help_text="A key of your own: the same one again answers with the same payment."
    )

    def validate_amounts(self, amounts: dict[str, int]) -> dict[int, int]:
        return _by_bill(amounts)


class PayBackSerializer(serializers.Serializer):
    """The reason of a refund: optional for residents, required from staff."""

    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    amounts = serializers.DictField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        help_text="Fen by the bill's id, to ask for a part; all that is left where both parts are left out.",
    )
    prepayment_fen = serializers.IntegerField(
        required=False, min_value=1, help_text="Fen of what had become prepayment."
    )
    key = serializers.UUIDField(
        required=False, help_text="A key of your own: the same one again answers with the same refund."
    )

    def validate_amounts(self, amounts: dict[str, int]) -> dict[int, int]:
        return _by_bill(amounts)


class DepositSerializer(serializers.ModelSerializer):
    """A deposit that the estate holds, or held."""

    kind_text = serializers.CharField(source="get_kind_display", read_only=True)
    held_fen = serializers.IntegerField(read_only=True)
    reference = serializers.CharField(source="payment.reference", read_only=True)

    class Meta:
        model = Deposit
        fields = (
            *("id", "reference", "estate", "home", "payment", "kind", "kind_text", "words"),
            *("amount_fen", "held_fen", "created_at"),
        )
        read_only_fields = fields
