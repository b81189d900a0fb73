"""Pictures of carers, shown to households only after the carer's own yes."""

from datetime import datetime
from typing import IO

from django.db import transaction

from accounts.models import User
from community.core import audit, pictures
from community.core.errors import Forbidden
from services.care import policies
from services.care.models import Carer, CarerPicture


def add_carer_picture(*, carer: Carer, upload: IO[bytes], by: User, now: datetime) -> CarerPicture:
    """Stores a picture in place of an earlier one; nobody else sees it before the carer agrees.

    Raises ``Forbidden`` or ``PictureRefused``.
    """
    policies.require_carer_pictures(by, carer)
    with pictures.storing([upload]) as stored, transaction.atomic():
        _remove(carer)
        picture = CarerPicture.objects.create(
            carer=carer,
            key=stored[0].key,
            width=stored[0].width,
            height=stored[0].height,
            added_by=by,
            at=now,
        )
        _record("care.carer_picture_added", carer, by)
    return picture


def agree_to_picture(*, picture: CarerPicture, by: User, now: datetime) -> None:
    """Records the carer's own consent, after which households see it. Repeating it changes nothing.

    Raises ``Forbidden`` for anyone but the carer.
    """
    if picture.carer.user_id != by.pk:
        raise Forbidden
    with transaction.atomic():
        if CarerPicture.objects.filter(pk=picture.pk, agreed_at=None).update(agreed_at=now):
            _record("care.carer_picture_agreed", picture.carer, by)


def remove_carer_picture(*, carer: Carer, by: User) -> None:
    """Deletes the picture and its files, by the coordinator or by the carer, who thereby withdraws the consent.

    Repeating it changes nothing. Raises ``Forbidden``.
    """
    if carer.user_id != by.pk:
        policies.require_carer_pictures(by, carer)
    with transaction.atomic():
        if _remove(carer):
            is_own = carer.user_id == by.pk
            _record("care.carer_picture_withdrawn" if is_own else "care.carer_picture_removed", carer, by)


def remove_pictures_of_former_carer(*, person: User, estate_id: int) -> None:
    """Deletes the pictures of a person who is no carer of the estate any more: they can no longer take back
    their yes, and a role given later is no new one. Checks no policy.
    """
    for carer in Carer.objects.filter(user=person, provider__estate=estate_id):
        if _remove(carer):
            _record("care.carer_picture_removed", carer, None)


def _remove(carer: Carer) -> bool:
    """Deletes the row; its files follow, as with every row that is deleted (``handlers.picture_deleted``)."""
    deleted, _rows = CarerPicture.objects.filter(carer=carer).delete()
    return bool(deleted)


def _record(act: str, carer: Carer, by: User | None) -> None:
    audit.record(act, by=by, target=carer, estate_id=carer.provider.estate_id)
