from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "community.core"
    label = "core"
    verbose_name = _("Audit")

    def ready(self) -> None:
        from community.core.declaration import APP
        from community.core.services import register_app

        register_app(self.name, APP)
        # Checks register on import; tasks are queued by name, so they must be registered.
        from community.core import admin_lists, checks, code_words, tasks, typed_fields  # noqa: F401
        from community.core.search import keys

        typed_fields.install()
        admin_lists.lighten()
        code_words.name_fields()
        keys.connect()
