"""Fields that nobody asked for change nothing: sent with each form and each call of the API.

Beside what an address takes, each is sent the names of all columns that decide who may do what, whose a row is, how it
stands, what it costs and when it was. None of the values may reach the database.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.db import connection, transaction
from django.http import QueryDict
from django.test import RequestFactory
from rest_framework import serializers

from accounts.models import StaffRole, User
from community.core import encryption, limits
from tests.support.access_rows import API_ROWS, ROWS, api_headers
from tests.support.asked import WRITES
from tests.support.lean import LeanClient
from tests.support.swept import address
from tests.support.world import World
from tests.test_typed_fields import _everything_is_imported, subclasses  # noqa: F401

pytestmark = pytest.mark.once

OURS = ("accounts", "community", "services")
# Names of columns that decide over a row or a person.
DECIDES = re.compile(
    r"(is_\w+|groups|user_permissions|password|roles?|users?|owner|author|carer|worker|resident|payer|home|estate"
    r"|merchant|status|state|reference|\w*fen|\w+_by|\w+_at|id)(_id)?$"
)
SENT = "987654321"


def names_that_decide() -> set[str]:
    columns = {
        name
        for model in apps.get_models()
        if model.__module__.split(".")[0] in OURS
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    }
    return {name for name in columns if DECIDES.match(name)} | {"amount", "pk"}


class Watched:
    """What a request takes by name, and what it writes: values of statements, and texts before encryption."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self.written: list[str] = []

    @contextmanager
    def on(self) -> Iterator["Watched"]:
        with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(self._statement):
            self._note(patch, forms.BaseForm, "full_clean", lambda form: map(form.add_prefix, form.fields))
            self._note(patch, serializers.Serializer, "run_validation", lambda one, *_data: one.fields)
            for method in ("get", "getlist", "__getitem__"):
                self._note(patch, QueryDict, method, lambda _data, name, *_more: [name])
            seal = encryption.encrypt
            patch.setattr(
                encryption, "encrypt", lambda text, column: self._text(text) or seal(text, column=column)
            )
            yield self

    def _note(self, patch: pytest.MonkeyPatch, kind: type, method: str, names: Callable[..., Any]) -> None:
        original = getattr(kind, method)

        def noted(one: Any, *args: Any, **kwargs: Any) -> Any:
            self.taken.update(names(one, *args))
            return original(one, *args, **kwargs)

        patch.setattr(kind, method, noted)

    def _text(self, text: str) -> None:
        self.written.append(text)

    def _statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITES.match(sql):
            self.written.append(str(params))
        return execute(sql, params, many, context)


class Sender:
    """Somebody who may send to an address, at their browser and with their token."""

    def __init__(self, world: World, standing: str) -> None:
        self.world, person = world, world.people[standing]
        self.browser, self.program = LeanClient(), LeanClient(headers=api_headers(person))
        self.browser.force_login(person)
        self.cookies = dict(self.browser.cookies)

    def send(self, name: str, body: dict[str, Any]) -> tuple[int, Watched]:
        """The status of the answer and what was taken and written; all of it is undone."""
        url = address(name, ROWS[name], self.world)
        with transaction.atomic(), Watched().on() as watched:
            if name in API_ROWS:
                answer = self.program.post(url, body, content_type="application/json")
            else:
                answer = self.browser.post(url, body)
            transaction.set_rollback(True)
        self.browser.cookies.clear()
        self.browser.cookies.update(self.cookies)
        return answer.status_code, watched


def posted() -> Iterator[tuple[str, str]]:
    """Each address that takes something, and one whom it lets in."""
    for name, row in ROWS.items():
        who = sorted(row.who - {"anonymous"})
        if row.method == "post" and who:
            yield name, who[0]


def test_address__sent_names_of_columns_too__does_nothing_with_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "hit", lambda *args, **kwargs: None)
    monkeypatch.setattr(limits, "hit_all", lambda *args, **kwargs: None)
    senders: dict[str, Sender] = {}
    columns, wrong, done = names_that_decide(), [], 0
    assert {"is_superuser", "user_id", "estate", "status", "amount_fen", "created_at"} <= columns
    for name, standing in posted():
        if standing not in senders:
            senders[standing] = Sender(world, standing)
        body = ROWS[name].data(world)
        status, plain = senders[standing].send(name, body)
        if not plain.written:
            continue
        more = dict.fromkeys(columns - plain.taken - set(body), SENT)
        assert len(more) > 50
        again, watched = senders[standing].send(name, more | body)
        done += again < 400
        found = [text for text in watched.written if SENT in text]
        if again != status or found:
            wrong.append(f"{name} as {standing}: {status}, then {again} {found}")
    assert not wrong, "\n".join(wrong)
    assert done > 60


