"""Methods that a base leaves open are written by every class below it."""

import ast
import importlib
from collections.abc import Iterator

from tests.test_architecture import OURS, ROOT, python_files

# Never called there: rows without a search kind of their own, and a form that acts by itself.
NOT_CALLED = {("Building", "search_keys"), ("Entrance", "search_keys"), ("PicturesForm", "work")}


def hooks() -> Iterator[tuple[type, str]]:
    """Every method of a class of ours whose body only raises ``NotImplementedError``."""
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ClassDef):
                continue
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and "NotImplementedError" in ast.unparse(
                    method.body[-1]
                ):
                    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                    yield getattr(importlib.import_module(module), node.name), method.name


def leaves(base: type) -> set[type]:
    """The classes of the product below ``base`` from which none inherits, those of tests aside."""
    below = {one for one in base.__subclasses__() if one.__module__.split(".")[0] in OURS}
    return set().union(*(leaves(one) or {one} for one in below))


def test_hooks__of_every_base__are_written_by_all_that_inherit():
    """A base that leaves a method open is a promise of each class below it."""
    importlib.import_module("community.urls")
    found = list(hooks())
    assert len(found) > 5
    assert [base for base, _name in found if not leaves(base)] == []
    assert [
        f"{leaf.__module__}.{leaf.__name__} lacks {name}"
        for base, name in found
        for leaf in leaves(base)
        if getattr(leaf, name) is getattr(base, name) and (leaf.__name__, name) not in NOT_CALLED
    ] == []
