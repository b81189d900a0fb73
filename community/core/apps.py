from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "community.core"
    label = "core"
    verbose_name = _("Audit")

    def ready(self) -> None:
        from community.core import checks  # noqa: F401  (registers the system checks)
