"""The field of pictures: how many at a time."""

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from services.common.forms import PicturesField


def uploads(count: int) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"{n}.jpg", b"x") for n in range(count)]


def test_pictures__as_many_as_allowed__are_a_list() -> None:
    assert len(PicturesField(most=6).clean(uploads(6))) == 6
    assert PicturesField(required=False).clean([]) == []


@pytest.mark.parametrize(
    ("most", "count", "code"), [(6, 7, "too_many"), (20, 21, "too_many"), (6, 0, "required")]
)
def test_pictures__too_many_or_none__are_refused(most: int, count: int, code: str) -> None:
    with pytest.raises(forms.ValidationError) as refused:
        PicturesField(most=most).clean(uploads(count))
    assert refused.value.code == code
