"""Pictures of feedback: from the phone through the pages and the API to whoever may see them.

How one picture is decoded, turned and stripped is tested with ``community.core.pictures``; here, that
every way of this service goes through it.
"""

import io
import time
import tracemalloc
from collections.abc import Callable
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError
from community.core.pictures import SIZES
from services.common.models import EarlyFile
from services.feedback.actions.feedback import FeedbackContent, send_named
from services.feedback.actions.steps import submission_key
from services.feedback.models import Feedback, FeedbackMessage, FeedbackPicture
from tests import factories as make
from tests.community.core.test_pictures import (
    SECRET,
    _jpeg_that_claims,
    _png_of_zeros,
    encoded,
    two_coloured,
    with_exif,
)
from tests.support.access_rows import api_headers

pytestmark = pytest.mark.django_db

CODE = "7K4M-9XQ2-HJ3T-V8PW"
PHONE = (4000, 3000)


def named(content: io.BytesIO, name: str) -> io.BytesIO:
    content.seek(0)
    content.name = name
    return content


def of_a_phone(kind: str) -> io.BytesIO:
    """12 megapixels, held upright, with the place where it was taken."""
    image = two_coloured(*PHONE)
    return named(encoded(kind, image, exif=with_exif().tobytes()), f"IMG_0001.{kind.lower()}")


@pytest.fixture
def resident() -> User:
    return make.make_resident(home=make.make_home())


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def by_page(resident: User, picture: Any) -> Any:
    client = signed_in(resident)
    begun = client.get("/feedback/new/", {"kind": "complaint"})
    data = {"sealed": begun.context["sealed"], "words": "水是黄的"}
    asked = client.post("/feedback/new/", {**data, "pictures": [picture]})
    if asked.status_code != 200:
        return asked
    return client.post("/feedback/send/", {**data, "sealed": asked.context["sealed"]})


def by_page_without_a_name(resident: User, picture: Any) -> Any:
    client = signed_in(resident)
    begun = client.get("/feedback/new/", {"kind": "complaint"})
    data = {"sealed": begun.context["sealed"], "words": "水是黄的"}
    asked = client.post("/feedback/new/", {**data, "pictures": [picture]})
    if asked.status_code != 200:
        return asked
    return client.post("/feedback/without-name/", {**data, "sealed": asked.context["sealed_without_name"]})


def by_reply(resident: User, picture: Any) -> Any:
    estate = resident.residencies.get().home.estate
    feedback = make.make_feedback(estate=estate, resident=resident)
    return signed_in(resident).post(f"/feedback/{feedback.pk}/add/", {"words": "看", "pictures": [picture]})


def by_code(resident: User, picture: Any) -> Any:
    make.make_feedback(estate=resident.residencies.get().home.estate, code=CODE)
    client = Client(headers={"accept-language": "zh-CN"})
    client.post("/feedback/code/", {"code": CODE})
    return client.post("/feedback/code/thread/add/", {"words": "看", "pictures": [picture]})


def by_api(resident: User, picture: Any) -> Any:
    estate = resident.residencies.get().home.estate
    data = {"estate": estate.pk, "kind": "complaint", "words": "水是黄的", "pictures": [picture]}
    return Client().post("/api/v1/feedback/", data, headers=api_headers(resident))


def by_api_without_a_name(resident: User, picture: Any) -> Any:
    estate = resident.residencies.get().home.estate
    data = {"estate": estate.pk, "kind": "complaint", "words": "水是黄的", "pictures": [picture]}
    return Client().post("/api/v1/feedback/without-name/", data)


def by_api_reply(resident: User, picture: Any) -> Any:
    feedback = make.make_feedback(estate=resident.residencies.get().home.estate, resident=resident)
    return Client().post(
        f"/api/v1/feedback/{feedback.pk}/messages/",
        {"words": "看", "pictures": [picture]},
        headers=api_headers(resident),
    )


WAYS = [by_page, by_page_without_a_name, by_reply, by_code, by_api, by_api_without_a_name, by_api_reply]


@pytest.mark.parametrize("way", WAYS)
def test_picture_of_a_phone__by_every_way__stands_right_and_says_nothing_of_where(
    way: Callable[..., Any], resident: User
) -> None:
    # The large ones where a picture is taken in; the ways differ only in who asks.
    upload = of_a_phone("HEIF") if way is by_page else named(encoded("JPEG", exif=with_exif().tobytes()), "a")
    assert SECRET.encode() in upload.getvalue()
    assert way(resident, upload).status_code in (200, 201, 302)
    picture = FeedbackPicture.objects.get()
    assert picture.width < picture.height
    for size in SIZES:
        with default_storage.open(picture.file_name(size)) as file:
            content = file.read()
        assert SECRET.encode() not in content
        assert not Image.open(io.BytesIO(content)).getexif()


