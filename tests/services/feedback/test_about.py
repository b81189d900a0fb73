"""Feedback about anything: from the page of a thing to the words about it, and for staff the way back."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from services.feedback.models import Feedback
from tests import factories as make
from tests.factories.renovation import make_appointment

pytestmark = pytest.mark.django_db


def _thing(what: str) -> tuple[Any, User, str]:
    """One of a resident's own, who has it, and its page."""
    if what == "bill":
        bill = make.make_bill()
        return bill, make.make_resident(home=bill.home), f"/fees/{bill.pk}/"
    made: Any = {
        "repair": (make.make_repair, "/repairs/"),
        "booking": (make.make_care_booking, "/care/bookings/"),
        "appointment": (make_appointment, "/renovation/appointments/"),
    }[what]
    thing = made[0]()
    return thing, thing.resident, f"{made[1]}{thing.pk}/"


@pytest.mark.parametrize("what", ["repair", "bill", "booking", "appointment"])
def test_thing__leads_to_feedback_about_it_and_staff_back_to_it(what: str) -> None:
    thing, resident, address = _thing(what)
    client = Client()
    client.force_login(resident)
    link = f"/feedback/new/?about={thing.reference}"
    assert link in client.get(address).content.decode()
    assert f"about={thing.reference}" in client.get(link).content.decode()
    begun = client.get(link, {"about": thing.reference, "kind": "complaint"})
    assert begun.context["form"].initial["about"] == thing.reference
    data = {"sealed": begun.context["sealed"], "words": "不满意", "about": thing.reference}
    client.post("/feedback/send/", data)
    feedback = Feedback.objects.get()
    assert feedback.about == thing.reference

    manager = Client()
    manager.force_login(make.make_staff(role="manager", estate=thing.estate))
    way = f"/staff/of/{thing.estate.pk}/{thing.reference}/"
    assert way in manager.get(f"/staff/feedback/{feedback.pk}/").content.decode()
    assert str(thing.pk) in manager.get(way).headers["Location"]
    elsewhere = Client()
    elsewhere.force_login(make.make_staff(role="manager"))
    assert elsewhere.get(way).status_code == 404


def test_staff__a_reference_of_nothing__is_not_found() -> None:
    manager = make.make_staff(role="manager")
    estate = manager.staff_roles.get().estate
    client = Client()
    client.force_login(manager)
    for reference in ("R-261123-0001", "X-261123-0001", "..", "R", "%27"):
        assert client.get(f"/staff/of/{estate.pk}/{reference}/").status_code == 404
