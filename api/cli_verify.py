"""``daocha verify``: check an evidence bundle with nothing but the file and a trust policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.terminal import AsJson, in_lines, out, print_json
from api.verifying import told, verify
from domain.errors import Invalid, Unavailable
from domain.proof.bundle import MAX_BUNDLE
from domain.proof.fork import is_fork, open_fork
from domain.proof.trust import read_trust

if TYPE_CHECKING:
    from api.verifying import Verified
    from domain.errors import DaochaError
    from domain.proof.claims import Claim, Language
    from domain.proof.fork import Forked

_HEADS = {
    "zh": ("证据成立。", "证明了：", "没有证明：", "证据不成立："),
    "en": ("The evidence holds.", "Proved:", "Not proved:", "The evidence does not hold:"),
}
_NOT_PROVED, _NOT_CHECKED = 1, 2


def verify_bundle(
    file: Annotated[
        Path,
        typer.Argument(help="证据包，或内附证据包的 PDF 文书 · a bundle, or a PDF with one"),
    ],
    policy: Annotated[
        Path | None, typer.Option(help="信任策略：信任哪些日志和见证方 · whom to trust")
    ] = None,
    english: Annotated[bool, typer.Option("--english", help="in English")] = False,
    as_json: AsJson = False,
) -> None:
    """核验证据包：不连数据库、不连网络、不需设置。退出码 0 成立，1 不成立，2 未能核验。"""
    language: Language = "en" if english else "zh"
    if policy is None:
        raise Invalid(
            "须指明信任策略：信任哪一日志、哪些见证方，只能由核验的人决定",
            "a trust policy is needed: which log and which witnesses to trust is yours to decide",
            todo_zh="向上级机关或见证方索取公钥，写入文件；见 docs/verifying.md",
            todo_en="get the keys from the authority or the witnesses; see docs/verifying.md",
            where="--policy",
        )
    trust = read_trust(_read(policy, MAX_BUNDLE).decode("utf-8", "replace"))
    data = _read(file, MAX_BUNDLE + 1)
    try:
        if is_fork(data):
            _tell_fork(open_fork(data, trust), language, as_json=as_json)
            return
        verified = verify(data, trust)
    except Unavailable:
        raise  # an algorithm that is not installed here
    except Invalid as error:
        _refuse(error, language, as_json=as_json)
        raise typer.Exit(_NOT_PROVED) from error
    if as_json:
        print_json(_json(verified))
    else:
        _print(verified, language)


def _tell_fork(forked: Forked, language: Language, *, as_json: bool) -> None:
    """Tell that a log is convicted of two histories."""
    if as_json:
        roots = [root.hex() for root in forked.roots]
        about = {"log": forked.origin, "size": forked.size, "roots": roots}
        print_json({"verified": True, "fork": about, "zh": forked.zh, "en": forked.en})
    else:
        out.print(_HEADS[language][0], style="bold green")
        out.print(forked.zh if language == "zh" else forked.en, style="bold red")


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise Unavailable(
            f"不能读取 {path}：{error.strerror}",
            f"cannot read {path}: {error.strerror}",
            todo_zh="检查文件名和权限",
            todo_en="check its name and permissions",
            where=str(path),
        ) from error


def _print(verified: Verified, language: Language) -> None:
    good, proved, left_open, _ = _HEADS[language]
    out.print(good, style="bold green")
    _list(proved, verified.claims.proved, language)
    _list(left_open, verified.claims.open, language)


def _list(head: str, claims: tuple[Claim, ...], language: Language) -> None:
    out.print(f"\n{head}", style="bold")
    for number, claim in enumerate(claims, 1):
        begins = f"{number:3}. "
        for line in in_lines(claim.words(language), out.width - len(begins)):
            out.print(begins + line, soft_wrap=True)
            begins = " " * len(begins)


def _refuse(error: DaochaError, language: Language, *, as_json: bool) -> None:
    if as_json:
        print_json({"verified": False, "zh": error.zh, "en": error.en, "where": error.where})
        return
    zh = language == "zh"
    said, todo = (error.zh, error.todo_zh) if zh else (error.en, error.todo_en)
    out.print(f"{_HEADS[language][3]}{said}", style="bold red")
    if todo:
        out.print(todo)


def _json(verified: Verified) -> dict[str, Any]:
    evidence = verified.evidence
    checkpoint = evidence.trusted.checkpoint
    return {
        "verified": True,
        "about": evidence.about.model_dump(),
        "checkpoint": {
            "log": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "cosigned": [
                {"witness": each.witness, "at": each.at.isoformat() if each.at else None}
                for each in evidence.trusted.cosigned
            ],
        },
        "proved": [told(each) for each in verified.claims.proved],
        "not_proved": [told(each) for each in verified.claims.open],
    }
