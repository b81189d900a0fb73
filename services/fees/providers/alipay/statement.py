"""Alipay's statement of a day (业务明细): a ZIP with two files in GBK."""

import io
import re
import zipfile
import zlib
from datetime import date
from decimal import Decimal
from http import HTTPStatus

from django.conf import settings

from community.core import outward
from services.fees.models import MerchantAccount
from services.fees.providers.alipay.client import Refusal, ask
from services.fees.providers.base import (
    DOWNLOAD_SECONDS,
    TIMEOUT_SECONDS,
    LineKind,
    ProviderDown,
    Statement,
    StatementBroken,
    StatementLine,
)
from services.fees.providers.files import MAX_BYTES, check_totals, fen_of, need_columns

NO_BILL = {"isp.bill_not_exist", "BILL_NOT_EXIST"}
DOMAIN = "alipay.com"
METHOD = "alipay.data.dataservice.bill.downloadurl.query"
AMOUNT, RECEIVED, FEE = "订单金额（元）", "商家实收（元）", "服务费（元）"
READ = ("支付宝交易号", "商户订单号", "业务类型", AMOUNT, RECEIVED, "退款批次号/请求号", FEE)
SUM, COUNT = "商家实收", "笔数"
# "#交易合计：2笔，商家实收共30.00元，…", "#退款合计：1笔，商家实收退款共-10.00元，…".
TOTAL = re.compile(r"#(交易|退款)合计：(\d+)笔，商家实收(?:退款)?共(-?[\d.,]+)元")


def fetch_statement(account: MerchantAccount, day: date) -> Statement:
    """Returns a merchant's statement. Raises as ``Provider.statement``."""
    try:
        told = ask(account, METHOD, {"bill_type": "trade", "bill_date": str(day)})
        address = str(told["bill_download_url"])
    except Refusal as refusal:
        if refusal.code in NO_BILL:
            return Statement(b"", [])
        raise ProviderDown(refusal.code) from refusal
    except LookupError as error:
        raise StatementBroken("no address") from error
    return read_statement(_unpack(download(address)))


def download(address: str) -> bytes:
    """Returns the file at an address that Alipay named, whose answer is not signed.

    Raises ``StatementBroken`` for an address elsewhere or a file too large, and ``ProviderDown``.
    """
    if outward.belongs_to(address, [DOMAIN]):
        # Alipay names it without TLS in places, and serves it with TLS as well.
        address = re.sub(r"^http:", "https:", address, flags=re.IGNORECASE)
    elif not address.startswith(f"{settings.ALIPAY_URL.removesuffix('/gateway.do')}/"):
        raise StatementBroken("address")
    try:
        with outward.allowing(seconds=DOWNLOAD_SECONDS, size=MAX_BYTES):
            answer = outward.SESSION.get(address, timeout=TIMEOUT_SECONDS)
    except outward.AnswerTooLarge as error:
        raise StatementBroken("size") from error
    except outward.OutwardError as error:
        raise ProviderDown(type(error).__name__) from error
    if answer.status_code != HTTPStatus.OK:
        raise ProviderDown(str(answer.status_code))
    return answer.content


def _unpack(packed: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as file:
            # Names are in GBK without a flag that says so: the file with the lines is the longer one whose
            # name has no bracket.
            found = [one for one in file.infolist() if "(" not in one.filename and "（" not in _name(one)]
            if len(found) != 1 or found[0].file_size > MAX_BYTES:
                raise StatementBroken("files")
            return file.read(found[0])
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError) as error:
        raise StatementBroken("packing") from error


def _name(entry: zipfile.ZipInfo) -> str:
    """Returns the name of an entry; the standard library reads names without a flag as code page 437."""
    if entry.flag_bits & 0x800:
        return entry.filename
    return entry.filename.encode("cp437", "replace").decode("gbk", "replace")


def read_statement(text: bytes) -> Statement:
    """Returns the lines of a statement. Raises ``StatementBroken``."""
    try:
        rows = text.decode("gb18030").splitlines()
    except UnicodeDecodeError as error:
        raise StatementBroken("encoding") from error
    begins = next((at for at, row in enumerate(rows) if row.startswith(READ[0])), None)
    if begins is None:
        raise StatementBroken("no columns")
    header = [name.strip() for name in rows[begins].split(",")]
    need_columns(header, READ)
    statement, counted = Statement(text, []), _Counted()
    for number, row in enumerate(rows[begins + 1 :], start=begins + 2):
        if row.startswith("#") or not row.strip():
            continue
        counted.rows += 1
        try:
            values = _values(row, header)
            line = _line(values)
            received = abs(fen_of(values[RECEIVED]))
        except ValueError as problem:
            statement.problems.append((number, str(problem)))
            continue
        counted.add(line.kind, received)
        statement.lines.append(line)
    _check(rows, counted, is_whole=not statement.problems)
    return statement


class _Counted:
    def __init__(self) -> None:
        self.rows = 0
        self.totals: dict[str, Decimal] = {}

    def add(self, kind: LineKind, fen: int) -> None:
        word = "交易" if kind == LineKind.PAYMENT else "退款"
        for name, number in ((COUNT, Decimal(1)), (SUM, Decimal(fen) / 100)):
            self.totals[word + name] = self.totals.get(word + name, Decimal()) + number


def _values(row: str, header: list[str]) -> dict[str, str]:
    values = [value.strip() for value in row.split(",")]
    # Names of goods and remarks may have a comma; ours have none.
    if len(values) != len(header):
        raise ValueError(f"{len(values)} values for {len(header)} columns")
    return dict(zip(header, values, strict=True))


def _line(values: dict[str, str]) -> StatementLine:
    kinds = {"交易": LineKind.PAYMENT, "退款": LineKind.REFUND}
    kind = kinds.get(values["业务类型"])
    if kind is None:
        raise ValueError(f"unknown kind: {values['业务类型'][:20]}")
    # A refund's sum is seen negative and positive.
    fen, fee = abs(fen_of(values[AMOUNT])), fen_of(values[FEE])
    order, number = values["商户订单号"], values["支付宝交易号"]
    if not fen or not order or not number:
        raise ValueError("no number or sum")
    if kind == LineKind.PAYMENT:
        # Fees that are kept are negative there.
        return StatementLine(kind, order, number, fen, fee_fen=abs(fee))
    refund = values["退款批次号/请求号"]
    # Refunds have no number of the provider's own: that of the trade would be another movement's.
    return StatementLine(kind, order, refund or number, fen, refund, fee_fen=-abs(fee))


def _check(rows: list[str], counted: _Counted, *, is_whole: bool) -> None:
    said: dict[str, Decimal] = {}
    for kind, count, total in (found.groups() for row in rows if (found := TOTAL.match(row))):
        said[kind + COUNT] = Decimal(count)
        said[kind + SUM] = abs(Decimal(total.replace(",", "")))
    if not said:
        raise StatementBroken("no totals")
    if sum(number for name, number in said.items() if name.endswith(COUNT)) != counted.rows:
        raise StatementBroken("count")
    if is_whole:
        check_totals(said, dict.fromkeys(said, Decimal()) | counted.totals)
