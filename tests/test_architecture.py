"""The house keeps its shape: relations point down like imports, files and functions stay small,
templates carry neither style nor script of their own."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db.models import Model

from community.core import audit_words
from community.core.errors import ActionError, Forbidden

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_LINES = 50
FILE_LINES = 400
PAGE_COLUMNS = 160
PARAMETERS = 6
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
OURS = ("accounts", "community", "services")
RIDDLES = re.compile(r"(?:Who|Whom|Whose|Whoever|What|Whatever|Whichever|Of|One|As|So)\b(?!-)")
# The frame of both bases, and what is shown when a frame may be what is broken.
WHOLE_PAGES = {"frame.html", "500.html", "offline.html"}


def layer_rows() -> list[list[str]]:
    """The rows of the import contract, top to bottom: the linter and this file read the same ones."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    [contract] = [c for c in contracts if c["type"] == "layers" and not c.get("containers")]
    return [[name.strip(" ()") for name in re.split(r"[|:]", row)] for row in contract["layers"]]


def row_of(package: str, rows: list[list[str]]) -> int | None:
    for number, names in enumerate(rows):
        if any(package == name or package.startswith(f"{name}.") for name in names):
            return number
    return None


def our_models() -> Iterator[type[Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.split(".")[0] in OURS:
            yield model


def python_files() -> list[Path]:
    files = [ROOT / "manage.py"]
    for package in OURS:
        files += [path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]
    return files


def templates() -> list[Path]:
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".svg"})


def test_layers__every_app_of_ours__has_a_row():
    rows = layer_rows()
    homeless = [app.name for app in apps.get_app_configs() if app.name.split(".")[0] in OURS]
    assert [name for name in homeless if row_of(name, rows) is None] == []


def test_relations__every_model__point_down_only():
    """A foreign key written as a string is invisible to the import linter. The user is the one
    exception: everybody may belong to a person."""
    rows = layer_rows()
    wrong = []
    for model in our_models():
        for field in model._meta.get_fields():
            other = field.related_model
            if field.auto_created or not isinstance(other, type) or not issubclass(other, Model):
                continue
            own_row = row_of(model._meta.app_config.name, rows)
            other_row = row_of(other._meta.app_config.name, rows)
            if other_row is None or other._meta.label == settings.AUTH_USER_MODEL:
                continue
            sideways = own_row == other_row and model._meta.app_label != other._meta.app_label
            if other_row < own_row or sideways:
                wrong.append(f"{model._meta.label}.{field.name} points to {other._meta.label}")
    assert wrong == []


def test_relations__generic_foreign_keys__none():
    """A generic relation points anywhere, so nothing would hold it to the layers."""
    generic = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.private_fields
        if isinstance(field, GenericForeignKey)
    ]
    assert generic == []


def test_size__files__under_the_limit():
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in python_files()}
    assert {str(path): lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_size__functions__under_the_limit():
    long = []
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines} lines")
    assert long == []


def test_size__parameters_of_actions_and_policies__are_few():
    """What has more is told in a dataclass of its field, or is two actions."""
    long: list[str] = []
    for path in python_files():
        if not {"actions", "policies"} & {*path.parts, path.stem}:
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                given = node.args
                count = len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)
                if count > PARAMETERS:
                    long.append(f"{path.relative_to(ROOT)} {node.name}: {count}")
    assert long == []


def comments(text: str) -> Iterator[str]:
    """Yields the first lines of comments that have lines of their own."""
    before = ""
    for line in text.splitlines():
        if line.strip().startswith("# ") and not before.strip().startswith("#"):
            yield line.strip().removeprefix("# ")
        before = line


def raises(function: ast.FunctionDef, helpers: dict[str, ast.FunctionDef], seen: frozenset[str]) -> bool:
    """Whether the function raises, itself or through a helper of its module."""
    for node in ast.walk(function):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            helper = helpers.get(node.func.id)
            if helper and node.func.id not in seen and raises(helper, helpers, seen | {node.func.id}):
                return True
    return False


def test_docstrings__of_the_product__begin_with_no_riddle():
    """The subject is the function, the verb says what it does: CONTRIBUTING.md, "How the code reads"."""
    riddles = []
    for path in python_files():
        text = path.read_text()
        tree = ast.parse(text)
        described = [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | FUNCTIONS))]
        openings = [ast.get_docstring(node) or "" for node in described] + list(comments(text))
        riddles += [f"{path.relative_to(ROOT)}: {one[:60]}" for one in openings if RIDDLES.match(one)]
    assert riddles == []


