"""The API, described for people and for programs: one description a language, made once a process."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request

METHODS = ("get", "post", "put", "patch", "delete")


class Description(SchemaGenerator):  # type: ignore[misc]
    """The same for everybody: what may be asked does not depend on who reads it."""

    def get_schema(self, request: Request | None = None, public: bool = False) -> dict[str, Any]:
        return _schema(get_language())


@cache
def _schema(language: str | None) -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return schema


def api_docs(request: HttpRequest) -> HttpResponse:
    return render(request, "home/api.html", {"groups": _groups()})


def _groups() -> list[dict[str, Any]]:
    """Every operation under its tag, tags in the order of the addresses."""
    groups: dict[str, list[dict[str, str]]] = {}
    for path, operations in _schema(get_language())["paths"].items():
        for method in METHODS:
            if operation := operations.get(method):
                groups.setdefault(operation["tags"][0], []).append(
                    {"method": method.upper(), "path": path, "summary": operation.get("summary", "")}
                )
    return [{"tag": tag, "operations": found} for tag, found in groups.items()]
