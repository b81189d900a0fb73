"""What services declare of the rows that name a person."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from community.core.services import registry
from services.common.personal import PERSONAL as COMMON

pytestmark = pytest.mark.once


def test_personal__rows_of_services_with_a_person__are_declared():
    """Each foreign key to a person is declared, and each declared way leads to a person; so are those of the
    rows that services share.
    """
    wrong = []
    user = apps.get_model(settings.AUTH_USER_MODEL)
    declared = {service.key: service.personal for service in registry.known_services().values()}
    for app, rows in (declared | {"common": COMMON}).items():
        ways = {one.model: {*one.about, *one.by} for one in rows}
        for model in apps.get_app_config(app).get_models():
            label = model._meta.label_lower
            keys = {
                field.name
                for field in model._meta.get_fields()
                if not field.auto_created and field.related_model is user
            }
            wrong += [f"{label}.{key}" for key in keys - ways.get(label, set())]
        wrong += [
            f"{label}: {way}"
            for label, all_of in ways.items()
            for way in all_of
            if not leads_to(label, way, user)
        ]
    assert wrong == []


def leads_to(label: str, way: str, target: type[Model]) -> bool:
    model: type[Model] = apps.get_model(label)
    for name in way.split("__"):
        model = model._meta.get_field(name).related_model
    return model is target
