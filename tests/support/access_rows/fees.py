"""Addresses of fees."""

from typing import Any
from uuid import uuid4

from tests.support.access import NOBODY, SIGNED_IN, Row, of

# Standings at the counter of the first estate, and of the second one.
COUNTING = {"cashier", "manager", "front_desk", "auditor"}
ALL_COUNTING = COUNTING | {f"foreign_{role}" for role in COUNTING}
TAKING = {"cashier", "manager"}
FOREIGN_TAKING = {"foreign_cashier", "foreign_manager"}
TALKING = {*TAKING, "front_desk"}
BILL = {"owner", "household", "delegate"} | COUNTING
PAYMENT = {"owner", "delegate"} | COUNTING
# All who live in the estate read the owners' money.
FUND = {"owner", "household", "neighbour"} | COUNTING
# Who sees the cashier's shift; others of the counter get 403, those of another estate 404.
TILL = COUNTING - {"front_desk"}
ALL_TILLS = TILL | {f"foreign_{role}" for role in TILL}
TILL_WALL: dict[str, Any] = {"refused": 403, "but": dict.fromkeys(ALL_TILLS - TILL, 404)}
# Other roles get 403, the cashier of another estate 404.
WALL: dict[str, Any] = {"refused": 403, "but": dict.fromkeys(ALL_COUNTING - COUNTING, 404)}

# Of those who see money, the rest may only read.
WALL_OF_TAKING: dict[str, Any] = {
    "refused": 403,
    "but": dict.fromkeys(COUNTING - TAKING, 403) | dict.fromkeys(ALL_COUNTING - COUNTING, 404),
}


def _verb(**data: Any) -> dict[str, Any]:
    """Returns the row of a verb of cashiers and managers; 403 for people who only read."""
    but = dict.fromkeys(COUNTING - TAKING, 403) | dict.fromkeys(ALL_COUNTING - COUNTING, 404)
    return {"refused": 403, "but": but, "method": "post", "data": lambda world: data}


def _talks(**data: Any) -> dict[str, Any]:
    """Returns the row of a verb of those who speak with residents; 403 for an auditor."""
    return _verb(**data) | {"but": {"auditor": 403} | dict.fromkeys(ALL_COUNTING - COUNTING, 404)}


