import sys
from pathlib import Path

from django.apps import AppConfig, apps
from django.db.models.signals import post_save
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
        from community.core import admin_lists, audit, checks, code_words, metrics, tasks, typed_fields  # noqa: F401
        from community.core.search import keys
        from community.core.transitions import StatusChange

        for model in apps.get_models():
            if issubclass(model, StatusChange):
                post_save.connect(
                    audit.record_on_behalf, sender=model, dispatch_uid=f"audit.{model._meta.label}"
                )
                if model.is_counted:
                    post_save.connect(
                        metrics.count_step, sender=model, dispatch_uid=f"steps.{model._meta.label}"
                    )
        post_save.connect(metrics.count_act, sender="core.AuditRecord", dispatch_uid="acts")
        typed_fields.install()
        admin_lists.lighten()
        code_words.name_fields()
        keys.connect()
        # Commands run the checks, and say all that is wrong.
        if Path(sys.argv[0]).name != "manage.py":
            checks.refuse_to_start()
