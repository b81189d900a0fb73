"""Groups arguments of actions into dataclasses, so that tests can give them one by one."""

from dataclasses import fields
from typing import Any, TypeVar

Given = TypeVar("Given")


def grouped(group: type[Given], arguments: dict[str, Any]) -> tuple[Given, dict[str, Any]]:
    """Returns the dataclass made of the arguments that are its fields, and the other arguments."""
    names = {field.name for field in fields(group)}  # type: ignore[arg-type]
    mine = {name: value for name, value in arguments.items() if name in names}
    return group(**mine), {name: value for name, value in arguments.items() if name not in names}
