"""Pictures of carers: shown after the carer's own yes, to those whom they visit, and gone when it is withdrawn."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import end_account, end_role
from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import Forbidden
from community.core.models import AuditRecord
from services.care import actions
from services.care.models import CareBooking, Carer, CarerPicture, CareService
from tests.factories import make_care_booking, make_carer_picture, make_resident, make_staff
from tests.support.photos import stored_pictures
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(carer: User) -> Carer:
    return Carer.objects.get(user=carer)


@pytest.fixture
def visit(service: CareService, elder: User, carer: User) -> CareBooking:
    return make_care_booking(service=service, resident=elder, carer=carer)


def seen_by(user: User, picture: CarerPicture) -> int:
    client = Client()
    client.force_login(user)
    return client.get(reverse("care_carer_picture", args=[picture.pk, "small"])).status_code


def test_picture__added_agreed_and_withdrawn__shown_only_in_between(
    client: Client,
    post: Carer,
    visit: CareBooking,
    coordinator: User,
    django_capture_on_commit_callbacks,
) -> None:
    before = stored_pictures()
    client.force_login(coordinator)
    client.post(reverse("care_carer", args=[post.pk]), {"pictures": a_picture()})
    picture = CarerPicture.objects.get()
    address = reverse("care_carer_picture", args=[picture.pk, "small"])
    household, own = Client(), Client()
    household.force_login(visit.resident)
    own.force_login(post.user)
    page = reverse("care_booking", args=[visit.pk])
    assert address not in household.get(page).content.decode()
    assert household.get(address).status_code == 404

    assert "请回答" in own.get(reverse("care_work")).content.decode()
    answer = {"picture": str(picture.pk), "answer": "yes"}
    own.post(reverse("care_own_picture"), answer)
    assert address in household.get(page).content.decode()
    assert household.get(address)["Content-Type"] == "image/jpeg"

    with django_capture_on_commit_callbacks(execute=True):
        own.post(reverse("care_own_picture"), answer | {"answer": "no"})
    assert address not in household.get(page).content.decode()
    assert household.get(address).status_code == 404
    assert client.get(address).status_code == 404
    assert stored_pictures() == before
    acts = AuditRecord.objects.filter(action__startswith="care.carer_picture").order_by("pk")
    assert list(acts.values_list("action", "actor")) == [
        ("care.carer_picture_added", coordinator.pk),
        ("care.carer_picture_agreed", post.user_id),
        ("care.carer_picture_withdrawn", post.user_id),
    ]


def test_picture__agreed_to__by_nobody_but_the_carer(post: Carer, coordinator: User) -> None:
    picture = make_carer_picture(carer=post, agreed_at=None)
    with pytest.raises(Forbidden):
        actions.agree_to_picture(picture=picture, by=coordinator, now=clock.now())
    with pytest.raises(Forbidden):
        actions.remove_carer_picture(carer=post, by=make_resident())
    actions.remove_carer_picture(carer=post, by=coordinator)
    assert not CarerPicture.objects.exists()


def test_picture__another_household_or_a_cancelled_visit__not_found(
    post: Carer, visit: CareBooking, coordinator: User
) -> None:
    picture = make_carer_picture(carer=post)
    visible = CarerPicture.objects.visible_to
    assert seen_by(make_resident(home=visit.home), picture) == 404
    assert picture in visible(visit.resident)
    assert picture in visible(coordinator)
    CareBooking.objects.update(status=CareBooking.Status.CANCELLED)
    assert picture not in visible(visit.resident)


def test_picture__of_a_carer_who_rests__shown_no_longer(post: Carer, visit: CareBooking) -> None:
    picture = make_carer_picture(carer=post)
    Carer.objects.update(is_active=False)
    assert picture not in CarerPicture.objects.visible_to(visit.resident)
    assert not CarerPicture.objects.of_visit(visit).exists()


@pytest.mark.parametrize("end", ["role ended", "account ended", "entry deleted", "given to another"])
def test_picture__of_a_carer_who_left__deleted_with_its_files(
    end: str, post: Carer, coordinator: User, django_capture_on_commit_callbacks
) -> None:
    before, manager = stored_pictures(), make_staff(role="manager", estate=post.provider.estate)
    actions.add_carer_picture(carer=post, upload=a_picture(), by=coordinator, now=clock.now())
    actions.agree_to_picture(picture=CarerPicture.objects.get(), by=post.user, now=clock.now())
    with django_capture_on_commit_callbacks(execute=True):
        if end == "role ended":
            StaffRole.objects.create(user=post.user, estate=post.provider.estate, role="crew")
            end_role(held=StaffRole.objects.get(user=post.user, role="carer"), by=manager)
        elif end == "account ended":
            end_account(person=post.user, by=manager, now=clock.now())
        elif end == "entry deleted":
            post.delete()
        else:
            post.user = make_staff(role="carer", estate=post.provider.estate)
            post.save()
    assert not CarerPicture.objects.exists()
    assert stored_pictures() == before


def test_picture__another_one__needs_another_yes(post: Carer, coordinator: User) -> None:
    make_carer_picture(carer=post)
    actions.add_carer_picture(carer=post, upload=a_picture(), by=coordinator, now=clock.now())
    assert CarerPicture.objects.get().agreed_at is None
