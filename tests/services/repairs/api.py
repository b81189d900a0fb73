"""Calls the API as somebody, and reads its problems."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from tests.factories import make_token


class Api:
    """Calls the API as somebody, with JSON in and out."""

    def __init__(self, user: User | None, *scopes: str) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}
        if user is not None:
            self.headers = make_token(user, *scopes)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(
            f"/api/v1/{path}", body, content_type="application/json", headers=self.headers
        )

    def upload(self, path: str, **body: Any) -> Any:
        return self.client.post(f"/api/v1/{path}", body, headers=self.headers)


def photo(name: str = "tap.jpg") -> SimpleUploadedFile:
    packed = BytesIO()
    Image.new("RGB", (400, 300), "#88aacc").save(packed, "JPEG")
    return SimpleUploadedFile(name, packed.getvalue(), content_type="image/jpeg")


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    body = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, "about:blank")
    assert body["title"]
    return body
