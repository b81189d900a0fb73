"""Import pages of the admin: choosing the file, questions, preview, confirmation and undo."""

import io
import json
from typing import Any, ClassVar
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ImportMixin
from import_export.formats.base_formats import XLSX
from openpyxl import Workbook
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from community.core import audit, clock
from community.core.admin_base import administration_of, estates_for
from community.core.sheets.text import is_table
from community.core.spreadsheets import REFUSALS
from community.core.transitions import AlreadyMoved
from community.estates import actions
from community.estates.import_forms import AnswersForm
from community.estates.imports import SheetImport
from community.estates.models import Estate, ImportRun

MAX_BYTES = 5 * 1024 * 1024
READ = ".xlsx,.xls,.ods,.csv,.txt"
# WPS saves .et as an old workbook with private parts that other readers ignore.
NOT_READ = (".et", ".ett", ".numbers")
FIRST_BYTES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
# Seconds after which the page of a working run reloads.
REFRESH = "2"
MAX_LISTED = 20


class SheetForm(forms.Form):
    estate = forms.ModelChoiceField(
        Estate.objects.none(), label=gettext_lazy("Estate"), widget=UnfoldAdminSelectWidget()
    )
    import_file = forms.FileField(
        label=gettext_lazy("File"), widget=UnfoldAdminFileFieldWidget(attrs={"accept": READ})
    )

    def clean_import_file(self) -> Any:
        """Refuses files that are too large or neither a workbook by their first bytes nor a text table."""
        upload = self.cleaned_data["import_file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than 5 MB."))
        content = upload.read()
        upload.seek(0)
        is_read = content.startswith(FIRST_BYTES) or is_table(content)
        if upload.name.lower().endswith(NOT_READ) or not is_read:
            raise forms.ValidationError(REFUSALS["not_a_workbook"])
        return upload

    def answers(self) -> dict[str, Any]:
        """Returns the values of further fields by name, in a form that JSON can hold."""
        return {}


class ConfirmSheetForm(forms.Form):
    """Choices of the confirmation page; each field is passed to the import by its name.

    ``outcome`` is the result of the check, with which a choice may be compared. Fields in ``asked`` are drawn
    from the form; the page draws others by itself.
    """

    asked: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, outcome: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcome = outcome

    def asked_fields(self) -> list[Any]:
        """Returns the bound fields that the page draws."""
        return [self[name] for name in self.asked]


