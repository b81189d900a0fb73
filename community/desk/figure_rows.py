"""Lists the rows that a figure counts, such as clocks, outcomes and ratings, in pages by key."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from community.core.services.figures import FigureRow, Measure, Rated, Span, moment_words
from community.desk import counts
from community.desk.references import page_of
from services.common.models import ResponseClock, Satisfaction

PAGE_SIZE = 50


def clocks(estate: int, span: Span, part: str) -> QuerySet[ResponseClock]:
    """Returns the clocks due in the span; ``part`` is a service, empty for all."""
    rows = counts.clocks_due(estate, span)
    return rows.filter(service=part) if part else rows


def clock_rows(found: list[ResponseClock], part: str) -> list[FigureRow]:
    labels = {
        service.key: str(service.answers_label or service.label)
        for service in counts.services_with_first_answers()
    }
    return [
        FigureRow(
            what=labels[clock.service],
            reference=clock.reference,
            url=clock.url,
            at=moment_words(clock.due_at),
            when=clock.due_at,
            is_good=clock.answered_at is not None and clock.answered_at <= clock.due_at,
            words=_("answered %(at)s") % {"at": moment_words(clock.answered_at)}
            if clock.answered_at
            else _("not answered"),
        )
        for clock in found
    ]


def outcomes(estate: int, span: Span, part: str) -> QuerySet[Any]:
    """Returns the outcomes of the service ``part``; each service has a table of its own."""
    return counts.outcomes_by_service()[part].rows(estate, span)


def outcome_rows(found: list[Any], part: str) -> list[FigureRow]:
    return counts.outcomes_by_service()[part].shown(found)


def answers(estate: int, span: Span, part: str) -> QuerySet[Satisfaction]:
    """Returns the ratings given in the span; ``part`` is a service, empty for all."""
    rows = counts.answers_given(estate, span)
    rows = rows.filter(service=part) if part else rows
    return rows.select_related("recording", *(kind.relation for kind in _rated().values() if kind.relation))


def _rated() -> dict[str, Rated]:
    return {
        service.key: service.figures.rated
        for service in counts.services_with_ratings()
        if service.figures and service.figures.rated
    }


def answer_rows(found: list[Satisfaction], part: str) -> list[FigureRow]:
    kinds = _rated()
    labels = {
        service.key: str(service.answers_label or service.label) for service in counts.services_with_ratings()
    }
    by_reference = _pages_by_reference([answer for answer in found if not kinds[answer.service].relation])
    return [
        FigureRow(
            what=labels[answer.service],
            reference=answer.reference,
            url=_page_of_row(answer, kinds[answer.service]) or by_reference.get(answer.pk, ""),
            at=moment_words(answer.at),
            when=answer.at,
            is_good=answer.face == Satisfaction.Face.GOOD,
            words=answer.get_face_display(),
            recording=_recording(answer),
        )
        for answer in found
    ]


def _recording(answer: Satisfaction) -> tuple[str, int] | None:
    """Returns the address and the seconds of what was spoken with the rating."""
    spoken = getattr(answer, "recording", None)
    return (reverse("rating_recording", args=[spoken.pk]), spoken.seconds) if spoken else None


def _page_of_row(answer: Satisfaction, kind: Rated) -> str:
    """Returns the path of the staff page of the rated row; empty if no foreign key leads to it."""
    row = getattr(answer, kind.relation, None) if kind.relation else None
    return reverse(kind.url_name, args=[row.pk]) if row is not None else ""


def _pages_by_reference(found: list[Satisfaction]) -> dict[int, str]:
    """Returns the paths of staff pages by rating, for rated rows that only the reference identifies. One query
    for each letter of references.
    """
    pages: dict[int, str] = {}
    by_letter: dict[str, list[Satisfaction]] = {}
    for answer in found:
        by_letter.setdefault(answer.reference[:1], []).append(answer)
    for group in by_letter.values():
        page = page_of(group[0].reference)
        if page is None:
            continue
        rows = page.model.objects.filter(
            estate__in={answer.estate_id for answer in group},
            reference__in=[answer.reference for answer in group],
        )
        keys = {
            (estate, reference): pk for estate, reference, pk in rows.values_list("estate", "reference", "pk")
        }
        for answer in group:
            if key := keys.get((answer.estate_id, answer.reference)):
                pages[answer.pk] = reverse(page.url_name, args=[key])
    return pages


def page(measure: Measure, estate: int, span: Span, part: str, before: int) -> tuple[list[FigureRow], int]:
    """Returns a page of rows, the newest first, and the key before which the next page begins; 0 after the last
    page.
    """
    assert measure.behind
    rows = measure.behind.rows(estate, span, part).order_by("-pk")
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    return measure.behind.shown(found[:PAGE_SIZE], part), found[PAGE_SIZE - 1].pk if more else 0


def every_row(measure: Measure, estate: int, span: Span, part: str, most: int) -> list[FigureRow]:
    """Returns the rows for a sheet, the newest first, up to ``most``."""
    assert measure.behind
    return measure.behind.shown(list(measure.behind.rows(estate, span, part).order_by("-pk")[:most]), part)


def count(measure: Measure, estate: int, span: Span, part: str) -> int:
    """Returns the number of rows."""
    assert measure.behind
    return measure.behind.rows(estate, span, part).count()
