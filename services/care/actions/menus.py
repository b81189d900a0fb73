"""The dishes of a day."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import IO

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import clock, pictures
from community.core.errors import ActionError
from services.care import policies
from services.care.models import CareService, Menu, MenuPicture
from services.care.models.pictures import MAX_DISHES


@dataclass(frozen=True)
class Dishes:
    """Dishes in words, with a new picture or without the old one; neither keeps the old one."""

    words: str
    picture: IO[bytes] | None = None
    drops_picture: bool = False


def set_menu(*, service: CareService, on: date, dishes: Dishes, by: User, now: datetime) -> None:
    """Writes the menu of a day, over an earlier one; without words it is deleted, with its picture.

    Raises ``Forbidden``, ``PictureRefused``, and ``ActionError`` (``past``, ``no_meal`` or ``too_long``).
    """
    policies.require_menus(by, service.estate_id)
    if service.kind != CareService.Kind.MEALS:
        raise ActionError("no_meal", _("Only meals have a menu."))
    if on < clock.today(now):
        raise ActionError("past", _("This day is over."))
    words = dishes.words.strip()
    if len(words) > MAX_DISHES:
        raise ActionError("too_long", _("Please keep it under 120 characters."), field="dishes")
    uploads = [dishes.picture] if dishes.picture and words else []
    with pictures.storing(uploads) as stored, transaction.atomic():
        if not words:
            _remove_picture(service, on)
            Menu.objects.filter(service=service, on=on).delete()
            return
        menu, _is_new = Menu.objects.update_or_create(
            service=service, on=on, defaults={"dishes": words, "changed_by": by, "changed_at": now}
        )
        if stored or dishes.drops_picture:
            _remove_picture(service, on)
        for picture in stored:
            MenuPicture.objects.create(
                menu=menu,
                key=picture.key,
                width=picture.width,
                height=picture.height,
                added_by=by,
                at=now,
            )


def _remove_picture(service: CareService, on: date) -> None:
    for picture in MenuPicture.objects.filter(menu__service=service, menu__on=on):
        transaction.on_commit(partial(pictures.discard, picture.key))
        picture.delete()
