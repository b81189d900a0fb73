"""The API, described for people from the same schema that programs read."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

TAGS = ("me", "catalogue", "repairs", "jobs", "board", "fees", "care", "help")
METHODS = ("get", "post", "put", "patch", "delete")


def api_docs(request: HttpRequest) -> HttpResponse:
    return render(request, "home/api.html", {"groups": _groups()})


def _groups() -> list[dict[str, Any]]:
    schema = SchemaGenerator().get_schema(public=True)
    groups: dict[str, list[dict[str, Any]]] = {tag: [] for tag in TAGS}
    for path, operations in schema["paths"].items():
        for method in METHODS:
            operation = operations.get(method)
            tag = (operation or {}).get("tags", [""])[0]
            if operation and tag in groups:
                groups[tag].append(
                    {"method": method.upper(), "path": path, "summary": operation.get("summary", "")}
                )
    return [{"tag": tag, "operations": found} for tag, found in groups.items()]
