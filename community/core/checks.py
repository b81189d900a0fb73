"""System checks that stop production from starting with settings of the demo."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from community.core.audit_seals import HASHES
from community.core.backups import archive
from community.core.services.registry import declared, is_on, known_services
from community.core.virus_scan import ScannerDown, scanner_of
from community.core.weak_secrets import weak_secrets


@register()
def demo_stays_in_the_demo(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Refuses secrets of the demo and codes on the screen outside demo mode."""
    if settings.DEMO or settings.TESTING:
        return []
    problems = []
    secrets = {settings.SECRET_KEY, settings.BLIND_INDEX_KEY}
    if settings.DEMO_SECRET in secrets or settings.FIELD_KEYS == settings.DEMO_FIELD_KEYS:
        problems.append(Error("A secret of the demo is used outside the demo.", id="linli.E001"))
    if settings.SMS_CODE_ON_SCREEN:
        problems.append(Error("Sign-in codes may be shown on the screen in the demo only.", id="linli.E002"))
    return problems


@register()
def secrets_are_strong(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Refuses secrets that are empty, short, the demo's, typed rather than drawn, or used for two things."""
    if settings.DEMO or settings.TESTING:
        return []
    return [Error(problem, hint="docs/operations.md, Keys", id="linli.E008") for problem in weak_secrets()]


def refuse_to_start() -> None:
    """Raises ``ImproperlyConfigured`` in processes that run no checks: those of pages, workers and the clock."""
    problems = [*demo_stays_in_the_demo(None), *secrets_are_strong(None)]
    if problems:
        raise ImproperlyConfigured(" ".join(problem.msg for problem in problems))


@register()
def services_are_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuses unknown and repeated keys in ``settings.SERVICES``: a misspelt key switches a service off.

    Warns of a service that needs another one, which is switched off.
    """
    keys = settings.SERVICES
    problems: list[CheckMessage] = [
        Error(f"SERVICES has an unknown key: {key!r}.", hint=", ".join(known_services()), id="linli.E005")
        for key in keys
        if key not in known_services()
    ]
    if len(set(keys)) < len(keys):
        problems.append(Error("SERVICES has a key twice.", id="linli.E006"))
    problems += [
        checks.Warning(f"SERVICES has {service.key!r}, but not {key!r}, which it needs.", id="linli.W001")
        for service in declared()
        for key in sorted(service.needs)
        if not is_on(key)
    ]
    return problems


@register(deploy=True)
def production_is_complete(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Requires a real SMS gateway in production."""
    if settings.SMS_BACKEND == "console":
        return [Error("SMS_BACKEND is the console: nobody would receive a code.", id="linli.E003")]
    return []


@register()
def virus_scan_is_known(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Refuses a scanner that cannot be made: every upload would fail."""
    problems = []
    try:
        if settings.VIRUS_SCAN:
            scanner_of(settings.VIRUS_SCAN)
    except (ImproperlyConfigured, ImportError, TypeError, ValueError) as error:
        problems.append(Error(f"VIRUS_SCAN is no scanner: {error}", id="linli.E009"))
    if settings.VIRUS_SCAN_UNREACHABLE not in ("refuse", "accept"):
        problems.append(Error("VIRUS_SCAN_UNREACHABLE is neither refuse nor accept.", id="linli.E009"))
    return problems


@register(deploy=True)
def virus_scan_answers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warns of a scanner that does not answer now."""
    if not settings.VIRUS_SCAN or virus_scan_is_known(None):
        return []
    try:
        scanner_of(settings.VIRUS_SCAN).ping()
    except ScannerDown as error:
        return [checks.Warning(f"The virus scanner does not answer: {error}", id="linli.W004")]
    return []


@register()
def audit_is_sealed(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Refuses an unknown hash, with which no audit record would be sealed."""
    if settings.AUDIT_HASH not in HASHES:
        hint = ", ".join(HASHES)
        return [Error(f"AUDIT_HASH is unknown: {settings.AUDIT_HASH!r}.", hint=hint, id="linli.E007")]
    return []


@register(deploy=True)
def audit_leaves_the_machine(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warns if digests of the audit record stay where those who can alter the record can alter them too."""
    if settings.AUDIT_HEADS:
        return []
    return [checks.Warning("AUDIT_HEADS is empty: no digest leaves this machine.", id="linli.W002")]


@register(deploy=True)
def broken_pages_say_whom_to_call(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warns if a page that cannot work names no number."""
    if settings.HOTLINE:
        return []
    return [
        checks.Warning("HOTLINE is empty: a page that cannot work names nobody to call.", id="linli.W005")
    ]


@register(deploy=True)
def backups_can_be_made(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warns if no backup can be made, and refuses a public key that is none."""
    if not settings.BACKUP_RECIPIENTS:
        return [checks.Warning("BACKUP_RECIPIENTS is empty: manage.py back_up refuses.", id="linli.W003")]
    try:
        for one in settings.BACKUP_RECIPIENTS:
            archive.recipient(one)
    except archive.BackupFailed as error:
        return [Error(f"BACKUP_RECIPIENTS: {error}", id="linli.E012")]
    return []
