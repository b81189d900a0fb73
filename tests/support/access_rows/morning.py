"""Addresses of the morning page and its figures, for managers and auditors of their own estates."""

from tests.support.access import Row, World

READS = {"manager", "auditor"}
ALL_READ = READS | {"foreign_manager", "foreign_auditor"}
# Pages of a named estate: roles in another estate get 404.
ELSEWHERE = {"foreign_manager": 404, "foreign_auditor": 404}


def _of_estate(world: World) -> str:
    return f"?estate={world.estate.pk}"


def _figure(key: str) -> Row:
    return Row(READS, lambda world: {"key": key}, query=_of_estate, refused=403, but=ELSEWHERE)


def _sheet(key: str) -> Row:
    return Row(READS, lambda world: {"key": key}, query=_of_estate, refused=403, but=ELSEWHERE, swept=False)


MORNING: dict[str, Row] = {
    "morning": Row(ALL_READ, refused=403),
    "morning_live": Row(READS, query=_of_estate, refused=403, but=ELSEWHERE, swept=False),
    "morning_section": _figure("unassigned"),
    "measure": _figure("use"),
    "measure_sheet": _sheet("first_answer"),
    "measure_rows": Row(
        READS,
        lambda world: {"key": "satisfaction"},
        query=lambda world: _of_estate(world) + "&from=2026-01-01&to=2026-12-31",
        refused=403,
        but=ELSEWHERE,
    ),
    "measure_rows_sheet": _sheet("collection"),
}
