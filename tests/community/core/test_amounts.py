"""Amounts, areas and rates are typed as people write them, everywhere, and read so."""

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from accounts.models import StaffRole, User
from community.core.amounts import AreaField, RateField, YuanField, in_words, typed_as
from services.care.models import CareService
from tests.factories import PASSWORD, make_care_service, make_home, make_staff

YUAN = {
    "60": 6000,
    "0.60": 60,
    "¥68.50": 6850,
    "￥１，２００.５": 120050,
    "1,234.50 元": 123450,
    "１２３": 12300,
    "12。5": 1250,
    "5.00块": 500,
    "12.3400": 1234,
    " 1 200 ": 120000,
    "1,234,567": 123456700,
}


@pytest.mark.parametrize(("typed", "fen"), YUAN.items())
def test_yuan__as_people_write_it__is_understood(typed: str, fen: int) -> None:
    assert YuanField().clean(typed) == fen


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("12,34", "12.34 or 1234"),
        ("12，3", "12.3 or 123"),
        ("0,5", "0.5 or 05"),
        ("1,2345", "1.2345 or 12345"),
        ("12,34,5", "like 231.48"),
        ("六十", "like 231.48"),
        ("12.345", "At most 2 places"),
        ("-5", "like 231.48"),
        ("1e5", "like 231.48"),
        ("99999999", "at most"),
    ],
)
def test_yuan__unclear__is_asked_about(typed: str, said: str) -> None:
    with translation.override("en"):
        with pytest.raises(forms.ValidationError, match=said) as refused:
            YuanField().clean(typed)
        assert "%" not in str(refused.value)


@pytest.mark.parametrize("typed", ["98.5", "９８．５０㎡", "98.50 平方米", "98.5m2", "98.50 m²"])
def test_area__with_its_unit__is_understood(typed: str) -> None:
    assert AreaField().clean(typed) == 9850


@pytest.mark.parametrize("typed", ["2.35", "2.35元/㎡·月", "2.3500 元/平方米/月", "２.３５元/月"])
def test_rate__with_its_unit__is_understood(typed: str) -> None:
    assert RateField().clean(typed) == 23500


@pytest.mark.parametrize("fen", [0, 1, 60, 6000, 123456, 99_999_999])
def test_amount__shown_and_typed_again__is_the_same(fen: int) -> None:
    assert YuanField().clean(in_words(fen)) == fen


@pytest.mark.django_db
def test_every_office_form__of_any_model__is_typed_in_the_units_of_people(
    rf: RequestFactory, every_right: None
) -> None:
    """A field that the database counts in fen, 0.01 m² or 0.0001 yuan is never edited or shown as it is."""
    boss = User.objects.create_superuser(username="chief", password=PASSWORD, name="管理员")
    looks_only = make_staff(role=StaffRole.Role.AUDITOR)
    raw, checked = [], 0
    for model, office in admin.site._registry.items():
        for maker in (office, *(inline(model, admin.site) for inline in office.inlines)):
            for person, row in ((boss, None), (looks_only, maker.model())):
                request = rf.get("/")
                request.user = person
                shown = set(flatten_fieldsets(maker.get_fieldsets(request, row)))
                read_only = set(maker.get_readonly_fields(request, row))
                for field in maker.model._meta.fields:
                    kind = typed_as(field)
                    if kind is None or field.name not in shown:
                        continue
                    checked += 1
                    if field.name in read_only:
                        raw.append(f"{maker}: {field.name} is shown as it is")
                    elif person is boss:
                        edited = maker.formfield_for_dbfield(field, request)
                        raw += (
                            [] if isinstance(edited, kind) else [f"{maker}: {field.name} is typed as it is"]
                        )
                    elif not maker.has_change_permission(request, row):
                        raw.append(f"{maker}: {field.name} is shown as it is to {person}")
    assert raw == []
    assert checked >= 3


def all_forms(kind: type[forms.BaseForm]) -> set[type[forms.BaseForm]]:
    return {kind} | {one for sub in kind.__subclasses__() for one in all_forms(sub)}


def test_every_form__with_an_amount__uses_the_one_field() -> None:
    """A field of a form of ours that is called like an amount is not a bare number."""
    names = ("price", "amount", "yuan", "fen", "area", "rate", "cost", "extra")
    bare = [
        f"{form.__module__}.{form.__name__}.{name}"
        for form in all_forms(forms.BaseForm)
        if form.__module__.split(".")[0] in {"accounts", "community", "services"}
        for name, field in getattr(form, "base_fields", {}).items()
        if name.split("_")[-1] in names
        and isinstance(field, forms.IntegerField)
        and not field.widget.is_hidden
    ]
    assert bare == []


@pytest.mark.django_db
def test_care_price__60_typed_in_the_office__is_60_yuan_for_residents(client: Client) -> None:
    service = make_care_service(price_fen=3000)
    boss = User.objects.create_superuser(username="chief", password=PASSWORD, name="管理员")
    client.force_login(boss)
    url = reverse("admin:care_careservice_change", args=[service.pk])
    page = client.get(url)
    form = page.context["adminform"].form
    assert 'value="30.00"' in page.content.decode()
    typed = {name: "" if form.initial.get(name) is None else form.initial[name] for name in form.fields}
    answer = client.post(url, {**typed, "price_fen": "60", "is_offered": "on"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert CareService.objects.get().price_fen == 6000
    asked = client.post(url, {**typed, "price_fen": "12,34"})
    assert "12.34 还是 1234" in asked.content.decode()


@pytest.mark.django_db
def test_home_area__typed_in_square_metres__is_kept_in_hundredths(client: Client) -> None:
    home = make_home(area_dm2=9850)
    boss = User.objects.create_superuser(username="chief", password=PASSWORD, name="管理员")
    client.force_login(boss)
    url = reverse("admin:estates_home_change", args=[home.pk])
    assert 'value="98.50"' in client.get(url).content.decode()
    typed = {
        "entrance": home.entrance_id,
        "number": home.number,
        "floor": home.floor,
        "kind": home.kind,
        "area_dm2": "１０１．２㎡",
    }
    assert client.post(url, typed).status_code == 302
    home.refresh_from_db()
    assert home.area_dm2 == 10120
