"""Pages of the back office on which what is written needs the second factor given lately."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from accounts.second_factor.again import asks_again

_asks_again = method_decorator(asks_again)


class AsksAgain:
    """Mixin of an admin for rows that decide about rights or money."""

    @_asks_again
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc,no-any-return]

    @_asks_again
    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().delete_view(request, *args, **kwargs)  # type: ignore[misc,no-any-return]
