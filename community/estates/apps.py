from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EstatesConfig(AppConfig):
    name = "community.estates"
    label = "estates"
    verbose_name = _("Estates and homes")

    def ready(self) -> None:
        # Work is queued by name, so the queue must be known.
        from community.estates import tasks  # noqa: F401