def test_docstrings__public_actions_and_policies__say_what_they_raise():
    silent = []
    for path in python_files():
        if not {"actions", "policies"} & {*path.parts, path.stem}:
            continue
        functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        helpers = {node.name: node for node in functions}
        for node in functions:
            says = node.name.startswith("_") or "Raises" in (ast.get_docstring(node) or "")
            if not says and raises(node, helpers, frozenset({node.name})):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert silent == []


def pages_and_sheets() -> list[Path]:
    """Templates, style sheets and scripts of ours; what others wrote stands in static/vendor."""
    static = [*(ROOT / "static" / "css").rglob("*.css"), *(ROOT / "static" / "js").rglob("*.js")]
    return sorted({*(ROOT / "templates").rglob("*.html"), *static})


def test_size__lines_of_templates_styles_and_scripts__under_the_limit():
    files = pages_and_sheets()
    long = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} bytes"
        for path in files
        for number, line in enumerate(path.read_bytes().splitlines(), 1)
        if len(line) > PAGE_COLUMNS
    ]
    assert {path.suffix for path in files} == {".html", ".css", ".js"}
    assert long == []


def inline_parts(text: str) -> list[str]:
    """What the Content-Security-Policy would refuse: style, handlers, scripts and styles within a page."""
    bare = re.sub(r"\{% comment.*?endcomment %\}|\{#.*?#\}|<!--.*?-->", "", text, flags=re.DOTALL)
    found = re.findall(r"<[^>]*\s(?:style|on[a-z]+)\s*=\s*[\"'][^>]*>", bare)
    found += re.findall(r"<style\b[^>]*>", bare)
    found += re.findall(r"(?:href|src|action)\s*=\s*[\"']javascript:[^\"']*", bare)
    for attributes in re.findall(r"<script\b((?:\{%.*?%\}|\{\{.*?\}\}|[^>])*)>", bare):
        if not re.search(r"\ssrc=|type=[\"']application/json[\"']", attributes):
            found.append(f"<script{attributes}>")
    return found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('<p style="color: red">', 1),
        ('<button class="a" onclick="go()">', 1),
        ("<style>p {}</style>", 1),
        ('<script type="module">go()</script>', 1),
        ('<a href="javascript:go()">', 1),
        ('<script type="module" src="{% static "js/live.js" %}"></script>', 0),
        ('<script type="application/json" id="rows">[]</script>', 0),
        ('{# <p style="color: red"> #}<link rel="stylesheet" href="a.css"><p data-style="x">', 0),
    ],
)
def test_inline_parts__examples__seen(text: str, count: int):
    assert len(inline_parts(text)) == count


def test_templates__no_style_or_script_inside():
    found = {str(path.relative_to(ROOT)): inline_parts(path.read_text()) for path in templates()}
    assert {path: parts for path, parts in found.items() if parts} == {}


def test_templates__pages__stand_in_a_frame():
    """A page with a frame of its own would miss the mode switch, the messages and the way back."""
    alone = {path.name for path in templates() if "<html" in path.read_text()}
    assert alone - WHOLE_PAGES == set()


def test_pins__of_the_product__are_pinned_for_its_tests_too() -> None:
    """``make test`` installs only ``dev.txt``; compiled apart from ``base.txt`` it would lack what is new."""
    pinned = re.compile(r"^[\w.-]+==\S+", re.MULTILINE)
    folder = Path(settings.BASE_DIR, "requirements")
    base, dev = (set(pinned.findall((folder / f"{name}.txt").read_text())) for name in ("base", "dev"))
    assert len(base) > 50
    assert not base - dev


def test_errors__forbidden__is_never_caught_only_to_be_raised_again() -> None:
    """``except ActionError`` shows a refusal in a form; ``Forbidden`` passes it by without a line of its own."""
    assert not issubclass(Forbidden, ActionError)
    raised_again = re.compile(r"except Forbidden:\n\s+raise\n")
    assert [path for path in python_files() if raised_again.search(path.read_text())] == []


def test_tests__empty_no_server_that_other_processes_count_on() -> None:
    """``cache.clear`` empties the whole of Redis; ``backing.forget_kept`` deletes this process's keys."""
    emptying = re.compile(r"\bcache\.clear\(|\bflush(?:db|all)\(")
    assert [str(path) for path in (ROOT / "tests").rglob("*.py") if emptying.search(path.read_text())] == []


