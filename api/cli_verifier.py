"""``daocha verifier``: the page with which anybody checks evidence offline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.verifier import verifier_page
from domain.errors import Invalid
from domain.proof.trust import read_trust


def verifier(
    policy: Annotated[
        Path | None,
        typer.Option(help="写入页面的信任策略文件 · the trust policy to build in"),
    ] = None,
) -> None:
    """把离线核验页写到标准输出：一个 HTML 文件，无需联网，任何人用浏览器打开即可核验证据。"""
    sys.stdout.buffer.write(verifier_page(_read(policy) if policy else "").html)


def _read(policy: Path) -> str:
    """Return the policy's text, after making sure that it is one."""
    try:
        text = policy.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"无法读取信任策略文件：{policy}",
            f"the trust policy cannot be read: {error}",
            where="--policy",
        ) from error
    read_trust(text)
    return text
