"""The session of staff, which ends at a fixed time."""

from datetime import datetime, timedelta

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest

from accounts.middleware import BY_PASSWORD
from accounts.models import User
from accounts.policies import FIELD_ROLES, roles_of
from accounts.second_factor.given import METHOD, has_factor, note_given

# Marks a session of staff, known without a query.
STAFF_SESSION = "is_staff"
# Marks a session without a lock, on the phone of somebody who works in the field.
NEVER_LOCKS = "never_locks"
# Marks a pending login of allauth after a right password.
PASSWORD_GIVEN = {"by_password": True}
# Marks a sign-in of a resident by WeChat.
BY_WECHAT = {"by_wechat": True}
# Key of a pending login's state: the hash of the person's sessions at that moment.
MADE_FOR = "made_for"


def enter_as_staff(request: HttpRequest, user: User, now: datetime, *, is_known: bool = False) -> None:
    """Starts a staff session that ends at a fixed time.

    It locks when nobody is there, but for people with roles in the field alone in a browser that is known as theirs
    (``is_known``).
    """
    given = get_authentication_records(request, user)
    login(request, user, backend=BY_PASSWORD)
    # A new session was begun if somebody else was signed in.
    for record in given if not has_factor(request.session) else ():
        if record["method"] == METHOD:
            note_given(request, user, kind=record.get("type", ""))
    request.session[STAFF_SESSION] = True
    if is_known and not user.administration and roles_of(user) <= FIELD_ROLES:
        request.session[NEVER_LOCKS] = True
    request.session.set_expiry(now + timedelta(seconds=settings.STAFF_SESSION_AGE))
