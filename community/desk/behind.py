"""The rows behind a figure: the very answers, outcomes and bills that it counts. A page by key."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from community.core.services.figures import FigureRow, Measure, Rated, Span, moment_words
from community.desk import counting
from community.desk.references import page_of
from services.common.models import ResponseClock, Satisfaction

PAGE_SIZE = 50


def clocks(estate: int, span: Span, part: str) -> QuerySet[ResponseClock]:
    rows = counting.clocks_due(estate, span)
    return rows.filter(service=part) if part else rows


def clock_rows(found: list[ResponseClock], part: str) -> list[FigureRow]:
    labels = {one.key: str(one.answers_label or one.label) for one in counting.services_with_first_answers()}
    return [
        FigureRow(
            what=labels[one.service],
            reference=one.reference,
            url=one.url,
            at=moment_words(one.due_at),
            when=one.due_at,
            is_good=one.answered_at is not None and one.answered_at <= one.due_at,
            words=_("answered %(at)s") % {"at": moment_words(one.answered_at)}
            if one.answered_at
            else _("not answered"),
        )
        for one in found
    ]


def outcomes(estate: int, span: Span, part: str) -> QuerySet[Any]:
    """Outcomes of the service ``part``; each service has a table of its own."""
    return counting.outcomes_by_service()[part].rows(estate, span)


def outcome_rows(found: list[Any], part: str) -> list[FigureRow]:
    return counting.outcomes_by_service()[part].shown(found)


def answers(estate: int, span: Span, part: str) -> QuerySet[Satisfaction]:
    rows = counting.answers_given(estate, span)
    rows = rows.filter(service=part) if part else rows
    return rows.select_related(*(one.relation for one in _rated().values() if one.relation))


def _rated() -> dict[str, Rated]:
    return {
        one.key: one.figures.rated
        for one in counting.services_with_ratings()
        if one.figures and one.figures.rated
    }


def answer_rows(found: list[Satisfaction], part: str) -> list[FigureRow]:
    kinds = _rated()
    labels = {one.key: str(one.answers_label or one.label) for one in counting.services_with_ratings()}
    by_reference = _pages_by_reference([one for one in found if not kinds[one.service].relation])
    return [
        FigureRow(
            what=labels[one.service],
            reference=one.reference,
            url=_page_of_thing(one, kinds[one.service]) or by_reference.get(one.pk, ""),
            at=moment_words(one.at),
            when=one.at,
            is_good=one.face == Satisfaction.Face.GOOD,
            words=one.get_face_display(),
        )
        for one in found
    ]


def _page_of_thing(answer: Satisfaction, kind: Rated) -> str:
    thing = getattr(answer, kind.relation, None) if kind.relation else None
    return reverse(kind.url_name, args=[thing.pk]) if thing is not None else ""


def _pages_by_reference(found: list[Satisfaction]) -> dict[int, str]:
    """By answer, where its thing is known by the reference alone. One query for each kind of thing."""
    pages: dict[int, str] = {}
    by_letter: dict[str, list[Satisfaction]] = {}
    for one in found:
        by_letter.setdefault(one.reference[:1], []).append(one)
    for some in by_letter.values():
        page = page_of(some[0].reference)
        if page is None:
            continue
        rows = page.model.objects.filter(
            estate__in={one.estate_id for one in some}, reference__in=[one.reference for one in some]
        )
        keys = {
            (estate, reference): pk for estate, reference, pk in rows.values_list("estate", "reference", "pk")
        }
        for one in some:
            if key := keys.get((one.estate_id, one.reference)):
                pages[one.pk] = reverse(page.url_name, args=[key])
    return pages


def page(measure: Measure, estate: int, span: Span, part: str, before: int) -> tuple[list[FigureRow], int]:
    """Some rows, the newest first, and the key from which the next page goes on; 0 for the last."""
    assert measure.behind
    rows = measure.behind.rows(estate, span, part).order_by("-pk")
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    return measure.behind.shown(found[:PAGE_SIZE], part), found[PAGE_SIZE - 1].pk if more else 0


def every_row(measure: Measure, estate: int, span: Span, part: str, most: int) -> list[FigureRow]:
    """All of them for a sheet, up to ``most``."""
    assert measure.behind
    return measure.behind.shown(list(measure.behind.rows(estate, span, part).order_by("-pk")[:most]), part)


def count(measure: Measure, estate: int, span: Span, part: str) -> int:
    """How many rows there are."""
    assert measure.behind
    return measure.behind.rows(estate, span, part).count()
