from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from community.core import audit_words


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts.declaration import APP
        from community.core.services import register_app

        register_app(self.name, APP)
        # Models can be imported only when all apps are loaded.
        from accounts import handlers
        from accounts.models import Checked, Consent, StaffRole

        handlers.connect()
        handlers.watch_rows()
        audit_words.register_words({"app": _("App with codes"), "passkey": _("Passkey")})
        for choices in (Checked, StaffRole.Role, Consent.Purpose, Consent.Way):
            audit_words.register_words(dict(choices.choices))
