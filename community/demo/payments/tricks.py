"""Faults that a visitor can choose for a payment and its notices."""

from enum import StrEnum


class Trick(StrEnum):
    """Each changes the notices of the payment; the order itself is paid as it should be."""

    NONE = ""
    TEN = "ten"
    UNORDERED = "unordered"
    LATE = "late"
    NEVER = "never"
    AMOUNT = "amount"
    MERCHANT = "merchant"
    APP = "app"
    CURRENCY = "currency"
    SIGNATURE = "signature"
    PROBE = "probe"
    SERIAL = "serial"
    OLD = "old"
    BROKEN = "broken"


WORDS = {
    Trick.NONE: "正常通知",
    Trick.TEN: "同一通知发 10 次",
    Trick.UNORDERED: "通知顺序颠倒",
    Trick.LATE: "晚 1 小时通知",
    Trick.NEVER: "不发通知",
    Trick.AMOUNT: "金额不对",
    Trick.MERCHANT: "商户不对",
    Trick.APP: "应用不对",
    Trick.CURRENCY: "币种不对",
    Trick.SIGNATURE: "签名不对",
    Trick.PROBE: "签名探测",
    Trick.SERIAL: "证书不对",
    Trick.OLD: "时间戳过期",
    Trick.BROKEN: "查询出错（500）",
}
# Faults of calls, by the kind of call: what stands in the list, and its words.
FAULTS = {
    "create": {"": "正常", "500": "系统错误（500）", "early": "下单返回之前就付款并通知", "429": "频率限制"},
    "query": {"": "正常", "500": "系统错误（500）"},
    "refund": {
        "": "正常，立即到账",
        "PROCESSING": "处理中，查询后到账",
        "NOT_ENOUGH": "商户余额不足",
        "ABNORMAL": "退款异常",
        "500": "系统错误（500）",
    },
    "statement": {"": "正常", "CREATING": "账单生成中", "LINE": "有一行损坏", "HASH": "校验值不对"},
}
