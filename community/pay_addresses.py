"""Addresses of WeChat and Alipay, for the settings; ``practice`` is that of the demo's payment server, or empty."""

from collections.abc import Callable
from typing import Any

WECHATPAY = "https://api.mch.weixin.qq.com"
ALIPAY = "https://openapi.alipay.com/gateway.do"
WECHAT_OPEN = "https://open.weixin.qq.com"
WECHAT_API = "https://api.weixin.qq.com"
WECOM, DINGTALK = "https://qyapi.weixin.qq.com", "https://oapi.dingtalk.com"
# Pages to which paying leads: a browser holds form-action against each redirect after a form.
PAGES = {
    "wechat": ["https://wx.tenpay.com", WECHAT_OPEN],
    "alipay": ["https://openapi.alipay.com", "https://*.alipay.com"],
}


def alipay_gateway(practice: str) -> str:
    return f"{practice}/gateway.do" if practice else ALIPAY


def robots(read: Callable[..., str], practice: str) -> tuple[str, str]:
    """Returns the addresses of the robots of group chats: WeCom's and DingTalk's."""
    return (
        read("WECOM_URL", default=practice or WECOM),
        read("DINGTALK_URL", default=practice or DINGTALK),
    )


def allow_forms(policy: dict[str, Any], providers: list[str], practice: str) -> None:
    """Adds to a content security policy the pages to which a form may lead on."""
    pages = [practice] if practice else [page for name in providers for page in PAGES.get(name, [])]
    policy["DIRECTIVES"]["form-action"] += pages
