"""Excel in, in the back office: choose the estate and the file, see every row, then all or nothing."""

import base64
import io
import zipfile
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportMixin
from import_export.formats.base_formats import XLSX
from import_export.forms import ConfirmImportForm
from import_export.tmp_storages import CacheStorage
from openpyxl import Workbook
from unfold.contrib.import_export.forms import ImportForm
from unfold.widgets import UnfoldAdminSelectWidget

from community.core import audit
from community.core.encryption import decrypt, encrypt
from community.core.office import estates_for
from community.estates.models import Estate

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 80 * 1024 * 1024


class Forgotten(Exception):
    """The sheet is gone: imported already, or its half hour is over."""


class ForgetfulStorage(CacheStorage):
    """A sheet of names and numbers waits for the yes, sealed, at most half an hour."""

    CACHE_LIFETIME = 1800

    def save(self, data: bytes) -> None:
        super().save(encrypt(base64.b64encode(data).decode(), column="import"))

    def read(self) -> bytes:
        sealed = super().read()
        if not sealed:
            raise Forgotten
        return base64.b64decode(decrypt(sealed, column="import"))


class SheetForm(ImportForm):
    estate = forms.ModelChoiceField(
        Estate.objects.none(), label=_("Estate"), widget=UnfoldAdminSelectWidget()
    )
    field_order = ["estate", "import_file", "format", "resource"]

    def clean_import_file(self) -> Any:
        """Refuse what is too large, also after unpacking: a workbook is a zip."""
        upload = self.cleaned_data["import_file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is larger than 5 MB."))
        try:
            unpacked = sum(part.file_size for part in zipfile.ZipFile(upload).infolist())
        except zipfile.BadZipFile as error:
            raise forms.ValidationError(_("This is not an Excel file (.xlsx).")) from error
        upload.seek(0)
        if unpacked > MOST_UNPACKED:
            raise forms.ValidationError(_("This file unpacks to more than it should."))
        return upload


class ConfirmSheetForm(ConfirmImportForm):
    estate = forms.ModelChoiceField(Estate.objects.none(), widget=forms.HiddenInput())


class OfficeImport(ImportMixin):
    """Mixed into an ``OfficeAdmin``; ``import_resource_classes`` holds one ``SheetImport``."""

    import_form_class = SheetForm
    confirm_form_class = ConfirmSheetForm
    tmp_storage_class = ForgetfulStorage
    skip_admin_log = True
    import_resource_classes: list[Any] = []

    def get_import_formats(self) -> list[Any]:
        return [XLSX]

    def get_import_resource_classes(self, request: HttpRequest) -> list[Any]:
        return self.import_resource_classes

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "import")  # type: ignore[attr-defined]

    def importable_estates(self, request: HttpRequest) -> QuerySet[Estate]:
        if request.user.is_superuser:  # type: ignore[union-attr]
            return Estate.objects.all()
        return Estate.objects.filter(pk__in=estates_for(request, self.right("import")))  # type: ignore[attr-defined]

    def create_import_form(self, request: HttpRequest) -> Any:
        form = super().create_import_form(request)
        estates = self.importable_estates(request)
        form.fields["estate"].queryset = estates
        if len(estates) == 1:
            form.fields["estate"].initial = estates[0]
        return form

    def create_confirm_form(self, request: HttpRequest, import_form: Any = None) -> Any:
        form = super().create_confirm_form(request, import_form=import_form)
        form.fields["estate"].queryset = self.importable_estates(request)
        return form

    def get_confirm_form_initial(self, request: HttpRequest, import_form: Any) -> dict[str, Any]:
        initial = super().get_confirm_form_initial(request, import_form)
        if import_form:
            initial["estate"] = import_form.cleaned_data["estate"].pk
        return initial

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        given = super().get_import_resource_kwargs(request, **kwargs)
        given.pop("form", None)
        form = kwargs.get("form")
        chosen = (
            form.cleaned_data.get("estate") if form is not None and hasattr(form, "cleaned_data") else None
        )
        return {**given, "estate": chosen}

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Whatever is wrong with one row, no row is written."""
        kwargs = super().get_import_data_kwargs(**kwargs)
        kwargs.pop("request", None)
        return {**kwargs, "rollback_on_validation_errors": True, "use_transactions": True}

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The yes; one that comes too late, or by a fresh sign-in, begins again with the file."""
        try:
            if request.method == "POST":
                return super().process_import(request, **kwargs)
        except Forgotten:
            pass
        late = _(
            "The file is no longer kept here: at most half an hour, and only until it is imported. "
            "If it has not been imported yet, please upload it again."
        )
        messages.error(request, str(late))
        return HttpResponseRedirect("../import/")

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            messages.error(
                request, str(_("Nothing was imported: the data has changed meanwhile. Please look again."))
            )
            return HttpResponseRedirect("../import/")
        detail = {kind: count for kind, count in result.totals.items() if count}
        action = f"import.{self.model._meta.label_lower}"  # type: ignore[attr-defined]
        # The form has found this number among the estates that one may import into.
        estate = int(request.POST["estate"])
        audit.record(action, by=request.user, estate_id=estate, request=request, **detail)
        return super().process_result(result, request)

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_template"  # type: ignore[attr-defined]
        view = self.admin_site.admin_view(self.template_view)  # type: ignore[attr-defined]
        return [path("import/template/", view, name=name), *super().get_urls()]

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """An empty sheet with the headings, to fill in."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(
            [field.column_name for field in self.import_resource_classes[0]().get_user_visible_fields()]
        )
        sheet.freeze_panes = "A2"
        packed = io.BytesIO()
        book.save(packed)
        answer = HttpResponse(packed.getvalue(), content_type=XLSX.CONTENT_TYPE)
        answer["Content-Disposition"] = f'attachment; filename="{self.model._meta.model_name}-template.xlsx"'  # type: ignore[attr-defined]
        return answer

    def get_import_context_data(self, **kwargs: Any) -> dict[str, Any]:
        opts = self.opts  # type: ignore[attr-defined]
        return {"template_url": reverse(f"admin:{opts.app_label}_{opts.model_name}_template")}
