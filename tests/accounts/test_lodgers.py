"""Owners see and end the residencies in their homes, but never another owner's."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Residency, User
from community.notifications.models import OutboxMessage
from tests import factories

pytestmark = pytest.mark.django_db
Kind, Status = Residency.Kind, Residency.Status


def client_of(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def living(home, kind: str, name: str) -> Residency:
    return factories.make_resident(home=home, kind=kind, name=name).residencies.get()


def test_owner__ends_a_tenant__who_is_told_and_sees_nothing_more() -> None:
    home = factories.make_home()
    owner, tenant = living(home, Kind.OWNER, "王芳"), living(home, Kind.TENANT, "赵敏")
    client = client_of(owner.user)
    assert "赵敏" in client.get(reverse("me")).content.decode()
    address = reverse("end_lodging", args=[tenant.pk])
    assert "赵敏" in client.get(address).content.decode()
    tenant.refresh_from_db()
    assert tenant.status == Status.ACTIVE
    assert client.post(address).url == reverse("me")
    tenant.refresh_from_db()
    assert tenant.status == Status.ENDED
    told = OutboxMessage.objects.filter(recipient=tenant.user, template="residency_ended")
    assert set(told.values_list("channel", flat=True)) == {"inbox", "sms"}
    assert client.get(address).status_code == 404
    assert "赵敏" not in client.get(reverse("me")).content.decode()


def test_others__another_owner_a_tenant_or_a_stranger__can_end_nobody() -> None:
    home = factories.make_home()
    owner, second = living(home, Kind.OWNER, "王芳"), living(home, Kind.OWNER, "李强")
    tenant, wife = living(home, Kind.TENANT, "赵敏"), living(home, Kind.FAMILY, "陈静")
    elsewhere = living(factories.make_home(), Kind.OWNER, "孙丽")
    for by, whom in ((owner, second), (tenant, wife), (wife, tenant), (elsewhere, tenant), (tenant, owner)):
        assert client_of(by.user).post(reverse("end_lodging", args=[whom.pk])).status_code == 404
    assert not Residency.objects.exclude(status=Status.ACTIVE).exists()
