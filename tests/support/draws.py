"""How often chance is tried: a little, and always the same, in every run; much in the long one."""

import pytest
from hypothesis import HealthCheck, settings

# What a property test of people's acts takes by its name: ``settings.get_profile(profile)``.
PROFILES = pytest.mark.parametrize("profile", ["run", pytest.param("long", marks=pytest.mark.long)])
# The same where a step is dear: fewer on SQLite, in full on the database that the books are kept on.
DEAR_PROFILES = pytest.mark.parametrize(
    "profile",
    [
        pytest.param("few", marks=pytest.mark.once),
        pytest.param("run", marks=pytest.mark.services),
        pytest.param("long", marks=pytest.mark.long),
    ],
)
# The same for each operation of the API, of which there are a hundred.
ASKED_PROFILES = pytest.mark.parametrize(
    "profile",
    [
        pytest.param("asked", marks=pytest.mark.once),
        pytest.param("run", marks=pytest.mark.services),
        pytest.param("asked-long", marks=pytest.mark.long),
    ],
)


def register() -> None:
    """Register the profiles and load the one for every run; tests are decorated later, so it holds for all."""
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
    settings.register_profile(
        "long",
        max_examples=300,
        stateful_step_count=50,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=checks,
    )
    settings.register_profile("asked-long", settings.get_profile("long"), max_examples=100)
    settings.load_profile("run")


def few_or(many: int) -> pytest.MarkDecorator:
    """Give a test of a race its ``rounds``: three in every run, ``many`` in the long one."""
    return pytest.mark.parametrize("rounds", [3, pytest.param(many, marks=pytest.mark.long)])
