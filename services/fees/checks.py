"""System checks: Linli refuses to start where bills could be paid with money that does not exist."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from services.fees import providers
from services.fees.providers.sandbox import Sandbox


@register()
def providers_are_real(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Refuses the practice provider outside of the demo, and unknown provider names."""
    problems = [
        Error(f"FEES_PROVIDERS names {name!r}, which is no payment provider.", id="linli.E011")
        for name in settings.FEES_PROVIDERS
        if name not in providers.KNOWN
    ]
    if Sandbox.name in settings.FEES_PROVIDERS and not (settings.DEMO or settings.TESTING):
        problems.append(Error("The practice provider pays bills in the demo only.", id="linli.E010"))
    return problems
