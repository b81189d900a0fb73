"""Pages of the desk that take a verb on a row, and choose an estate."""

import json
from typing import Any

import pytest
from django import forms
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from accounts.models import User
from accounts.staff_pages import chosen_estate
from community.core.errors import ActionError, Forbidden
from community.estates.models import Estate
from services.common.verb_forms import VerbForm
from services.common.verb_pages import form_named, forms_for, page_before, take_verb
from tests.factories import make_estate

pytestmark = pytest.mark.django_db


class OpenForm(VerbForm):
    slug, verb = "open", "open_door"
    words = forms.CharField()

    def act(self, *, now: Any) -> None:
        if self.cleaned_data["words"] == "no":
            raise ActionError("stuck", "It is stuck.", field="words")
        if self.cleaned_data["words"] == "never":
            raise Forbidden


class ShutForm(VerbForm):
    slug, verb = "shut", "shut_door"


def posted(words: str, **more: str) -> Any:
    request = RequestFactory().post("/", {"words": words}, **more)
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


def taken(request: Any) -> HttpResponse:
    return take_verb(
        request,
        OpenForm(request.POST, by=User()),
        done=lambda: "Open.",
        back=lambda: "/door/",
        again=lambda form: HttpResponse(str(form.errors), status=422),
    )


def test_take_verb__done__goes_back_and_says_so():
    request = posted("yes")
    answer = taken(request)
    assert (answer.status_code, answer["Location"]) == (302, "/door/")
    assert [str(message) for message in request._messages] == ["Open."]


def test_take_verb__refused__shows_the_page_again_with_why():
    answer = taken(posted("no"))
    assert (answer.status_code, "It is stuck." in answer.content.decode()) == (422, True)


@pytest.mark.parametrize(("words", "status", "says"), [("yes", 200, "Open."), ("no", 422, "It is stuck.")])
def test_take_verb__for_a_script__is_json(words: str, status: int, says: str):
    answer = taken(posted(words, headers={"accept": "application/json"}))
    assert (answer.status_code, json.loads(answer.content)) == (status, {"message": says})


def test_take_verb__forbidden__is_no_error_of_the_form():
    with pytest.raises(Forbidden):
        taken(posted("never"))


def test_forms_for__what_was_tried__stays_though_it_cannot_be_taken_any_more():
    tried = OpenForm({"words": ""}, by=User())
    shown = forms_for([OpenForm, ShutForm], {"shut_door"}, lambda kind: kind(by=User()), tried=tried)
    assert shown[0] is tried
    assert [form.slug for form in shown] == ["open", "shut"]
    assert form_named([OpenForm, ShutForm], "shut") is ShutForm
    with pytest.raises(Http404):
        form_named([OpenForm, ShutForm], "sell")


@pytest.mark.parametrize("wanted", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_page_before__somewhere_else__is_the_default(wanted: str):
    assert page_before(RequestFactory().post("/", {"next": wanted}), "/door/") == "/door/"
    assert (
        page_before(RequestFactory().post("/", {"next": "/board/?estate=1"}), "/door/") == "/board/?estate=1"
    )


def test_chosen_estate__by_name_or_the_first__and_nobody_elses():
    one, other, foreign = (make_estate() for _n in range(3))
    ask: Any = RequestFactory()
    assert chosen_estate(ask.get("/"), [one, other]) == (one, [one, other])
    assert chosen_estate(ask.get(f"/?estate={other.pk}"), [one, other]) == (other, [one, other])
    assert chosen_estate(ask.post("/", {"estate": other.pk}), [one, other])[0] == other
    assert chosen_estate(ask.get("/"), [one]) == (one, [])
    for wanted in (foreign.pk, "x"):
        with pytest.raises(Http404):
            chosen_estate(ask.get(f"/?estate={wanted}"), [one, other])
    with pytest.raises(Forbidden):
        chosen_estate(ask.get("/"), Estate.objects.none())
