from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _

from community.core import changes


def _be_silent(**kwargs: Any) -> None:
    changes.tell = None


class NotificationsConfig(AppConfig):
    name = "community.notifications"
    label = "notifications"
    verbose_name = _("Messages sent")

    def ready(self) -> None:
        from community.core.services import register_app
        from community.estates.models import (
            Building,
            CalendarDay,
            Entrance,
            Estate,
            Home,
            PublicPlace,
            WorkingHours,
        )
        from community.notifications import live
        from community.notifications.declaration import APP
        from community.notifications.models import InboxNotice
        from community.notifications.topics import everything, watch_all

        register_app(self.name, APP)
        changes.tell = live.grow

        # While tables are migrated there may be no topics yet; nobody looks on, and what is kept is of one release.
        def tell_again(**kwargs: Any) -> None:
            changes.tell = live.grow

        pre_migrate.connect(_be_silent, sender=self)
        post_migrate.connect(tell_again, sender=self, weak=False)
        # Tasks are queued by name, so the queueing process must know their queues.
        from community.notifications import tasks  # noqa: F401

        # Rows below this app.
        watch_all(everything, Estate, Building, Entrance, Home, PublicPlace, CalendarDay, WorkingHours)
        changes.watch(InboxNotice, lambda row: [f"inbox:{row.user_id}"])
