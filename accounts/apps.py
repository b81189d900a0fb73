from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _

from accounts.weeks import note_week
from community.core import audit_words


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        user_logged_in.connect(note_week, dispatch_uid="accounts.note_week")
        # Their models can be imported only now.
        from accounts import handlers
        from accounts.models import ApiToken, Checked, Delegation, StaffRole

        handlers.connect()
        for choices in (Checked, StaffRole.Role, Delegation.Service, ApiToken.Scope):
            audit_words.register_words(dict(choices.choices))
