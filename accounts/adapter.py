"""Adapter that tells allauth how we store and send phone numbers."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import actions
from accounts.devices import known_device
from accounts.forms import PhoneField
from accounts.models import User
from accounts.policies import is_staff_person
from accounts.staff_session import BY_WECHAT, PASSWORD_GIVEN, enter_as_staff
from community.core import audit, clock
from community.notifications import sms


class PhoneAccountAdapter(DefaultAccountAdapter):
    """Sign-in by number and code only: no sign-up and no e-mail addresses."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def get_user_by_phone(self, phone: str) -> User | None:
        return User.objects.with_phone(phone).first()

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified_at is not None) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        actions.change_number(user=user, phone=phone, by=user, is_verified=verified, now=clock.now())

    def set_phone_verified(self, user: User, phone: str) -> None:
        """Records the checked number and gives the homes that the roster lists under it."""
        now = clock.now()
        actions.verify_phone(user=user, now=now)
        actions.claim_roster_homes(user=user, now=now)

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        sms.send_code(phone=phone, code=code)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Adds no message: our own pages show them."""

    def get_login_stages(self) -> list[str]:
        """Returns what each sign-in goes through; both pass whoever is not concerned."""
        return [
            "allauth.account.stages.LoginByCodeStage",
            "accounts.second_factor.stages.GiveFactorStage",
            "accounts.second_factor.stages.SetUpFactorStage",
        ]

    def login(self, request: HttpRequest, user: Any) -> None:
        """Starts the session once every stage is done: a working day for staff."""
        if is_staff_person(user):
            now = clock.now()
            is_known = bool(known_device(request, user))
            if user.last_login is not None and not is_known:
                actions.tell_of_new_place(user=user, now=now)
            enter_as_staff(request, user, now, is_known=is_known)
            audit.record("sign_in", by=user, target=user, request=request, way="password")
        else:
            super().login(request, user)

    def pre_login(
        self,
        request: HttpRequest,
        user: User,
        *,
        signal_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> HttpResponse | None:
        """Refuses a code or WeChat from people with staff powers, who sign in with a password, and from locked
        numbers.
        """
        if user.is_active and (not is_staff_person(user) or signal_kwargs == PASSWORD_GIVEN):
            return None
        clear_login(request)
        way = "wechat" if signal_kwargs == BY_WECHAT else "code"
        audit.record("sign_in", by=None, target=user, outcome="refused", request=request, way=way)
        if not user.is_active:
            messages.error(request, _("This number is locked. Please call us."))
            return redirect("sign_in")
        messages.info(request, _("Staff sign in with name and password."))
        return redirect("staff_sign_in")
