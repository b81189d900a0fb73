"""WeChat Pay's statement of a day (交易账单)."""

import gzip
import hashlib
import io
import zlib
from datetime import date
from decimal import Decimal

from community.core.money import to_fen
from services.fees.models import MerchantAccount
from services.fees.providers.base import (
    LineKind,
    ProviderDown,
    Statement,
    StatementBroken,
    StatementLine,
    StatementNotReady,
)
from services.fees.providers.files import MAX_BYTES, check_totals, fen_of, need_columns, yuan
from services.fees.providers.wechat.client import Refusal, ask, download

GZIP = b"\x1f\x8b"
COUNT = "总交易单数"
# Column of the lines by the total that they add up to.
SUMS = {
    "应结订单总金额": "应结订单金额",
    "退款总金额": "退款金额",
    "充值券退款总金额": "充值券退款金额",
    "手续费总金额": "手续费",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
}
READ = (
    *("公众账号ID", "商户号", "微信订单号", "商户订单号", "交易状态", "货币种类", "订单金额"),
    *("微信退款单号", "商户退款单号", "退款状态", "申请退款金额", "手续费"),
)


def fetch_statement(account: MerchantAccount, day: date) -> Statement:
    """Returns a merchant's statement. Raises as ``Provider.statement``."""
    try:
        told = ask(account, f"/v3/bill/tradebill?bill_date={day}&bill_type=ALL&tar_type=GZIP")
        address, kind, wanted = told["download_url"], told["hash_type"], str(told["hash_value"])
        packed = download(account, str(address))
    except Refusal as refusal:
        if refusal.code == "NO_STATEMENT_EXIST":
            return Statement(b"", [])
        if refusal.code == "STATEMENT_CREATING":
            raise StatementNotReady from refusal
        raise ProviderDown(str(refusal)) from refusal
    except (LookupError, ValueError) as error:
        raise StatementBroken(repr(error)) from error
    text = _unpack(packed)
    if kind != "SHA1" or hashlib.sha1(text, usedforsecurity=False).hexdigest() != wanted.lower():
        raise StatementBroken("hash")
    return read_statement(text, account)


def _unpack(packed: bytes) -> bytes:
    if not packed.startswith(GZIP):
        return packed
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            text = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise StatementBroken("packing") from error
    if len(text) > MAX_BYTES:
        raise StatementBroken("size")
    return text


def read_statement(text: bytes, account: MerchantAccount) -> Statement:
    """Returns the lines of a statement. Raises ``StatementBroken``."""
    try:
        rows = [line.rstrip() for line in text.decode("utf-8-sig").split("\n")]
    except UnicodeDecodeError as error:
        raise StatementBroken("encoding") from error
    end = next((at for at, row in enumerate(rows) if row.startswith(COUNT)), None)
    if end is None:
        raise StatementBroken("no totals")
    header = rows[0].split(",")
    need_columns(header, READ)
    statement = Statement(text, [])
    summed = dict.fromkeys(SUMS, Decimal())
    for number, row in enumerate(rows[1:end], start=2):
        try:
            values = _values(row, header)
            line = _line(values, account)
            sums = {total: yuan(values[column]) for total, column in SUMS.items() if column in values}
        except ValueError as problem:
            statement.problems.append((number, str(problem)))
            continue
        summed = {total: summed[total] + sums.get(total, 0) for total in summed}
        if line:
            statement.lines.append(line)
    _check(rows[end : end + 2], end - 1, {} if statement.problems else summed)
    return statement


def _values(row: str, header: list[str]) -> dict[str, str]:
    # Every value begins with a mark, so that a comma in a name divides nothing.
    values = row.removeprefix("`").split(",`")
    if len(values) != len(header):
        raise ValueError(f"{len(values)} values for {len(header)} columns")
    return dict(zip(header, values, strict=True))


def _line(values: dict[str, str], account: MerchantAccount) -> StatementLine | None:
    if values["商户号"] != account.merchant_number:
        raise ValueError(f"another merchant: {values['商户号']}")
    if values["货币种类"] != "CNY":
        raise ValueError(f"another currency: {values['货币种类']}")
    order, number, fee = values["商户订单号"], values["微信订单号"], yuan(values["手续费"])
    state = values["交易状态"]
    if state == "SUCCESS":
        fen = fen_of(values["订单金额"])
        kind, refund = LineKind.PAYMENT, ""
    elif state == "REFUND":
        if values["退款状态"] == "FAIL":
            return None
        fen = fen_of(values["申请退款金额"])
        kind, number, refund = LineKind.REFUND, values["微信退款单号"], values["商户退款单号"]
    else:
        raise ValueError(f"unknown state: {state}")
    if fen <= 0 or not order or not number:
        raise ValueError("no number or sum")
    return StatementLine(kind, order, number, fen, refund, _fee_fen(fee))


def _fee_fen(fee: Decimal) -> int:
    """Returns a fee in fen; it is given in parts of a fen."""
    return to_fen(fee) if fee >= 0 else -to_fen(-fee)


def _check(totals: list[str], count: int, summed: dict[str, Decimal]) -> None:
    names = totals[0].split(",")
    if len(totals) == 1 or len(values := totals[1].removeprefix("`").split(",`")) != len(names):
        raise StatementBroken("no totals")
    try:
        said = {name: yuan(value) for name, value in zip(names, values, strict=True)}
    except ValueError as error:
        raise StatementBroken(str(error)) from error
    check_totals(said, summed | {COUNT: Decimal(count)})
