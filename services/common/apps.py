from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "services.common"
    label = "common"
    verbose_name = _("Alarms and satisfaction")

    def ready(self) -> None:
        from community.core.changes import watch
        from community.core.services import register_app
        from community.notifications.topics import desk_topic
        from services.common.declaration import APP
        from services.common.models import ResponseClock

        register_app(self.name, APP)
        watch(ResponseClock, lambda row: [desk_topic(row.service, row.estate_id)])
