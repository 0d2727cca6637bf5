"""The verifier 核验页: one HTML file that checks evidence bundles with no server and no network.

Its sources are small JavaScript modules, one for each module of :mod:`domain.proof` that opening a
bundle needs, with the same checks in the same order; ``page.js`` is what a person sees. Here they
are put together into one file, which needs nothing else: no library, no build, no connection.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (?:(?:const|class|function\*?) (?P<one>\w+)|const \[(?P<list>[\w, ]+)\])",
    re.MULTILINE,
)
_CLOSING_TAG = re.compile(r"<(?=[/!])")


class VerifierPage(NamedTuple):
    """The file, and the ``Content-Security-Policy`` under which it works."""

    html: bytes
    policy: str


def verifier_page(trust: str = "") -> VerifierPage:
    """Return the page.

    Args:
        trust: the trust policy to build in (:mod:`domain.proof.trust`); without one the page asks
            its reader for a policy file.
    """
    style = _source("page.css")
    data = {
        "trust": trust,
        "claims": json.loads(files("domain.proof").joinpath("claims.json").read_text("utf-8")),
        "words": json.loads(_source("words.json")),
    }
    script = f'"use strict";\n{bundled("page")}modules.page.show({_inert(data)});\n'
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:"
    )
    parts = {"STYLE": style, "SCRIPT": script, "POLICY": policy}
    html = re.sub(r"\{\{([A-Z]+)\}\}", lambda found: parts[found[1]], _source("page.html"))
    return VerifierPage(html.encode(), policy)


@cache
def bundled(entry: str) -> str:
    """Return a module and all that it imports as one classic script, ``modules`` by name.

    A module becomes a function that is called at once and returns what it exports. So modules
    stay plain files that any JavaScript program can import, and no tool has to be installed.

    Args:
        entry: the module's name, without ``.js``.
    """
    script = ["const modules = {};\n"]
    done: set[str] = set()

    def add(name: str) -> None:
        if name in done:
            return
        done.add(name)
        source = _source(f"{name}.js")
        for _, other in _IMPORT.findall(source):
            add(other)
        script.append(_as_function(name, source))

    add(entry)
    return "".join(script)


def _as_function(name: str, source: str) -> str:
    exported = [
        each.strip()
        for found in _EXPORT.finditer(source)
        for each in (found["one"] or found["list"]).split(",")
    ]
    body = _IMPORT.sub(lambda found: f"const {_renamed(found[1])} = modules.{found[2]};\n", source)
    body = re.sub(r"^export ", "", body, flags=re.MULTILINE)
    return f"modules.{name} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"


def _renamed(names: str) -> str:
    """Return an import's names as a destructuring has them: ``a as b`` is ``a: b`` there."""
    return names.replace(" as ", ": ")


def _source(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _inert(data: object) -> str:
    """Return data as JavaScript that cannot end the script that it stands in."""
    return _CLOSING_TAG.sub(r"\\u003c", json.dumps(data, ensure_ascii=False))


def _hash(source: str) -> str:
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"
