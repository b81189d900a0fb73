from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WeChatConfig(AppConfig):
    name = "community.wechat"
    label = "wechat"
    verbose_name = _("WeChat")

    def ready(self) -> None:
        from community.core.services import register_app
        from community.wechat import checks, tasks  # noqa: F401
        from community.wechat.declaration import APP

        register_app(self.name, APP)
