"""Forms of the phone pages of field workers. Each has a key, so that an entry sent twice is stored once."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.utils.functional import Promise

from community.core import limits
from community.core.limit_table import WORK_PICTURES
from services.common.submissions import derived_key
from services.common.verb_forms import VerbForm


class SentOnceForm(VerbForm):
    """Form of a field worker's verb, with a key under which its entry is stored once.

    All forms of a page may be given the same ``page_key``. Each stores its entries under keys derived from it
    (``derived_key`` with a name), so that they do not collide.
    """

    # Short label for the large mode, if the title is too long for a button.
    short: ClassVar[Promise | str] = ""
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, page_key: UUID | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", page_key or uuid4())
        for hidden in self.hidden_fields():
            hidden.field.widget.attrs["id"] = False

    def derived_key(self, name: str) -> UUID:
        """Returns the key of one entry of this form, the same for the same form and name."""
        return derived_key(self.cleaned_data["key"], name)


class PicturesSentOnceForm(SentOnceForm):
    """Form of a field worker whose pictures are stored apart from its entry, each time once."""

    def add_pictures(self, name: str, shows: str, *, now: datetime) -> None:
        """Stores the pictures of the field ``name`` once, by a key of their own."""
        uploads = self.cleaned_data.get(name) or []
        if not uploads:
            return
        limits.hit(WORK_PICTURES, self.by.pk)
        self.store_pictures(shows=shows, uploads=uploads, key=self.derived_key(name), now=now)

    def store_pictures(self, *, shows: str, uploads: list[Any], key: UUID, now: datetime) -> None:
        """Calls the service's action that stores the pictures."""
        raise NotImplementedError
