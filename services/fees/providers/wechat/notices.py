"""Content of WeChat Pay's notices, decrypted; their signatures are checked before."""

import json
from typing import Any

from wechatpayv3.utils import aes_decrypt

from services.fees.models import MerchantAccount
from services.fees.providers.base import MalformedNotice, Notice, RefundNotice, Result, State

CURRENCY = "CNY"
ALGORITHM = "AEAD_AES_256_GCM"
MAX_NUMBER, MAX_FEN = 64, 2**31 - 1
REFUND_STATES = {"SUCCESS": State.PAID, "CLOSED": State.FAILED, "ABNORMAL": State.FAILED}


def read_content(text: str, account: MerchantAccount) -> Notice | RefundNotice:
    """Returns the content of a signed notice to a merchant. Raises ``MalformedNotice``."""
    try:
        outer = json.loads(text)
        event = outer["event_type"]
        content = json.loads(_decrypt(outer["resource"], account))
        if event.startswith("TRANSACTION."):
            return _payment(content, account)
        if event.startswith("REFUND."):
            return _refund(content, account)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedNotice(repr(error)) from error
    raise MalformedNotice(f"event {event}")


def _decrypt(resource: dict[str, Any], account: MerchantAccount) -> str:
    if resource["algorithm"] != ALGORITHM:
        raise MalformedNotice("algorithm")
    plain = aes_decrypt(
        nonce=resource["nonce"],
        ciphertext=resource["ciphertext"],
        associated_data=resource.get("associated_data") or "",
        apiv3_key=account.secrets["apiv3_key"],
    )
    if plain is None:
        raise MalformedNotice("not encrypted with our APIv3 key")
    return str(plain)


def _payment(content: dict[str, Any], account: MerchantAccount) -> Notice:
    if content["mchid"] != account.merchant_number:
        raise MalformedNotice("another merchant")
    if content["appid"] != account.app_id:
        raise MalformedNotice("another application")
    if content["amount"]["currency"] != CURRENCY:
        raise MalformedNotice("another currency")
    state = content["trade_state"]
    return Notice(
        order_number=_number(content["out_trade_no"]),
        is_paid=state in ("SUCCESS", "REFUND"),
        is_over=state in ("CLOSED", "REVOKED", "PAYERROR"),
        number=_number(content["transaction_id"]),
        amount_fen=_fen(content["amount"]["total"]),
    )


def _refund(content: dict[str, Any], account: MerchantAccount) -> RefundNotice:
    if content["mchid"] != account.merchant_number:
        raise MalformedNotice("another merchant")
    state = REFUND_STATES.get(content["refund_status"], State.WAITING)
    return RefundNotice(
        order_number=_number(content["out_trade_no"]),
        refund_number=_number(content["out_refund_no"]),
        result=Result(state, _number(content["refund_id"]), _fen(content["amount"]["refund"])),
    )


def _number(text: Any) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= MAX_NUMBER:
        raise ValueError("number")
    return text


def _fen(given: Any) -> int:
    if type(given) is not int or not 0 <= given <= MAX_FEN:
        raise ValueError("amount")
    return given
