"""Statements of a day, made of the orders and refunds, in the form in which the providers write them."""

import gzip
import hashlib
import io
import zipfile
from datetime import datetime, timedelta
from typing import Any

from community.demo.payments.keys import SELLER
from community.demo.payments.shared import SHANGHAI, Shared

WECHAT = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
WECHAT_TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
ALIPAY = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
DIVIDER = "#-----------------------------------------业务明细列表----------------------------------------"
# The fee of both providers, in 1/1000 of the amount.
FEE = 6
Row = dict[str, Any]


def of_day(shared: Shared, day: str, provider: str) -> tuple[list[Row], list[tuple[Row, Row]]]:
    """Returns the orders paid on a day, and its refunds with their orders."""
    begins = datetime.fromisoformat(day).replace(tzinfo=SHANGHAI)
    span = begins.timestamp(), (begins + timedelta(days=1)).timestamp()
    orders = shared.store.rows(
        "SELECT * FROM orders WHERE provider = ? AND paid_at >= ? AND paid_at < ? ORDER BY paid_at",
        provider,
        *span,
    )
    refunds = []
    for made in shared.store.rows("SELECT * FROM refunds WHERE at >= ? AND at < ? ORDER BY at", *span):
        order = shared.store.order(made["order_number"])
        if order and order["provider"] == provider:
            refunds.append((order, made))
    return orders, refunds


def yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _fee(fen: int) -> str:
    """Returns the fee on an amount, with five decimals as WeChat Pay writes it."""
    parts = fen * FEE  # of 1/1000 fen
    sign, parts = ("-", -parts) if parts < 0 else ("", parts)
    return f"{sign}{parts // 100_000}.{parts % 100_000:05d}"


def wechat(shared: Shared, day: str, *, breaks_line: bool = False) -> bytes | None:
    """Returns the trade statement of a day as WeChat Pay writes it; None for a day without any."""
    orders, refunds = of_day(shared, day, "wechat")
    if not orders and not refunds:
        return None
    lines = [WECHAT]
    lines += [_wechat_line(order, None) for order in orders]
    lines += [_wechat_line(order, made) for order, made in refunds]
    if breaks_line:
        lines[1] = lines[1].replace(",`CNY", "")
    paid, back = sum(order["amount"] for order in orders), sum(made["amount"] for _order, made in refunds)
    totals = (
        *(str(len(orders) + len(refunds)), yuan(paid), yuan(back), "0.00"),
        *(_fee(paid - back), yuan(paid), yuan(back)),
    )
    lines += [WECHAT_TOTALS, ",".join(f"`{total}" for total in totals)]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _wechat_line(order: Row, made: Row | None) -> str:
    at = datetime.fromtimestamp(made["at"] if made else order["paid_at"], SHANGHAI)
    fen, back = (0, made["amount"]) if made else (order["amount"], 0)
    values = (
        *(f"{at:%Y-%m-%d %H:%M:%S}", order["app"], order["merchant"], "0", ""),
        *(order["paid_number"], order["number"], order["openid"]),
        {"jsapi": "JSAPI", "h5": "MWEB", "native": "NATIVE"}[order["kind"]],
        *("REFUND" if made else "SUCCESS", "OTHERS", "CNY", yuan(fen), "0.00"),
        *(made["provider_number"] if made else "0", made["number"] if made else "0"),
        *(yuan(back), "0.00", "ORIGINAL" if made else "", made["state"] if made else ""),
        *(order["subject"], "", _fee(fen - back), "0.60%", yuan(fen), yuan(back), ""),
    )
    return ",".join(f"`{value}" for value in values)


def sha1(text: bytes) -> str:
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()


def gzipped(text: bytes) -> bytes:
    return gzip.compress(text)


def alipay_text(shared: Shared, day: str, *, fault: str = "") -> bytes | None:
    """Returns the trade statement of a day as Alipay writes it; None for a day without any."""
    orders, refunds = of_day(shared, day, "alipay")
    if not orders and not refunds:
        return None
    rows = [_alipay_line(order, None) for order in orders]
    rows += [_alipay_line(order, made) for order, made in refunds]
    if fault == "LINE":
        rows[0] = rows[0].replace(".", "。")
    paid, back = sum(order["amount"] for order in orders), sum(made["amount"] for _order, made in refunds)
    head = [
        "#支付宝业务明细查询",
        f"#账号：[{SELLER}0156]",
        f"#起始日期：[{day}]   终止日期：[{day}]",
        DIVIDER,
    ]
    if fault == "HASH":
        paid += 1
    foot = [
        DIVIDER.replace("列表", "列表结束"),
        f"#交易合计：{len(orders)}笔，商家实收共{yuan(paid)}元，商家优惠共0.00元",
        f"#退款合计：{len(refunds)}笔，商家实收退款共{yuan(-back)}元，商家优惠退款共0.00元",
        "#导出时间：[practice]",
    ]
    return "\r\n".join([*head, ALIPAY, *rows, *foot, ""]).encode("gb18030")


def alipay(shared: Shared, day: str, *, fault: str = "") -> bytes | None:
    """Returns the ZIP with the trade statement of a day as Alipay packs it; None for a day without any."""
    text = alipay_text(shared, day, fault=fault)
    if text is None:
        return None
    name = f"{SELLER}_{day.replace('-', '')}_业务明细"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(_Named(f"{name}(汇总).csv"), "#支付宝业务汇总查询\r\n".encode("gb18030"))
        file.writestr(_Named(f"{name}.csv"), text)
    return packed.getvalue()


class _Named(zipfile.ZipInfo):
    """An entry whose name is in GBK, without the flag that says UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  (the standard library's)
        return self.filename.encode("gbk"), self.flag_bits


def _alipay_line(order: Row, made: Row | None) -> str:
    at = datetime.fromtimestamp(made["at"] if made else order["paid_at"], SHANGHAI)
    fen = -made["amount"] if made else order["amount"]
    values = (
        *(order["paid_number"], order["number"], "退款" if made else "交易", order["subject"]),
        *(f"{at:%Y-%m-%d %H:%M:%S}", f"{at:%Y-%m-%d %H:%M:%S}", "", "", "", "", "*练习(pra***@example.com)"),
        *(yuan(fen), yuan(fen), "0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00"),
        *(made["number"] if made else "", yuan(-fen * FEE // 1000), "0.00", ""),
    )
    return ",".join(f"{value}\t" for value in values)
