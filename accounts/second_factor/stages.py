"""Stages of signing in as staff after the password: give the second factor, or set one up.

Nobody is signed in before the last stage is done: until then the session holds a pending login alone, so no
other address can be opened meanwhile.
"""

from allauth.account.stages import LoginStage
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.policies import is_staff_person
from accounts.second_factor.factors import has_factor


class GiveFactorStage(AuthenticateStage):
    """Asks for the factor that the person has."""

    urlname = "staff_factor"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if not isinstance(user, User) or not is_staff_person(user) or not has_factor(user):
            return None, True
        return redirect(self.urlname), True


class SetUpFactorStage(LoginStage):
    """Has staff without a factor set one up, before their first page."""

    key = "set_up_factor"
    urlname = "staff_factor_setup"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if not isinstance(user, User) or not is_staff_person(user) or has_factor(user):
            return None, True
        return redirect(self.urlname), True
