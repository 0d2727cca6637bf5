from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.verifier import bundled, verifier_page
from domain.errors import Invalid
from domain.proof.claims import words
from tests.support.evidence import POLICY

if TYPE_CHECKING:
    from pathlib import Path


def test_the_page_needs_nothing_else() -> None:
    page = verifier_page(POLICY).html.decode()
    assert not re.search(r"\b(?:src|href)=\"(?!data:)", page)
    assert not re.search(r"https?://(?!\S*\\)", page.replace("https:\\/\\/", ""))
    for way_out in ("fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "eval(", "innerHTML"):
        assert way_out not in page
    assert not re.search(r"^(?:import|export) ", page, re.MULTILINE)


def test_its_policy_names_what_stands_in_it() -> None:
    html, policy = verifier_page(POLICY)
    page = html.decode()
    for tag in ("script", "style"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert f'content="{policy}"' in page
    assert "default-src 'none'" in policy


def test_what_is_built_in_cannot_end_the_script() -> None:
    page = verifier_page("# </script><!-- <script>\nquorum none\n").html.decode()
    assert page.count("</script>") == 1
    assert "<!--" not in page


def test_modules_come_before_whoever_imports_them() -> None:
    script = bundled("page")
    names = re.findall(r"^modules\.(\w+) = ", script, re.MULTILINE)
    for name in names:
        body = script.split(f"modules.{name} = ")[1].split("\n})();")[0]
        used = re.findall(r"= modules\.(\w+);", body)
        assert all(names.index(other) < names.index(name) for other in used)


def test_every_module_is_used() -> None:
    names = {f.name for f in files("api.verifier").iterdir() if f.name.endswith(".js")}
    script = bundled("page")
    assert {name for name in names if f"modules.{name[:-3]} = (" not in script} == set()


def test_claims_have_words_on_the_page() -> None:
    """What the page sorts claims by are claims that there are."""
    source = files("api.verifier").joinpath("page.js").read_text("utf-8")
    lists = re.findall(
        r"^const (?:GRAVE|NOTED|GIST) = \[(.*?)\];", source, re.DOTALL | re.MULTILINE
    )
    named = {name for text in lists for name in re.findall(r'"(\w+)"', text)}
    assert len(lists) == 3
    assert named <= set(words()["claims"])


def test_every_claim_that_python_tells_the_page_can_tell() -> None:
    """Claims about rolls asked alone, and about rules asked again, are told by the program only."""
    keys = re.compile(r'"([a-z_]+)"')
    python = files("domain.proof").joinpath("claims.py").read_text("utf-8")
    page = files("api.verifier").joinpath("claims.js").read_text("utf-8")
    told = set(words()["claims"]) & set(keys.findall(python))
    assert len(told) > 30
    assert told - set(keys.findall(page)) == set()


def test_both_languages_have_the_same_words() -> None:
    texts = json.loads(files("api.verifier").joinpath("words.json").read_text("utf-8"))
    assert set(texts["zh"]) == set(texts["en"])
    source = files("api.verifier").joinpath("page.js").read_text("utf-8")
    page = files("api.verifier").joinpath("page.html").read_text("utf-8")
    used = set(re.findall(r'\bword\(\s*"(\w+)"', source)) | set(
        re.findall(r'data-word="(\w+)"', page)
    )
    assert used <= set(texts["zh"])
    for name in texts["zh"]:
        places = [set(re.findall(r"\{\w+\}", texts[each][name])) for each in ("zh", "en")]
        assert places[0] == places[1], name


def test_the_command_writes_it(tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.write_text(POLICY, "utf-8")
    done = CliRunner().invoke(app, ["verifier", "--policy", str(policy)])
    assert done.stdout_bytes == verifier_page(POLICY).html
    assert CliRunner().invoke(app, ["verifier"]).stdout_bytes == verifier_page().html


@pytest.mark.parametrize("text", ["quorum all of them\n", None])
def test_a_policy_that_is_none_is_not_built_in(tmp_path: Path, text: str | None) -> None:
    policy = tmp_path / "policy"
    if text is not None:
        policy.write_text(text, "utf-8")
    done = CliRunner().invoke(app, ["verifier", "--policy", str(policy)])
    assert isinstance(done.exception, Invalid)
    assert done.stdout_bytes == b""
