"""The API, described for people and for programs: one description a language, made once a process."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_supported_language_variant, override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework.request import Request

METHODS = ("get", "post", "put", "patch", "delete")


class Description(SchemaGenerator):  # type: ignore[misc]
    """The same for everybody: what may be asked does not depend on who reads it."""

    def get_schema(self, request: Request | None = None, public: bool = False) -> dict[str, Any]:
        return _schema()


class WrittenOnce(OpenApiYamlRenderer):  # type: ignore[misc]
    """Writes each description down once: thousands of lines, the same for everybody."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        for language, schema in list(_schemas.items()):
            if schema is data:
                if language not in _written:
                    _written[language] = super().render(data, *args, **kwargs)
                return _written[language]
        answer: bytes = super().render(data, *args, **kwargs)
        return answer


_schemas: dict[str, dict[str, Any]] = {}
_written: dict[str, bytes] = {}


def _schema() -> dict[str, Any]:
    """Returns the API schema in the active language, or in the default one for a language that we do not
    support.
    """
    try:
        language = get_supported_language_variant(get_language() or "")
    except LookupError:
        language = settings.LANGUAGE_CODE
    if language not in _schemas:
        with override(language):
            _schemas[language] = SchemaGenerator().get_schema(public=True)
    return _schemas[language]


def api_docs(request: HttpRequest) -> HttpResponse:
    return render(request, "home/api.html", {"groups": _groups()})


def _groups() -> list[dict[str, Any]]:
    """Every operation under its tag, tags in the order of the addresses."""
    groups: dict[str, list[dict[str, str]]] = {}
    for path, operations in _schema()["paths"].items():
        for method in METHODS:
            if operation := operations.get(method):
                groups.setdefault(operation["tags"][0], []).append(
                    {"method": method.upper(), "path": path, "summary": operation.get("summary", "")}
                )
    return [{"tag": tag, "operations": found} for tag, found in groups.items()]
