from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "community.notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from community.core.changes import watch
        from community.core.services import register_app
        from community.notices.declaration import APP
        from community.notices.models import Notice, NoticePart, NoticeReading
        from community.notifications.topics import of_row, watch_all

        register_app(self.name, APP)
        watch(Notice, lambda row: [row.estate_topic])
        watch(NoticePart, lambda row: [row.notice.estate_topic])
        watch_all(of_row(), NoticeReading)
