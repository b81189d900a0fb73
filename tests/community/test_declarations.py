"""What services and apps declare for the pages of the house is there: templates, addresses, sections."""

import re
from collections import Counter

from django.template.loader import get_template
from django.urls import resolve, reverse

from community.core.services import declared, nav_entries
from community.desk import morning
from community.desk.measures import measures


def test_nav__positions__are_taken_once_and_lead_to_pages(db: None) -> None:
    entries = nav_entries()
    positions = [entry.position for entry in entries]
    assert len(entries) > 15
    assert positions == sorted(set(positions))
    assert all(resolve(str(entry.url)) for entry in entries)


def test_home__of_each_service__has_its_templates_addresses_and_places() -> None:
    homes = [service.home for service in declared() if service.home]
    for home in homes:
        assert all(get_template(part.template) for part in home.parts)
        links = (*home.tiles, *home.doors, *home.more, *home.more_signed_out)
        assert links
        assert all(link.url.startswith("/") for link in links)
        if home.family:
            assert reverse(home.family.url_name)
    for kind in ("parts", "tiles", "doors", "more", "more_signed_out", "welcome"):
        taken = Counter(one.position for home in homes for one in getattr(home, kind))
        assert taken
        assert set(taken.values()) == {1}, kind


def test_morning__sources__belong_to_a_section_of_the_page() -> None:
    sources = [source for one in declared() if one.morning for source in one.morning.sources]
    assert len(sources) > 5
    assert {source.section for source in sources} <= set(morning.KEYS)


def test_references__letters__belong_to_one_service_and_open_a_page() -> None:
    letters = Counter(letter for service in declared() for letter in service.references)
    assert set(letters) == {"R", "B", "P", "C", "A", "H", "F"}
    assert set(letters.values()) == {1}
    pages = [page for service in declared() for page in service.references.values()]
    assert all(reverse(page.url_name, args=[1]) for page in pages)
    assert all(re.fullmatch(r"[A-Z]", letter) for letter in letters)


def test_desk__what_services_add__has_its_templates() -> None:
    for service in declared():
        templates = [area.template for area in service.staff_areas]
        templates += [part.template for part in service.resident_parts]
        templates += [service.handover.template] if service.handover else []
        assert all(get_template(template) for template in templates)


def test_measures__with_every_service__keep_their_keys_and_order() -> None:
    keys = ["use", "use_older", "first_answer", "solution", "satisfaction", "collection"]
    assert [measure.key for measure in measures()] == keys
    parts = {measure.key: list(measure.parts) for measure in measures()}
    assert parts["first_answer"] == parts["solution"] == ["repairs", "feedback"]
    assert parts["satisfaction"] == ["repairs", "feedback", "care", "fees", "renovation"]
