"""Writes of closings: one person prepares the sheet of a day or month, another signs it."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, clock
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.estates.models import Estate
from services.fees import policies
from services.fees.closing.figures import digest_of, figures_of
from services.fees.closing.hindrances import hindrances, open_days, span_of
from services.fees.models import ClosingSheet

Kind, Status = ClosingSheet.Kind, ClosingSheet.Status


def prepare_sheet(*, estate: Estate, kind: str, first: date, by: User, now: datetime) -> ClosingSheet:
    """Makes the sheet of the day or month that begins with ``first``, and returns it; another person signs it.

    Preparing it again takes the figures of now, and its signature has to come from another than ``by``. Raises
    ``Forbidden``, ``ActionError`` with the first hindrance, and ``AlreadyMoved`` if it is signed.
    """
    policies.require("close_books", by, estate.pk)
    _check_hindrances(estate, kind, first, now)
    span = span_of(kind, first)
    with transaction.atomic():
        figures = figures_of(estate, kind, span)
        made = {
            "figures": figures,
            "digest": digest_of(estate, kind, span, figures),
            "prepared_by": by,
            "prepared_at": now,
        }
        of = ClosingSheet.objects.filter(estate=estate, kind=kind, first=span.first)
        if not of.filter(status=Status.PREPARED).update(**made):
            sheet = ClosingSheet(
                estate=estate,
                kind=kind,
                first=span.first,
                last=span.last,
                begins_at=span.begin,
                ends_at=span.end,
                status_changed_at=now,
                **made,
            )
            _insert(sheet, by=by, now=now)
        sheet = of.get()
        _record("fees.sheet_prepared", sheet, by=by)
    return sheet


def _insert(sheet: ClosingSheet, *, by: User, now: datetime) -> None:
    try:
        with transaction.atomic():
            sheet.save()
    except IntegrityError:
        # Signed, or prepared by somebody else at the same moment.
        raise AlreadyMoved from None
    record_first_status(sheet, by=by, now=now)


def sign_sheet(*, sheet: ClosingSheet, seen: str, by: User, now: datetime) -> ClosingSheet:
    """Signs a sheet as the second person, which closes its days for good; returns it.

    ``seen`` is the checksum of the figures that the person has looked at.

    Repeating it changes nothing. Raises ``Forbidden`` for the person who prepared it, ``AlreadyMoved`` if it
    was prepared again meanwhile, and ``ActionError`` with the first hindrance, and with ``figures_changed`` if
    anything was booked since it was prepared.
    """
    policies.require("close_books", by, sheet.estate_id)
    if sheet.prepared_by_id == by.pk:
        raise Forbidden(_("Another person than the one who prepared the sheet has to sign it."))
    if sheet.is_signed:
        return sheet
    with transaction.atomic():
        # First, because the database makes it wait for all who write to these books at the moment.
        move(sheet, Status.SIGNED, by=by, now=now, only_if={"digest": seen}, signed_by=by)
        _check_hindrances(sheet.estate, sheet.kind, sheet.first, now)
        stored = ClosingSheet.objects.get(pk=sheet.pk)
        if figures_of(sheet.estate, sheet.kind, sheet.span) != stored.figures:
            raise ActionError(
                "figures_changed",
                _("Something was booked since the sheet was prepared. Please prepare it again."),
            )
        _record("fees.sheet_signed", stored, by=by)
    return stored


def prepare_days(*, estate: Estate, month: date, by: User, now: datetime) -> int:
    """Prepares the sheets of all days of a month on which money moved; returns how many.

    Those that are prepared stay as they are. Raises as ``prepare_sheet``.
    """
    policies.require("close_books", by, estate.pk)
    span = span_of(Kind.MONTH, month)
    known = set(ClosingSheet.objects.of(estate, Kind.DAY, span).values_list("first", flat=True))
    days = [day for day in open_days(estate, span) if day not in known and day < clock.today(now)]
    for day in days:
        prepare_sheet(estate=estate, kind=Kind.DAY, first=day, by=by, now=now)
    return len(days)


def sign_days(*, estate: Estate, month: date, by: User, now: datetime) -> int:
    """Signs the sheets of all days of a month that others have prepared; returns how many. Raises as
    ``sign_sheet``.
    """
    policies.require("close_books", by, estate.pk)
    waiting = ClosingSheet.objects.of(estate, Kind.DAY, span_of(Kind.MONTH, month))
    sheets = list(waiting.filter(status=Status.PREPARED).exclude(prepared_by=by).order_by("first"))
    for sheet in sheets:
        sign_sheet(sheet=sheet, seen=sheet.digest, by=by, now=now)
    return len(sheets)


def _check_hindrances(estate: Estate, kind: str, first: date, now: datetime) -> None:
    for found in hindrances(estate, kind, first, now):
        raise ActionError(found.code, found.message)


def _record(act: str, sheet: ClosingSheet, *, by: User) -> None:
    audit.record(
        act,
        by=by,
        target=sheet,
        estate_id=sheet.estate_id,
        day_on=sheet.first.isoformat(),
        checksum=sheet.digest[:16],
    )
