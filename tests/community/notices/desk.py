"""The desk as it writes a notice, by its page and by the API."""

from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.support.access_rows import api_headers


def estate_of(user: User) -> Any:
    return user.staff_roles.get().estate


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def given(**changes: Any) -> dict[str, Any]:
    fields = {
        "key": str(uuid4()),
        "title": "明天停水",
        "kind": "water",
        "body": "请储水。",
        "scope": "estate",
    }
    return fields | changes


def write(user: User, **changes: Any) -> Any:
    return signed_in(user).post(reverse("staff_notice_new"), given(**changes))


def api(user: User, name: str, data: dict[str, Any], *args: Any) -> Any:
    client = Client(headers=api_headers(user) | {"accept-language": "zh-CN"})
    return client.post(reverse(name, args=args), data, content_type="application/json")
