"""Sheets, and the pages that take them in, for the tests of imports."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from community.estates.models import Estate, ImportRun
from community.estates.tasks import carry_on_import

HOMES = ["楼栋", "单元", "房号", "楼层", "建筑面积"]
ROSTER = ["楼栋", "单元", "房号", "姓名", "手机号", "身份"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GOOD = (HOMES, ["1号楼", "1单元", "501", 5, 98.5])


def sheet(*rows: list[Any], name: str = "homes.xlsx") -> SimpleUploadedFile:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    packed = BytesIO()
    book.save(packed)
    return SimpleUploadedFile(name, packed.getvalue(), content_type=XLSX)


def choose(client: Client, model: str, estate: Estate, upload: SimpleUploadedFile, **more: str) -> Any:
    """The answer to the form, before the background has done anything."""
    posted = {"estate": estate.pk, "import_file": upload, **more}
    return client.post(reverse(f"admin:{model}_import"), posted)


def check(client: Client, model: str, estate: Estate, upload: SimpleUploadedFile, **more: str) -> Any:
    """The page of the sheet when it is read; or the form again."""
    answer = choose(client, model, estate, upload, **more)
    if answer.status_code != 302:
        return answer
    carry_on_import(ImportRun.objects.latest("pk").pk)
    return client.get(answer["Location"])


def confirm(client: Client, model: str, checked: Any, **answers: str) -> Any:
    """The page of the sheet when it is written."""
    answer = client.post(checked.context["confirm_url"], answers)
    carry_on_import(checked.context["run"].pk)
    return client.get(answer["Location"])


def answer_questions(client: Client, asked: Any, **answers: str) -> Any:
    """The page after the answers, when the rows are checked again; or the questions once more."""
    answer = client.post(asked.context["answer_url"], answers)
    if answer.status_code != 302:
        return answer
    carry_on_import(asked.context["run"].pk)
    return client.get(answer["Location"])


def undo(client: Client, done: Any) -> Any:
    """The page of an import when it is taken back, or not."""
    answer = client.post(done.context["undo_url"])
    carry_on_import(done.context["run"].pk)
    return client.get(answer["Location"])


def complaints(answer: Any) -> dict[int, str]:
    """What the page says is wrong, by Excel's row numbers."""
    return {row["number"]: " ".join(row["messages"]) for row in answer.context["outcome"]["wrong"]}
