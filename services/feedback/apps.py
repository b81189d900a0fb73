from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "services.feedback"
    verbose_name = _("Feedback")

    def ready(self) -> None:
        from community.core import events
        from community.core.services import register
        from community.notifications.topics import of_row, watch_all
        from services.feedback import handlers
        from services.feedback.models import Feedback
        from services.feedback.service import SERVICE

        register(SERVICE)
        events.rated_badly.connect(handlers.rated_badly, service=SERVICE.key)
        watch_all(of_row("feedback"), Feedback)
