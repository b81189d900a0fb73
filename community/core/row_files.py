"""Files of rows, by the columns that pictures, recordings and sealed files have in all models."""

from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db import models
from django.db.models import QuerySet

from community.core import pictures, sealed_files

LARGEST = "large"


@dataclass(frozen=True)
class RowFile:
    """A stored file of a row: its kind, its name in the storage, and whether it is sealed."""

    folder: str
    name: str
    is_sealed: bool = False
    # Further files that go with it: the smaller sizes of a picture.
    also: tuple[str, ...] = ()

    def read(self) -> bytes:
        """Returns the content. Raises ``FileNotFoundError`` if it is gone."""
        if self.is_sealed:
            return sealed_files.read(self.name)
        with default_storage.open(self.name) as file:
            content: bytes = file.read()
            return content

    def discard(self) -> None:
        for name in (self.name, *self.also):
            default_storage.delete(name)

    def replace_by_nothing(self, row: models.Model) -> None:
        """Puts an empty sealed file in the place of one whose row must have a file."""
        QuerySet(type(row)).filter(pk=row.pk, stored=self.name).update(stored=sealed_files.keep(b""))
        self.discard()


_PICTURE, _RECORDING = {"key", "width", "height"}, {"name", "content_type", "seconds"}


def has_files(model: type[models.Model]) -> bool:
    """Whether rows of the model have files, by the shapes that all models share."""
    columns = {field.name for field in model._meta.concrete_fields}
    return bool({"picture_key", "stored"} & columns) or columns >= _PICTURE or columns >= _RECORDING


def files_of(row: models.Model) -> list[RowFile]:
    """Returns the files of a row."""
    columns = {field.name for field in row._meta.concrete_fields}
    found = []
    column = "picture_key" if "picture_key" in columns else "key" if columns >= _PICTURE else ""
    if column and (key := getattr(row, column)):
        names = {size: pictures.file_name(key, size) for size in pictures.SIZES}
        found.append(RowFile("pictures", names.pop(LARGEST), also=tuple(names.values())))
    if columns >= _RECORDING and (name := getattr(row, "name", "")):
        found.append(RowFile("recordings", name))
    if "stored" in columns and (stored := getattr(row, "stored", "")):
        found.append(RowFile("files", stored, is_sealed=True))
    return found
