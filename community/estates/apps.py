from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EstatesConfig(AppConfig):
    name = "community.estates"
    label = "estates"
    verbose_name = _("Estates and homes")

    def ready(self) -> None:
        from community.core.services import register_app
        from community.estates.declaration import APP

        register_app(self.name, APP)
        # Tasks are queued by name, so they must be registered.
        from community.estates import tasks  # noqa: F401
