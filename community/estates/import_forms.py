"""Form for questions about a sheet: its columns, hidden rows, rooms turned into dates, buildings."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from community.estates.sheets.questions import LEAVE, NO, TAKE, YES
from community.estates.sheets.table import ALL_SHEETS

SAME, NEW = "same", "new"


class AnswersForm(forms.Form):
    """Form with a field for each question, built from the stored result of the check."""

    def __init__(self, questions: list[dict[str, Any]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for number, question in enumerate(questions):
            getattr(self, f"_ask_{question['kind']}")(number, question)

    def parts(self) -> list[dict[str, Any]]:
        """Returns the questions with their bound fields, for the page."""
        return [
            getattr(self, f"_part_{one['kind']}", self._part)(n, one) for n, one in enumerate(self.questions)
        ]

    def answers(self) -> dict[str, Any]:
        """Returns the answers as ``answer_import`` takes them."""
        answers: dict[str, Any] = {}
        for number, question in enumerate(self.questions):
            given = self.cleaned_data.get(f"question-{number}")
            if question["kind"] == "columns":
                answers |= self._columns(question)
            elif question["kind"] == "building":
                meant = question["likely"] if given == SAME else ""
                answers.setdefault("buildings", {})[question["written"]] = meant
            else:
                answers[question["kind"]] = given
        return answers

    def _part(self, number: int, question: dict[str, Any]) -> dict[str, Any]:
        return {**question, "field": self[f"question-{number}"]}

    def _radio(self, number: int, choices: list[tuple[str, str]], initial: str | None = None) -> None:
        self.fields[f"question-{number}"] = forms.ChoiceField(
            choices=choices, initial=initial, widget=UnfoldAdminRadioSelectWidget()
        )

    def _ask_sheet(self, number: int, question: dict[str, Any]) -> None:
        names = [(name, name) for name in question["names"]]
        self._radio(number, [*names, (ALL_SHEETS, _("All of them together"))])

    def _ask_hidden(self, number: int, question: dict[str, Any]) -> None:
        self._radio(number, [(TAKE, _("Import them too")), (LEAVE, _("Leave them out"))])

    def _ask_days(self, number: int, question: dict[str, Any]) -> None:
        self._radio(number, [(YES, _("Yes, these are the rooms")), (NO, _("No, I will correct the file"))])

    def _ask_building(self, number: int, question: dict[str, Any]) -> None:
        named = {"likely": question["likely"], "written": question["written"]}
        choices = [
            (SAME, _("It is %(likely)s") % named),
            (NEW, _("%(written)s is another building") % named),
        ]
        self._radio(number, choices, initial=SAME)

    # -- Columns

    def _ask_columns(self, _number: int, question: dict[str, Any]) -> None:
        ours = [(one["key"], one["heading"]) for one in question["fields"]]
        for column in question["columns"]:
            self.fields[f"column-{column['number']}"] = forms.ChoiceField(
                label=f"{column['letter']} {column['heading']}".strip(),
                choices=[("", _("Not needed")), *ours],
                required=False,
                initial=column["chosen"],
                widget=UnfoldAdminSelectWidget(),
            )
        for one in question["same"]:
            self.fields[f"same-{one['key']}"] = forms.CharField(
                label=_("%(heading)s is the same in all rows:") % one,
                max_length=30,
                required=False,
                widget=UnfoldAdminTextInputWidget(),
            )
        for one in question["lacking"]:
            self.fields[f"lacking-{one['key']}"] = forms.BooleanField(
                label=_("This sheet has no %(heading)s") % one, required=False, widget=UnfoldBooleanWidget()
            )

    def _part_columns(self, _number: int, question: dict[str, Any]) -> dict[str, Any]:
        columns = [{**one, "field": self[f"column-{one['number']}"]} for one in question["columns"]]
        more = [self[name] for name in self.fields if name.startswith(("same-", "lacking-"))]
        return {**question, "columns": columns, "more": more}

    def _columns(self, question: dict[str, Any]) -> dict[str, Any]:
        filled = self.cleaned_data
        return {
            "columns_of": question["sheet"],
            "columns": {str(one["number"]): filled[f"column-{one['number']}"] for one in question["columns"]},
            "headings": {str(one["number"]): one["heading"] for one in question["columns"] if one["heading"]},
            "same": {one["key"]: filled[f"same-{one['key']}"].strip() for one in question["same"]},
            "lacking": [one["key"] for one in question["lacking"] if filled[f"lacking-{one['key']}"]],
        }

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        for question in self.questions:
            if question["kind"] == "columns":
                self._check_columns(question, filled)
        return filled

    def _check_columns(self, question: dict[str, Any], filled: dict[str, Any]) -> None:
        chosen = [filled.get(f"column-{one['number']}", "") for one in question["columns"]]
        missing = []
        for ours in question["fields"]:
            key = ours["key"]
            if chosen.count(key) > 1:
                self.add_error(None, _("%(heading)s was chosen for two columns.") % ours)
            otherwise = filled.get(f"same-{key}") or filled.get(f"lacking-{key}")
            if (
                ours["needed"]
                and key not in chosen
                and not otherwise
                and ours["heading"] in question["missing"]
            ):
                missing.append(ours["heading"])
        if missing:
            self.add_error(None, _("Please say where %(headings)s is.") % {"headings": "、".join(missing)})