def png_bomb() -> io.BytesIO:
    return named(_png_of_zeros(20_000, 20_000), "bomb.png")


def jpeg_bomb() -> io.BytesIO:
    return named(_jpeg_that_claims(20_000, 20_000), "bomb.jpg")


def renamed_script() -> io.BytesIO:
    return named(io.BytesIO(b"#!/bin/sh\nrm -rf /\n"), "photo.jpg")


BAD = [(renamed_script, way) for way in WAYS]
BAD += [(bomb, way) for bomb in (png_bomb, jpeg_bomb) for way in (by_page, by_code, by_api_without_a_name)]


@pytest.mark.parametrize(("make_bad", "way"), BAD)
def test_what_is_no_picture__by_every_way__is_refused_at_its_field_and_keeps_nothing(
    make_bad: Callable[[], Any], way: Callable[..., Any], resident: User
) -> None:
    began = time.monotonic()
    answer = way(resident, make_bad())
    assert time.monotonic() - began < 20
    if answer.headers["Content-Type"].startswith("application/"):
        assert answer.status_code == 400
        assert answer.json()["errors"].keys() == {"pictures"}
    else:
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {"pictures"}
        assert answer.context["form"]["words"].value() in answer.content.decode()
    for model in (FeedbackPicture, EarlyFile, FeedbackMessage):
        assert not model.objects.exists()
    assert "水是黄的" not in {one.description for one in Feedback.objects.all()}


def test_private_address__opens_to_ones_own_and_to_staff_of_the_estate_alone(resident: User) -> None:
    by_page(resident, of_a_phone("JPEG"))
    picture = FeedbackPicture.objects.get()
    estate = picture.feedback.estate
    neighbour = make.make_resident(home=make.make_home(estate=estate))
    cashier = make.make_staff(role="cashier", estate=estate)
    people = {
        resident: 200,
        make.make_staff(estate=estate): 200,
        neighbour: 404,
        make.make_staff(): 404,
        # It was not handed to the cashier.
        cashier: 404,
    }
    for size in SIZES:
        for person, expected in people.items():
            assert signed_in(person).get(f"/media/feedback/{picture.pk}/{size}/").status_code == expected
    assert Client().get(f"/media/feedback/{picture.pk}/small/").status_code in (302, 404)
    assert signed_in(resident).get(f"/media/feedback/{picture.pk}/../x/").status_code == 404
    # The file's own name opens nothing.
    assert signed_in(resident).get(f"/media/{picture.file_name('small')}").status_code == 404


def test_send__a_picture_that_another_form_takes_at_the_same_moment__is_in_one_of_them(
    resident: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate = resident.residencies.get().home.estate
    one = EarlyFile.objects.create(page=uuid4(), name="pictures/one", width=4, height=3, at=clock.now())
    content = FeedbackContent(estate, Feedback.Kind.COMPLAINT, "灯坏了", pictures=[one.pk])

    def taken_by_the_other(rows: Any) -> None:
        list(rows)
        EarlyFile.objects.filter(pk=one.pk).delete()

    monkeypatch.setattr(FeedbackPicture.objects, "bulk_create", taken_by_the_other)
    with pytest.raises(ActionError, match="pictures_gone"):
        send_named(content=content, resident=resident, by=resident, key=uuid4(), now=clock.now())
    assert not Feedback.objects.exists()


def test_key_of__a_large_picture__is_read_in_small_pieces() -> None:
    with NamedTemporaryFile() as file:
        file.write(bytes(20 * 1024 * 1024))
        file.flush()
        upload = UploadedFile(file, "large.jpg", "image/jpeg", 20 * 1024 * 1024)
        tracemalloc.start()
        try:
            key = submission_key(Feedback(pk=1), UUID(int=1), "words", [upload])
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 2 * 1024 * 1024
    assert key != submission_key(Feedback(pk=1), UUID(int=1), "words", [io.BytesIO(b"another")])
    assert key == submission_key(Feedback(pk=1), UUID(int=1), "words", [io.BytesIO(bytes(20 * 1024 * 1024))])
