"""Registry of services, each declared in its ``service.py``.

Pages that show all services (home, desk, morning page), rights, background tasks and messages read this
registry and name no service. Apps that are not services declare the same in ``declaration.py``.
"""

from community.core.services.columns import Column
from community.core.services.declaration import App, Delegated, Service, StartPage
from community.core.services.messages import Template
from community.core.services.metrics import Metric
from community.core.services.office import MenuGroup, MenuItem
from community.core.services.personal import DataUse, Open, Personal
from community.core.services.registry import (
    all_on,
    declared,
    find,
    holders,
    in_order,
    is_off,
    is_on,
    nav_entries,
    personal_columns,
    register,
    register_app,
    scopes,
)
from community.core.services.retention import Retention
from community.core.services.rights import Scope

__all__ = [
    "App",
    "Column",
    "DataUse",
    "Delegated",
    "MenuGroup",
    "MenuItem",
    "Metric",
    "Open",
    "Personal",
    "Retention",
    "Scope",
    "Service",
    "StartPage",
    "Template",
    "all_on",
    "declared",
    "find",
    "holders",
    "in_order",
    "is_off",
    "is_on",
    "nav_entries",
    "personal_columns",
    "register",
    "register_app",
    "scopes",
]