def test_roles__sets_of_them__stand_in_no_file_of_models():
    """Who may is said by policies and the sets of ``roles.py``; querysets only read those."""
    found: list[str] = []
    for path in python_files():
        if not {"models"} & {*path.parts, path.stem} or "accounts" in path.parts:
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and re.search(
                r"\b(Role|StaffRole)\.[A-Z]", ast.unparse(node.value)
            ):
                found.append(f"{path.relative_to(ROOT)} {ast.unparse(node.targets[0])}")
    assert found == []


SERVICES = tuple(settings.SERVICES)
KNOWN_OUTSIDE = 10


def named_in(node: ast.AST, is_tone: bool = False) -> Iterator[str]:
    """Modules that are imported and strings that are written, but for the names of colours.

    "care" and "help" are colours too: a keyword, a key, a variable or a function that is called a tone holds one.
    """
    match node:
        case ast.keyword(arg=str(name)) | ast.FunctionDef(name=name) if "tone" in name:
            is_tone = True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            is_tone = is_tone or "tone" in name.lower()
        case ast.ImportFrom(module=str(module), names=names):
            yield from (f"{module}.{one.name}" for one in names)
        case ast.Import(names=names):
            yield from (one.name for one in names)
        case ast.Constant(value=str(text)) if not is_tone:
            yield text
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                is_key = isinstance(key, ast.Constant) and key.value == "tone"
                yield from named_in(value, is_tone or is_key)
            node = ast.Tuple(elts=[key for key in keys if key is not None])
    for child in ast.iter_child_nodes(node):
        yield from named_in(child, is_tone)


def is_of(name: str, service: str) -> bool:
    return name == service or f"{name}.".startswith(f"services.{service}.")


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ('key = "care"', 1),
        ("from services import care", 1),
        ("from services.care.models import Carer", 1),
        ("import services.care", 1),
        ('path = "services.care.models.Carer"', 1),
        ('{"care": 1}', 1),
        ('alert(tone="care")', 0),
        ('TONES = {1: "care"}', 0),
        ('{"tone": "care"}', 0),
        ('def repair_tone(): return "care"', 0),
        ('words = "take care"; from services.careful import a', 0),
    ],
)
def test_named_in__examples__seen(code: str, count: int):
    assert sum(is_of(name, "care") for name in named_in(ast.parse(code))) == count


def test_services__named_outside_themselves__in_few_files():
    """The demo estate aside, which is made of everything."""
    files = [path.relative_to(ROOT) for path in python_files()]
    product = [path for path in files if path.parts[:2] != ("community", "demo")]
    names = {path: set(named_in(ast.parse((ROOT / path).read_text()))) for path in product}
    for service in SERVICES:
        outside = [path for path in product if path.parts[:2] != ("services", service)]
        naming = [str(path) for path in outside if any(is_of(name, service) for name in names[path])]
        assert len(naming) < KNOWN_OUTSIDE, naming


def test_community__but_for_the_demo__imports_no_service():
    """``services.common`` aside, which is below."""
    found = []
    for path in [*(ROOT / "community").rglob("*.py"), *(ROOT / "accounts").rglob("*.py")]:
        if path.is_relative_to(ROOT / "community" / "demo"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            if any(is_of(name, service) for name in named_in(node) for service in SERVICES):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_docs__layers__are_those_of_the_import_contract():
    """Row by row, in the order of the contract."""
    section = (ROOT / "docs" / "architecture.md").read_text().partition("## Layers")[2].partition("\n## ")[0]
    rows = re.findall(r"^\d+\. (.*?)(?=^\d+\. |^$)", section, re.MULTILINE | re.DOTALL)
    assert [set(re.findall(r"`((?:community|accounts|services)[.\w]*)`", row)) for row in rows] == [
        set(row) for row in layer_rows()
    ]


def test_audit__every_code_that_is_recorded__has_words():
    """Codes that earlier versions recorded keep their words: records are append-only."""
    recorded = {
        code
        for path in python_files()
        for code in re.findall(r"audit\.record(?:_failure)?\(\s*\"([^\"]+)\"", path.read_text())
    }
    assert recorded
    assert [code for code in recorded if audit_words.act(code) == code] == []
    earlier = {f"{part}.contact_shown" for part in ("repair", "care", "feedback", "help")}
    assert recorded & earlier == set()
    assert [code for code in earlier if audit_words.act(code) == code] == []