# The cashier has asked for the reduction, so only the manager answers it.
ASKED = dict.fromkeys(COUNTING - {"manager"}, 403) | dict.fromkeys(ALL_COUNTING - COUNTING, 404)
PAGES: dict[str, Row] = {
    "fees": Row(SIGNED_IN),
    "fees_live": Row(SIGNED_IN, swept=False),
    "fees_pay": Row({"owner", "household"}, query=lambda world: f"?bill={world.more['bill'].pk}"),
    "fees_history": Row(SIGNED_IN),
    "fees_paid": Row(SIGNED_IN),
    "bill": Row(BILL, of("bill")),
    "payment": Row(PAYMENT, of("payment")),
    "payment_live": Row(PAYMENT, of("payment"), swept=False),
    "payment_go": Row(PAYMENT, of("payment"), swept=False),
    "payment_openid": Row(PAYMENT, of("payment"), swept=False),
    "payment_give_up": Row(
        {"owner", "delegate", "front_desk", "manager"},
        of("waiting_payment"),
        method="post",
        but={"cashier": 403, "auditor": 403},
    ),
    "payment_take_back": Row(PAYMENT, of("payment")),
    "payment_receipt_page": Row(PAYMENT, of("payment")),
    "payment_receipt_picture": Row(PAYMENT, of("payment"), swept=False),
    "payment_receipt": Row(PAYMENT, of("payment"), swept=False),
    "funds": Row(SIGNED_IN),
    "fund": Row(FUND, of("fund")),
    "fund_pdf": Row(FUND, of("fund"), swept=False),
    "fund_sheet": Row(FUND, of("fund"), swept=False),
    "fund_line": Row(FUND, of("fund_line")),
    "fund_file": Row(FUND, of("fund_file"), swept=False),
    "fund_recording": Row({"owner"} | COUNTING, of("fund_recording"), swept=False),
    "deposits": Row(SIGNED_IN),
    "deposit": Row(PAYMENT, of("deposit")),
    "fees_statement": Row(SIGNED_IN),
    "fees_statement_pdf": Row({"owner", "household", "neighbour", "foreigner"}, swept=False),
    "invoices": Row(SIGNED_IN),
    "invoice_new": Row(SIGNED_IN),
    "invoice": Row(PAYMENT, of("invoice")),
    "invoice_file": Row(PAYMENT, of("issued_invoice"), swept=False),
    "invoice_withdraw": Row(
        {"owner", "delegate", "front_desk", "manager"},
        of("invoice"),
        method="post",
        but={"cashier": 403, "auditor": 403},
    ),
    "fees_sandbox": Row(
        {"owner", "delegate", "front_desk", "manager"},
        lambda world: {"number": world.more["waiting_payment"].order_number},
    ),
    "fees_merchant_callback": Row(
        NOBODY,
        lambda world: {"provider": "sandbox", "merchant": 1},
        method="post",
        refused=404,
        swept=False,
    ),
    "fees_callback": Row(
        NOBODY, lambda world: {"provider": "sandbox"}, method="post", refused=403, swept=False
    ),
}
STAFF_PAGES: dict[str, Row] = {
    "fees_home_statement": Row(COUNTING, lambda world: {"pk": world.home.pk}, **WALL),
    "fees_home_statement_pdf": Row(COUNTING, lambda world: {"pk": world.home.pk}, swept=False, **WALL),
    "fees_invoices": Row(ALL_COUNTING, refused=403),
    "fees_invoices_sheet": Row(ALL_COUNTING - {"front_desk", "foreign_front_desk"}, refused=403, swept=False),
    "fees_invoice": Row(COUNTING, of("invoice"), **WALL),
    "fees_invoice_issue": Row(TAKING, of("invoice"), **_verb(number="24112000000012345678")),
    "fees_invoice_refuse": Row(TAKING, of("invoice"), **_verb(reason="抬头不全")),
    "fees_invoice_reverse": Row(TAKING, of("issued_invoice"), **_verb(reason="已退款")),
    "fees_desk": Row(ALL_COUNTING, refused=403),
    "fees_counter": Row(COUNTING, lambda world: {"pk": world.home.pk}, **WALL),
    "fees_counter_live": Row(COUNTING, lambda world: {"pk": world.home.pk}, swept=False, **WALL),
    "fees_payment": Row(COUNTING, of("payment"), **WALL),
    "fees_code": Row(TAKING, of("payment"), swept=False, **WALL_OF_TAKING),
    "fees_code_live": Row(TAKING, of("payment"), swept=False, **WALL_OF_TAKING),
    "fees_code_ask": Row(TAKING, of("payment"), **_verb()),
    "fees_refund": Row(TAKING, of("payment"), **_verb(reason="付错了")),
    "fees_refunds": Row(ALL_COUNTING, refused=403),
    "fees_refund_page": Row(COUNTING, of("asked_refund"), **WALL),
    "fees_refund_approve": Row(TAKING, of("asked_refund"), **_verb()),
    "fees_refund_decline": Row(TAKING, of("asked_refund"), **_verb(reason="不用退")),
    "fees_refund_slip": Row(COUNTING, of("paid_out"), swept=False, **WALL),
    "fees_refund_again": Row(TAKING, of("refused_refund"), **_verb()),
    "fees_move": Row(TAKING, of("cash_payment"), **WALL_OF_TAKING),
    "fees_pay_out": Row(TAKING, of("prepayment"), **WALL_OF_TAKING),
    "fees_take_deposit": Row(TAKING, lambda world: {"pk": world.home.pk}, **WALL_OF_TAKING),
    "fees_deposits": Row(ALL_COUNTING, refused=403),
    "fees_deposits_sheet": Row(ALL_COUNTING - {"front_desk", "foreign_front_desk"}, refused=403, swept=False),
    "fees_deposit": Row(COUNTING, of("deposit"), **WALL),
    "fees_doubts": Row(ALL_COUNTING, refused=403),
    "fees_resolve_doubt": Row(TAKING, of("doubt"), **_verb(words="已在平台退回")),
    "fees_print": Row(TAKING, of("payment"), **_verb()),
    "fees_receipt": Row(COUNTING, of("payment"), swept=False, **WALL),
    "fees_shifts": Row(ALL_TILLS, refused=403),
    "fees_shift": Row(TILL, of("till"), **TILL_WALL),
    # Its cashier brings the cash away, and a second person, who must see the shift, undoes it.
    "fees_shift_bank": Row(
        {"cashier"},
        of("till"),
        refused=403,
        but=dict.fromkeys(ALL_TILLS - TILL, 404),
        method="post",
        data=lambda world: {"amount": "1", "slip_number": "JK9", "key": str(uuid4())},
    ),
    "fees_banked_undo": Row(
        {"manager"},
        of("banked"),
        refused=403,
        but=dict.fromkeys(ALL_TILLS - TILL, 404),
        method="post",
        data=lambda world: {"reason": "单号写错"},
    ),
    "fees_shift_sheet": Row(TILL, of("till"), swept=False, **TILL_WALL),
    "fees_receipts": Row(ALL_TILLS, refused=403),
    "fees_receipt_void": Row(
        TAKING,
        of("receipt"),
        refused=403,
        but=dict.fromkeys(ALL_TILLS - TILL, 404),
        method="post",
        data=lambda world: {"reason": "打印坏了"},
    ),
    "fees_takings": Row(ALL_COUNTING, refused=403),
    "fees_takings_sheet": Row(ALL_COUNTING - {"front_desk", "foreign_front_desk"}, refused=403, swept=False),
    "fees_report": Row(ALL_COUNTING, refused=403),
    "fees_report_sheet": Row(ALL_COUNTING - {"front_desk", "foreign_front_desk"}, refused=403, swept=False),
    "fees_funds": Row(ALL_COUNTING, refused=403),
    "fees_fund_new": Row(TAKING | FOREIGN_TAKING, lambda world: {"kind": "public"}, refused=403),
    "fees_fund_line": Row(COUNTING, of("fund_line"), **WALL),
    "fees_fund_agree": Row({"manager"}, of("fund_spending"), **_verb() | {"but": ASKED}),
    "fees_fund_decline": Row(TAKING, of("fund_spending"), **_verb(reason="不用付")),
    "fees_fund_reverse": Row(TAKING, of("fund_line"), **_verb(reason="记错了")),
    "fees_fund_answer": Row(TALKING, of("fund_question"), **_talks(answer="按合同")),
    "fees_closing": Row(ALL_COUNTING, refused=403),
    "fees_closing_month": Row(ALL_COUNTING, lambda world: {"year": 2024, "month": 4}, refused=403),
    "fees_closing_prepare": Row(
        TAKING | FOREIGN_TAKING,
        refused=403,
        method="post",
        data=lambda world: {"kind": "day", "first": "2024-02-01"},
    ),
    "fees_closing_days": Row(
        TAKING | FOREIGN_TAKING,
        refused=403,
        method="post",
        data=lambda world: {"month": "2024-02-01", "act": "prepare"},
    ),
    "fees_closing_sheet": Row(COUNTING, of("sheet"), **WALL),
    "fees_closing_sign": Row(
        {"manager"}, of("sheet"), **_verb(digest="0" * 64) | {"but": {"cashier": 403} | ASKED}
    ),
    "fees_closing_pdf": Row(COUNTING, of("sheet"), swept=False, **WALL),
    "fees_closing_excel": Row(
        COUNTING - {"front_desk"},
        of("sheet"),
        swept=False,
        **WALL | {"but": {"front_desk": 403} | WALL["but"]},
    ),
    "fees_ledger": Row(ALL_COUNTING, refused=403),
    "fees_entry": Row(COUNTING, lambda world: {"pk": world.more["reversal"].reversed_id}, **WALL),
    "fees_reversal_confirm": Row(TAKING, of("reversal"), **_verb()),
    "fees_reversal_decline": Row(TAKING, of("reversal"), **_verb()),
    "fees_openings": Row(ALL_COUNTING, refused=403),
    "fees_opening": Row(COUNTING, of("opening"), **WALL),
    "fees_opening_undo": Row(TAKING, of("opening"), **_verb(reason="导错了")),
    "fees_bills": Row(ALL_COUNTING, refused=403),
    "fees_bill": Row(COUNTING, of("bill"), **WALL),
    "fees_void": Row(TAKING, of("bill"), **_verb(reason="算错了", then="again")),
    "fees_bill_again": Row(TAKING, of("bill"), **_verb()),
    "fees_charge": Row(TAKING, lambda world: {"pk": world.home.pk}, **WALL),
    "billing_runs": Row(ALL_COUNTING, refused=403),
    "billing_run": Row(COUNTING, of("run"), **WALL),
    "billing_run_live": Row(COUNTING, of("run"), swept=False, **WALL),
    "billing_run_start": Row(TAKING, of("run"), **_verb()),
    "billing_run_drop": Row(TAKING, of("run"), **_verb()),
    "billing_run_void": Row(TAKING, of("run"), **_verb(reason="算错了")),
    "fees_item_list": Row(COUNTING, of("item"), **WALL),
    "fees_reductions": Row(ALL_COUNTING, refused=403),
    "fees_reduction_new": Row(TAKING, lambda world: {"pk": world.home.pk}, **WALL),
    "fees_reduction_agree": Row({"manager"}, of("reduction"), **_verb() | {"but": ASKED}),
    "fees_reduction_decline": Row(TAKING, of("reduction"), **_verb()),
    "fees_reduction_end": Row(
        {"manager"}, of("agreed_reduction"), **_verb(last_on="2026-11-20") | {"but": ASKED}
    ),
    "fees_items": Row(ALL_COUNTING, refused=403),
    "fees_item": Row(COUNTING, of("item"), **WALL),
}
ARREARS: dict[str, Row] = {
    "bill_dispute": Row({"owner", "household", "delegate"}, of("bill")),
    "bill_dispute_withdraw": Row({"owner", "household", "delegate"}, of("disputed_bill"), method="post"),
    "dispute_recording": Row(BILL, of("dispute_recording"), swept=False),
    "fees_pay_home": Row(SIGNED_IN, lambda world: {"pk": world.home.pk}, swept=False),
    "fees_dispute": Row(TALKING, of("bill"), **_talks(words="面积不对")),
    "fees_disputes": Row(ALL_COUNTING, refused=403),
    "fees_dispute_answer": Row(TAKING, of("dispute"), **_verb(status="kept", words="核对过了")),
    "fees_arrears": Row(ALL_COUNTING, refused=403),
    "fees_arrears_sheet": Row(ALL_COUNTING - {"front_desk", "foreign_front_desk"}, refused=403, swept=False),
    "fees_arrears_home": Row(COUNTING, lambda world: {"pk": world.home.pk}, **WALL),
    "fees_hardship": Row(TAKING, lambda world: {"pk": world.home.pk}, **_verb(reason="低保户")),
    "fees_hardship_end": Row(TAKING, lambda world: {"pk": world.more["marked_home"].pk}, **_verb()),
    "fees_letter": Row(TAKING, lambda world: {"pk": world.home.pk}, **_verb()),
    "fees_letters": Row(TAKING | FOREIGN_TAKING, refused=403, method="post", swept=False),
    "dunning": Row(ALL_COUNTING, refused=403),
    "dunning_preview": Row(TAKING | FOREIGN_TAKING, refused=403),
    "dunning_round": Row(COUNTING, of("dunning_round"), **WALL),
    "dunning_round_live": Row(COUNTING, of("dunning_round"), swept=False, **WALL),
    "dunning_round_stop": Row(TAKING, of("dunning_round"), **_verb()),
    "late_fees": Row(ALL_COUNTING, refused=403),
    "late_fee_waive": Row(TAKING, of("late_fee"), **_verb(reason="住院了")),
    "waiver_agree": Row(TAKING, of("waiver"), **_verb()),
    "waiver_decline": Row(TAKING, of("waiver"), **_verb(reason="不符合")),
}
# Other roles get 403, also those that read money; cashiers of another estate 404.
MATCHING_WALL: dict[str, Any] = {"refused": 403, "but": dict.fromkeys(FOREIGN_TAKING, 404)}
MATCHING: dict[str, Row] = {
    "matching": Row(TAKING | FOREIGN_TAKING, refused=403),
    "matching_agree_all": Row(TAKING | FOREIGN_TAKING, method="post", refused=403),
    "matching_day": Row(TAKING, of("matching_day"), **MATCHING_WALL),
    "matching_sheet": Row(TAKING, of("matching_day"), swept=False, **MATCHING_WALL),
    "matching_agree": Row(TAKING, of("matching_day"), method="post", **MATCHING_WALL),
    "matching_take": Row(TAKING, of("bank_line"), **MATCHING_WALL),
    "matching_settle": Row(TAKING, of("to_settle"), method="post", **MATCHING_WALL),
    "matching_note": Row(
        TAKING, of("to_note"), method="post", data=lambda world: {"words": "已退回"}, **MATCHING_WALL
    ),
}
API: dict[str, Row] = {
    "api_bills": Row(SIGNED_IN),
    "api_fees_homes": Row(SIGNED_IN),
    "api_bill": Row(BILL, of("bill")),
    "api_deposits": Row(SIGNED_IN),
    "api_payments": Row(SIGNED_IN),
    "api_payment": Row(PAYMENT, of("payment")),
    # People who act for the payer have the verb for a limited time, the counter at any time.
    "api_pay_back": Row(
        PAYMENT - {"auditor"},
        of("payment"),
        method="post",
        data=lambda world: {"reason": "付错了"},
        but={"auditor": 403},
    ),
}
