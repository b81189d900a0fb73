from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeesConfig(AppConfig):
    name = "services.fees"
    label = "fees"
    verbose_name = _("Fees")

    def ready(self) -> None:
        # The system check registers itself.
        from services.fees import checks  # noqa: F401
