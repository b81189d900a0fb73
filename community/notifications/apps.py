from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "community.notifications"
    label = "notifications"
    verbose_name = _("Messages sent")

    def ready(self) -> None:
        from community.core.services import register_app
        from community.notifications.declaration import APP

        register_app(self.name, APP)
        # Tasks are queued by name, so the queueing process must know their queues.
        from community.notifications import tasks  # noqa: F401
