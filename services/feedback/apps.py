from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "services.feedback"
    verbose_name = _("Feedback")

    def ready(self) -> None:
        from community.core import events
        from services.feedback.handlers import follow_up_of_bad_rating

        events.rated_badly.connect(follow_up_of_bad_rating)
