from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _

from accounts.weeks import note_week
from community.core import audit_words


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts.declaration import APP
        from community.core.services import register_app

        register_app(self.name, APP)
        user_logged_in.connect(note_week, dispatch_uid="accounts.note_week")
        # Their models can be imported only now.
        from accounts import handlers
        from accounts.models import Checked, StaffRole

        handlers.connect()
        for choices in (Checked, StaffRole.Role):
            audit_words.register_words(dict(choices.choices))
