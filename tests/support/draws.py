"""Numbers of random examples: few and always the same in every run, many in the long one."""

import pytest
from hypothesis import HealthCheck, settings

# Profiles of property tests by name, for ``settings.get_profile(profile)``.
PROFILES = pytest.mark.parametrize("profile", ["run", pytest.param("long", marks=pytest.mark.long)])
# Profiles for slow steps: fewer on SQLite, in full on the database for production.
DEAR_PROFILES = pytest.mark.parametrize(
    "profile",
    [
        pytest.param("few", marks=pytest.mark.once),
        pytest.param("run", marks=pytest.mark.services),
        pytest.param("long", marks=pytest.mark.long),
    ],
)
# Profiles for each operation of the API, of which there are a hundred, asked by a dozen people.
ASKED_PROFILES = pytest.mark.parametrize(
    "profile",
    [
        pytest.param("asked", marks=pytest.mark.once),
        pytest.param("asked-each", marks=pytest.mark.services),
        pytest.param("asked-long", marks=pytest.mark.long),
    ],
)


def register() -> None:
    """Registers the profiles and loads the one for every run; tests are decorated later, so it applies to
    all.
    """
    checks = list(HealthCheck)
    settings.register_profile(
        "run",
        max_examples=25,
        stateful_step_count=30,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=checks,
    )
    settings.register_profile("few", settings.get_profile("run"), max_examples=12, stateful_step_count=15)
    settings.register_profile("asked", settings.get_profile("run"), max_examples=2)
    settings.register_profile("asked-each", settings.get_profile("asked"))
    settings.register_profile(
        "long",
        max_examples=300,
        stateful_step_count=50,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=checks,
    )
    settings.register_profile("asked-long", settings.get_profile("long"), max_examples=10)
    settings.load_profile("run")


def few_or(many: int) -> pytest.MarkDecorator:
    """Parametrizes a race test with its ``rounds``: three in every run, ``many`` in the long one."""
    return pytest.mark.parametrize("rounds", [3, pytest.param(many, marks=pytest.mark.long)])
