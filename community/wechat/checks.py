"""System checks of WeChat: the real hosts are reached by TLS only."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register


@register()
def wechat_is_reached_safely(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Refuses addresses of WeChat without TLS outside the demo: a listener would read the account's secret."""
    if settings.DEMO or settings.TESTING:
        return []
    return [
        Error(f"{name} must begin with https://.", id="linli.E020")
        for name in ("WECHAT_OPEN_URL", "WECHAT_API_URL", "WECOM_URL", "DINGTALK_URL")
        if urlsplit(getattr(settings, name)).scheme != "https"
    ]
