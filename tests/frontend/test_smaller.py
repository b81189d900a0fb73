"""What is served is what was written, without comments and indentation."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from community.core.smaller import smaller
from community.core.storage import HashedStaticStorage

STATIC = Path(settings.BASE_DIR) / "static"
SCRIPTS = sorted((STATIC / "js").glob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts__strings_and_comments__end_on_their_line(path: Path) -> None:
    for line in path.read_text().splitlines():
        code = re.sub(r"^\s*//.*", "", line)
        assert code.count("`") % 2 == 0, line
        assert "/*" not in code, line


def test_smaller__script__keeps_code_and_drops_comments() -> None:
    text = "// why\nif (one) {\n  // and why\n  two(`http://x`);\n\n}\n"

    assert smaller("js/a.js", text) == "if (one) {\ntwo(`http://x`);\n}\n"


def test_smaller__style__keeps_what_blanks_mean() -> None:
    text = "/* why */\n.a .b{\n  margin: calc(1px + 2px) auto;\n}\n@media (min-width:1px) and (hover:hover){.a{top:0}}"

    assert smaller("css/a.css", text) == (
        ".a .b{margin: calc(1px + 2px) auto}@media (min-width:1px) and (hover:hover){.a{top:0}}"
    )


def test_smaller__of_others__stays_as_it_is() -> None:
    assert smaller("admin/js/core.js", "// theirs\n  x") == "// theirs\n  x"
    assert smaller("img/a.svg", "<!-- -->  x") == "<!-- -->  x"


def test_storage__collecting_ours__writes_the_smaller_text_under_both_names(tmp_path: Path) -> None:
    storage = HashedStaticStorage(location=tmp_path, base_url="/static/")
    storage.save("css/a.css", ContentFile(b"/* why */ .a { top: 0; }"))

    done = [hashed for _, hashed, _ in storage.post_process({"css/a.css": (storage, "css/a.css")})]

    assert (tmp_path / "css" / "a.css").read_text() == ".a{top: 0}"
    hashed = [name for name in done if name.endswith(".css")]
    assert (tmp_path / hashed[0]).read_text() == ".a{top: 0}"