class SheetImportAdmin(ImportMixin):
    """Mixin for an ``EstateScopedAdmin`` whose list can be imported with ``sheet_import``."""

    sheet_import: type[SheetImport]
    start_form_class = SheetForm
    confirm_form_class = ConfirmSheetForm

    @property
    def kind(self) -> str:
        return str(self.model._meta.label_lower)  # type: ignore[attr-defined]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "import")  # type: ignore[attr-defined]

    def importable_estates(self, request: HttpRequest) -> QuerySet[Estate]:
        if administration_of(request):
            return Estate.objects.all()
        return Estate.objects.filter(pk__in=estates_for(request, self.right("import")))  # type: ignore[attr-defined]

    def get_urls(self) -> list[Any]:
        """Replaces the two pages of import_export, which read the file inside the request."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"  # type: ignore[attr-defined]
        wrap = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [
            path("import/", wrap(self.import_action), name=f"{name}_import"),
            path("import/template/", wrap(self.template_view), name=f"{name}_template"),
            path("import/<int:pk>/", wrap(self.run_view), name=f"{name}_import_run"),
            path("import/<int:pk>/confirm/", wrap(self.confirm_view), name=f"{name}_import_confirm"),
            path("import/<int:pk>/answer/", wrap(self.answer_view), name=f"{name}_import_answer"),
            path("import/<int:pk>/undo/", wrap(self.undo_view), name=f"{name}_import_undo"),
            path("import/<int:pk>/drop/", wrap(self.drop_view), name=f"{name}_import_drop"),
            *super(ImportMixin, self).get_urls(),
        ]

    def _address(self, name: str, *args: Any) -> str:
        opts = self.opts  # type: ignore[attr-defined]
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_{name}", args=args)

    def list_address(self) -> str:
        """Returns the address of the page on which the imported rows stand."""
        return self._address("changelist")

    def _page(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        site, opts = self.admin_site, self.opts  # type: ignore[attr-defined]
        context = {**site.each_context(request), "title": _("Import"), "opts": opts, **context}
        return TemplateResponse(request, template, context)

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Asks for the estate and the file, which is read in the background; lists earlier imports."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = self.start_form_class(request.POST or None, request.FILES or None)
        estates = self.importable_estates(request)
        form.fields["estate"].queryset = estates  # type: ignore[attr-defined]
        if len(estates) == 1:
            form.fields["estate"].initial = estates[0]
        if request.method == "POST" and form.is_valid():
            upload = form.cleaned_data["import_file"]
            run = actions.start_import(
                estate=form.cleaned_data["estate"],
                kind=self.kind,
                upload=actions.Upload(upload.read(), upload.name[:100], form.answers()),
                by=request.user,
                address=audit.address_of(request),
                now=clock.now(),
            )
            return HttpResponseRedirect(self._address("import_run", run.pk))
        media = self.media + form.media  # type: ignore[attr-defined]
        return self._page(
            request,
            "admin/import_export/import.html",
            form=form,
            media=media,
            earlier=self._earlier(estates),
            template_url=self._address("template"),
        )

    def _earlier(self, estates: QuerySet[Estate]) -> list[dict[str, Any]]:
        runs = ImportRun.objects.finished().filter(kind=self.kind, estate__in=estates)
        return [
            {
                "run": run,
                "url": self._address("import_run", run.pk),
                "totals": json.loads(run.outcome).get("totals", {}),
            }
            for run in runs.select_related("estate", "started_by")[:MAX_LISTED]
        ]

    def _run(self, request: HttpRequest, pk: int) -> ImportRun:
        """Returns the user's own run or a finished one of a colleague, which holds no rows."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        runs = ImportRun.objects.visible_to(request.user) | ImportRun.objects.finished()
        runs = runs.filter(kind=self.kind, estate__in=self.importable_estates(request))
        return get_object_or_404(runs, pk=pk)

    def run_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Shows the progress, questions, preview, errors or result of a run."""
        return self._run_page(request, self._run(request, pk))

    def _run_page(
        self,
        request: HttpRequest,
        run: ImportRun,
        form: AnswersForm | None = None,
        confirm_form: ConfirmSheetForm | None = None,
    ) -> HttpResponse:
        outcome, pk = _outcome(run), run.pk
        if form is None and run.status == ImportRun.Status.ASKING:
            form = AnswersForm(outcome["questions"])
        answer = self._page(
            request,
            "admin/import_export/import_run.html",
            run=run,
            outcome=outcome,
            answers_form=form,
            confirm_form=confirm_form or self.confirm_form_class(outcome=outcome),
            is_own=run.started_by_id == request.user.pk,
            progress=actions.progress_of(run) if run.is_working else None,
            confirm_url=self._address("import_confirm", pk),
            answer_url=self._address("import_answer", pk),
            undo_url=self._address("import_undo", pk),
            drop_url=self._address("import_drop", pk),
            import_url=self._address("import"),
            list_url=self.list_address(),
        )
        if run.is_working:
            answer["Refresh"] = REFRESH
        answer["Cache-Control"] = "no-store"
        return answer

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Takes answers to the questions, or reopens the question about columns."""
        run = self._run(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(self._address("import_run", pk))
        answers: dict[str, Any] = {}
        if run.status == ImportRun.Status.ASKING:
            form = AnswersForm(json.loads(run.outcome)["questions"], request.POST)
            if not form.is_valid():
                return self._run_page(request, run, form)
            answers = form.answers()
        elif run.status == ImportRun.Status.READY and "columns" in request.POST:
            answers = {"ask_columns": True}
        # A second request finds the questions answered.
        if answers:
            try:
                actions.answer_import(run=run, answers=answers, by=request.user, now=clock.now())
            except AlreadyMoved as error:
                messages.error(request, str(error.message))
        return HttpResponseRedirect(self._address("import_run", pk))

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Undoes the whole import."""
        run = self._run(request, pk)
        if request.method == "POST":
            address = audit.address_of(request)
            try:
                actions.undo_import(run=run, by=request.user, address=address, now=clock.now())
            except AlreadyMoved as error:
                messages.error(request, str(error.message))
        return HttpResponseRedirect(self._address("import_run", pk))

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirms the import; a GET, as after signing in again, leads to the run's page."""
        run = self._run(request, pk)
        form = self.confirm_form_class(request.POST, outcome=_outcome(run))
        if request.method == "POST" and run.status == ImportRun.Status.READY and not form.is_valid():
            return self._run_page(request, run, confirm_form=form)
        if request.method == "POST" and form.is_valid():
            try:
                actions.confirm_import(run=run, answers=form.cleaned_data, by=request.user, now=clock.now())
            except AlreadyMoved as error:
                messages.error(request, str(error.message))
        return HttpResponseRedirect(self._address("import_run", pk))

    def drop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Deletes the file and its rows without importing."""
        run = self._run(request, pk)
        kept = (ImportRun.Status.WRITING, *ImportRun.FINISHED)
        if request.method == "POST" and run.status not in kept:
            actions.forget_import(run=run)
            messages.success(request, _("Nothing was imported. The file is deleted."))
        return HttpResponseRedirect(self._address("import"))

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """Returns an empty sheet with the headings."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append([column.heading for column in self.sheet_import.columns])
        sheet.freeze_panes = "A2"
        packed = io.BytesIO()
        book.save(packed)
        answer = HttpResponse(packed.getvalue(), content_type=XLSX.CONTENT_TYPE)
        name = _("%(list)s import template") % {"list": self.opts.verbose_name}  # type: ignore[attr-defined]
        plain = f"{self.opts.model_name}-template.xlsx"  # type: ignore[attr-defined]
        # Clients without RFC 5987 use the plain name.
        answer["Content-Disposition"] = (
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(f'{name}.xlsx')}"
        )
        return answer


def _outcome(run: ImportRun) -> dict[str, Any]:
    outcome: dict[str, Any] = json.loads(run.outcome) if run.outcome else {}
    return outcome
