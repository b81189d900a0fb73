"""What is served is what was written, without comments and blanks that mean nothing."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from community.core.storage import HashedStaticStorage, minified

STATIC = Path(settings.BASE_DIR) / "static"
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
SHEETS = sorted((STATIC / "css").glob("*.css"))
# A blank before a colon makes another selector: ".a :hover" is what is hovered inside .a.
DESCENDANT_COLON = re.compile(r"(?<=[\w\])*]) :[\w-]+")


def without_comments(sheet: str) -> str:
    return re.sub(r"/\*.*?\*/", " ", sheet, flags=re.DOTALL)


def minified_file(path: Path) -> str:
    return minified(f"{path.parent.name}/{path.name}", path.read_text())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts__template_literals__are_served_as_written(path: Path) -> None:
    """A literal within a literal would lose blanks; so would a line that ends inside of one."""
    served = minified_file(path)
    for line in path.read_text().splitlines():
        code = re.sub(r"^\s*//.*", "", line)
        literals = re.findall(r"`[^`]*`", code)
        assert code.count("`") == 2 * len(literals), line
        for literal in literals:
            assert literal.count("${") == literal.count("}"), line
            assert literal in served


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_sheets__selectors_and_sums__are_served_as_written(path: Path) -> None:
    text, served = " ".join(without_comments(path.read_text()).split()), minified_file(path)

    assert DESCENDANT_COLON.findall(served) == DESCENDANT_COLON.findall(text)
    for sum_ in re.findall(r" [+-] [\w(.]+", text):
        assert served.count(sum_) == text.count(sum_), sum_


def test_minified__script__keeps_code_and_drops_comments() -> None:
    text = "// why\nif (one) {\n  // and why\n  two(`http://x`);\n\n}\n"

    assert minified("js/a.js", text) == "if(one){two(`http://x`);}"


@pytest.mark.parametrize(
    "text",
    [
        "a=`two  ${b} blanks`",
        "a=/two  [/]  blanks/.test(b)",
        "return/ {2}'/.test(b)",
        "a=b/c/d;",
        "a=b+ +c",
    ],
)
def test_minified__script__keeps_literals(text: str) -> None:
    assert minified("js/a.js", f"// why\n{text}\n") == text


def test_minified__style__keeps_what_blanks_mean() -> None:
    text = "/* why */\n.a .b{\n  margin: calc(1px + 2px) auto;\n}\n@media (min-width:1px) and (hover:hover){.a{top:0}}"

    assert minified("css/a.css", text) == (
        ".a .b{margin:calc(1px + 2px) auto}@media (min-width:1px) and (hover:hover){.a{top:0}}"
    )


@pytest.mark.parametrize(
    "text",
    [
        ".a :is(.b,.c) :hover{top:0}",
        ".a:is(.b):hover{top:0}",
        "@media print{.a :focus{top:0}.a:focus{top:0}}",
        "@supports not (top:0){.a{top:calc(1px - (2px + 3px))}}",
        '.a{grid-template-areas:"a  b" "c d";content:" ; } "}',
        ".a>.b ~ .d{margin:-1px -2px}",
    ],
)
def test_minified__style__keeps_selectors_and_strings(text: str) -> None:
    assert minified("css/a.css", f"/* why */ {text}\n") == text


def test_minified__of_others__stays_as_it_is() -> None:
    assert minified("admin/js/core.js", "// theirs\n  x") == "// theirs\n  x"
    assert minified("img/a.svg", "<!-- -->  x") == "<!-- -->  x"


def test_storage__collecting_ours__writes_the_smaller_text_under_both_names(tmp_path: Path) -> None:
    storage = HashedStaticStorage(location=tmp_path, base_url="/static/")
    storage.save("css/a.css", ContentFile(b"/* why */ .a { top: 0; }"))

    done = [hashed for _, hashed, _ in storage.post_process({"css/a.css": (storage, "css/a.css")})]

    assert (tmp_path / "css" / "a.css").read_text() == ".a{top:0}"
    hashed = [name for name in done if name.endswith(".css")]
    assert (tmp_path / hashed[0]).read_text() == ".a{top:0}"