# Forms and serializers that take such a name, and what for; the rows are looked up among those that the sender may see.
FOR_OTHERS = {"CounterForm", "DepositForm", "MoveForm", "PayerForm", "PaySerializer"}
TAKERS: dict[str, set[str]] = {
    "estate": {
        *("NewAccountForm", "NewLineForm", "PersonOfHomeForm", "RegisterForm", "RoleForm", "SheetForm"),
        *("MerchantForm", "ReadingSheetForm", "CalendarDayForm", "ClosureForm", "YearForm", "RobotForm"),
        *("WriteSerializer", "FeedbackWriteSerializer", "FeedbackWriteNamedSerializer"),
        *("DeskFilters", "ListFilters", "BoardFilters"),
    },
    "role": {"RoleForm"},
    "roles": {"NewAccountForm"},
    "password": {"PersonForm", "NewPasswordForm", "OwnPasswordForm", "StaffSignInForm"},
    "user": {"LeaveForm", "ShiftForm"},
    "carer": {"ArrangeForm", "ListFilters"},
    "worker": {"AssignForm", "AssignSerializer", "BoardFilters"},
    "payer": FOR_OTHERS,
    "resident": {
        *(
            "NewBookingSerializer",
            "FeedbackWriteNamedSerializer",
            "NewHelpCallSerializer",
            "ReportSerializer",
        ),
    },
    # The answer to a dispute; the others narrow lists.
    "status": {"AnswerForm", "DeskFilters", "ListFilters", "BoardFilters"},
    "reference": {"ListFilters", "BoardFilters"},
    # What is charged, waived, banked, paid out or agreed to.
    "amount": {
        *("AnswerForm", "ChargeForm", "WaiverForm", "BankForm", "DepositBackForm", "DepositForm"),
        *("PayoutForm", "LineForm"),
    },
    "amounts": {"PayBackSerializer", "PaySerializer"},
    "amount_fen": {"ShareForm"},
    "prepayment_fen": {"PayBackSerializer"},
    "prepaid_fen": {"ControlTotalsForm"},
    "arrears_fen": {"ControlTotalsForm"},
    "fen": {"QuoteForm", "AnswerQuoteForm", "QuoteSerializer", "QuoteAnswerSerializer"},
}
NAMED = re.compile(
    r"(is_superuser|is_staff|is_active|groups|user_permissions|password|roles?|users?|owner|author|carer|worker"
    r"|resident|payer|estate|merchant|status|reference|amounts?|(\w+_)?fen|\w+_by|created_at|status_changed_at|pk|id)"
    r"(_id)?$"
)


@pytest.mark.usefixtures("_everything_is_imported")
def test_forms_and_serializers__that_take_such_names__are_known() -> None:
    found: dict[str, set[str]] = {}
    for kind in {*subclasses(forms.BaseForm), *subclasses(serializers.Serializer)}:
        if kind.__module__.split(".")[0] not in OURS:
            continue
        is_form = issubclass(kind, forms.BaseForm)
        fields = getattr(kind, "base_fields", {}) if is_form else kind().fields
        for name, field in fields.items():
            if NAMED.match(name) and not getattr(field, "read_only", False):
                found.setdefault(name, set()).add(kind.__name__)
    assert found == TAKERS


def test_serializers__none__takes_all_columns() -> None:
    kinds = [
        kind for kind in subclasses(serializers.ModelSerializer) if kind.__module__.split(".")[0] in OURS
    ]
    assert [kind for kind in kinds if kind.Meta.fields == serializers.ALL_FIELDS] == []


@pytest.mark.parametrize("role", StaffRole.Role.values)
def test_office_form_of_a_person__as_each_role__takes_no_rights(role: str, world: World) -> None:
    request = RequestFactory().get("/")
    request.user = world.people[role]
    office = admin.site._registry[User]
    taken = set(office.get_form(request).base_fields)
    assert not taken & {"is_superuser", "is_staff", "is_active", "groups", "user_permissions", "password"}
