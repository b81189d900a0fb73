"""The back office as somebody's browser asks for it."""

from django.test import Client
from django.urls import reverse

from accounts.models import User
from services.repairs.models import Repair


def signed_in(user: User, client: Client | None = None) -> Client:
    client = client or Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def list_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def verb_of(repair: Repair, verb: str) -> str:
    return reverse(f"admin:repairs_repair_{verb}", args=[repair.pk])


def no_rows(prefix: str) -> dict[str, str]:
    return {f"{prefix}-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS")}
