"""What a password may be, and the fields in which one is typed."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.forms import NewPasswordForm, OwnPasswordForm, StaffSignInForm
from accounts.models import User

STAFF = User(username="wuyanqing", name="吴燕")


@pytest.mark.parametrize(
    "typed",
    [
        "kuai9zhi!",  # nine characters
        "qwertyuiop",  # common
        "2026112330",  # only digits
        "wuyanqing99",  # the name for signing in
        "Linli@2026!",
        "wuye_admin_888",
        "邻里物业管理２０２６",
        "Password-Staff",
    ],
)
def test_password__easily_guessed__is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(typed, STAFF)


@pytest.mark.parametrize(
    "typed",
    [
        "kuai9zhi!!",
        "all lower case letters",
        "一二三四五六七八九十",
        "wuye yong de zihao",
        "ß" * 128,
        "🔑" * 30,
    ],
)
def test_password__of_any_characters__is_taken(typed: str) -> None:
    validate_password(typed, STAFF)
    form = NewPasswordForm({"password": typed, "again": typed})
    assert form.is_valid()
    assert form.cleaned_data["password"] == typed


@pytest.mark.parametrize("kind", [StaffSignInForm, NewPasswordForm, OwnPasswordForm])
def test_field_of_a_password__is_hidden_and_open_to_managers(kind: type) -> None:
    fields = [field for name, field in kind().fields.items() if name in {"password", "again", "old"}]
    assert fields
    for field in fields:
        assert field.widget.input_type == "password"
        assert field.widget.attrs["autocomplete"] in {"current-password", "new-password"}
        assert set(field.widget.attrs) <= {"autocomplete", "maxlength"}
        assert field.max_length >= 64
