"""Files pass the scanner before anything of ours reads them, on every way in; forms come back filled in."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks.registry import registry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from community.core import checks, virus_scan
from community.core.models import AuditRecord
from community.core.virus_scan import Clamd, ScannerDown, TooLarge
from services.common import early_files
from services.common.models import EarlyFile
from services.repairs.models import Repair
from tests import factories as make
from tests.community.estates.importing import choose
from tests.services.repairs.api import Api
from tests.support import sounds
from tests.support.clamd import EICAR, NAME, LocalClamd, local_clamd
from tests.support.photos import stored_pictures
from tests.support.world import a_picture
from tests.test_architecture import ROOT, python_files


@pytest.fixture(scope="module")
def clamd() -> Iterator[LocalClamd]:
    with local_clamd() as server:
        yield server


@pytest.fixture
def scanner(clamd: LocalClamd, settings: Any) -> LocalClamd:
    clamd.mood, clamd.chunks = "well", 0
    clamd.scanned.clear()
    settings.VIRUS_SCAN, settings.VIRUS_SCAN_UNREACHABLE = clamd.address, "refuse"
    return clamd


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virus_scan, "SECONDS", 0.2)


def named(content: bytes, name: str = "photo.jpg") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


# -- The protocol


def test_scan__of_many_chunks__finds_what_is_in_the_last(scanner: LocalClamd):
    clean = b"x" * (3 * virus_scan.CHUNK)
    assert Clamd(scanner.address).scan(io.BytesIO(clean)) == ""
    assert Clamd(scanner.address).scan(io.BytesIO(clean + EICAR)) == NAME
    assert scanner.scanned == [len(clean), len(clean) + len(EICAR)]
    assert scanner.chunks == 7


def test_scan__at_a_unix_socket__is_the_same(tmp_path: Path):
    with local_clamd(tmp_path) as server:
        assert Clamd(server.address).scan(io.BytesIO(EICAR)) == NAME
        Clamd(server.address).ping()


def test_scan__larger_than_the_scanner_takes__says_so(scanner: LocalClamd):
    with pytest.raises(TooLarge):
        Clamd(scanner.address).scan(io.BytesIO(b"x" * 4_000_000))


@pytest.mark.parametrize("mood", ["silent", "slow", "rude"])
def test_scan__without_an_answer__ends(scanner: LocalClamd, quick: None, mood: str):
    scanner.mood = mood
    with pytest.raises(ScannerDown):
        Clamd(scanner.address).scan(io.BytesIO(b"x"))


def test_scan__where_nobody_listens__says_so(tmp_path: Path):
    for address in (f"clamd:{tmp_path}/nothing.ctl", "clamd://127.0.0.1:9"):
        with pytest.raises(ScannerDown):
            Clamd(address).scan(io.BytesIO(b"x"))


# -- The ways in


@pytest.mark.django_db
def test_form__with_a_virus__comes_back_filled_in_and_is_on_record(scanner: LocalClamd):
    repair, before = make.make_repair(), stored_pictures()
    client, address = signed_in(repair.resident), reverse("repair_add_words", args=[repair.pk])
    page = client.post(address, {"words": "看照片", "pictures": named(EICAR)})
    assert page.status_code == 422
    assert page.context["form"].errors["pictures"] == [str(virus_scan.FOUND)]
    assert "看照片" in page.content.decode()
    record = AuditRecord.objects.get(action="virus_found")
    assert (record.actor, record.outcome, record.detail["finding"]) == (repair.resident, "refused", NAME)
    assert stored_pictures() == before
    assert client.post(address, {"words": "看照片", "pictures": a_picture()}).status_code == 302


@pytest.mark.django_db
def test_spoken_message__with_a_virus__is_refused_at_its_field(scanner: LocalClamd):
    repair = make.make_repair()
    page = signed_in(repair.resident).post(
        reverse("repair_add_words", args=[repair.pk]),
        {"recording": named(sounds.ogg() + EICAR, "voice.ogg"), "recording_seconds": 7},
    )
    assert page.context["form"].errors["recording"] == [str(virus_scan.FOUND)]


@pytest.mark.django_db
def test_files_sent_ahead__with_a_virus__are_refused_in_words(scanner: LocalClamd):
    client = signed_in(make.make_resident())
    for page, field, more in (
        ("early_picture", "picture", {}),
        ("early_recording", "recording", {"recording_seconds": 7}),
    ):
        given = {"ticket": early_files.ticket(), field: named(EICAR), **more}
        refused = client.post(reverse(page), given)
        assert refused.status_code == 422
        assert refused.json()["message"] == str(virus_scan.FOUND)
    assert not EarlyFile.objects.exists()


@pytest.mark.django_db
def test_api__with_a_virus__is_a_problem_of_its_field(scanner: LocalClamd):
    home = make.make_home()
    resident = make.make_resident(home=home)
    category = make.make_category(parent=make.make_category(estate=home.estate))
    body = {"category": category.pk, "home": home.pk, "words": "漏水", "pictures": [named(EICAR)]}
    answer = Api(resident).upload("repairs/", **body)
    assert answer.status_code == 400
    assert str(virus_scan.FOUND) in answer.content.decode()
    assert not Repair.objects.exists()
    assert AuditRecord.objects.filter(action="virus_found", actor=resident).exists()


@pytest.mark.django_db
def test_sheet__with_a_virus__is_refused_at_its_field(scanner: LocalClamd):
    estate, client = make.make_estate(), Client()
    manager = make.make_staff(role="manager", estate=estate)
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    answer = choose(client, "estates_home", estate, SimpleUploadedFile("homes.xlsx", EICAR))
    assert answer.context["form"].errors["import_file"] == [str(virus_scan.FOUND)]


@pytest.mark.django_db
def test_nameless_feedback__with_a_virus__leaves_no_record(scanner: LocalClamd, client: Client):
    estate = make.make_estate()
    sealed = client.get("/feedback/new/", {"kind": "complaint", "estate": estate.pk}).context["sealed"]
    refused = client.post(reverse("feedback_early_picture"), {"sealed": sealed, "picture": named(EICAR)})
    assert refused.status_code == 422
    assert not AuditRecord.objects.filter(action="virus_found").exists()


def test_upload__every_one__passes_the_same_handler(settings: Any):
    assert settings.FILE_UPLOAD_HANDLERS == ["community.core.virus_scan.ScannedUploads"]
    naming = [str(path.relative_to(ROOT)) for path in python_files() if "upload_handlers" in path.read_text()]
    assert naming == []


# -- A scanner that is away


@pytest.mark.django_db
def test_form__while_the_scanner_is_silent__is_refused_after_one_wait(scanner: LocalClamd, quick: None):
    scanner.mood = "silent"
    repair = make.make_repair()
    address = reverse("repair_add_words", args=[repair.pk])
    page = signed_in(repair.resident).post(address, {"words": "看", "pictures": [a_picture(), a_picture()]})
    assert page.context["form"].errors["pictures"] == [str(virus_scan.UNREACHABLE)]
    assert not AuditRecord.objects.filter(action="virus_found").exists()


@pytest.mark.django_db
def test_form__while_the_scanner_is_away__is_taken_where_the_operator_says_so(settings: Any, tmp_path: Path):
    settings.VIRUS_SCAN, settings.VIRUS_SCAN_UNREACHABLE = f"clamd:{tmp_path}/nothing.ctl", "accept"
    repair = make.make_repair()
    address = reverse("repair_add_words", args=[repair.pk])
    assert (
        signed_in(repair.resident).post(address, {"words": "看", "pictures": a_picture()}).status_code == 302
    )


@pytest.mark.django_db
def test_form__larger_than_the_scanner_takes__says_so(scanner: LocalClamd):
    repair = make.make_repair()
    address = reverse("repair_add_words", args=[repair.pk])
    page = signed_in(repair.resident).post(address, {"words": "看", "pictures": named(b"x" * 400_000)})
    assert page.context["form"].errors["pictures"] == [str(virus_scan.TOO_LARGE)]


class OfOnesOwn:
    """A scanner that an operator might bring along."""

    def scan(self, file: Any) -> str:
        return "worm" if b"worm" in file.read() else ""

    def ping(self) -> None:
        raise ScannerDown("asleep")


@pytest.mark.django_db
def test_scanner__of_ones_own__is_named_by_its_class(settings: Any):
    settings.VIRUS_SCAN = f"{__name__}.OfOnesOwn"
    given = {"ticket": early_files.ticket(), "picture": named(b"a worm")}
    assert signed_in(make.make_resident()).post(reverse("early_picture"), given).status_code == 422
    assert [warning.id for warning in checks.virus_scan_answers(None)] == ["linli.W004"]


def test_check__unknown_scanner_or_word__stops_the_start(settings: Any, tmp_path: Path):
    settings.VIRUS_SCAN, settings.VIRUS_SCAN_UNREACHABLE = "no.such.scanner", "perhaps"
    assert [problem.id for problem in checks.virus_scan_is_known(None)] == ["linli.E009"] * 2
    assert checks.virus_scan_is_known in registry.get_checks()
    settings.VIRUS_SCAN, settings.VIRUS_SCAN_UNREACHABLE = f"clamd:{tmp_path}/nothing.ctl", "refuse"
    assert checks.virus_scan_is_known(None) == []
    assert [warning.id for warning in checks.virus_scan_answers(None)] == ["linli.W004"]


def test_check__scanner_that_answers__says_nothing(scanner: LocalClamd):
    assert checks.virus_scan_answers(None) == []
