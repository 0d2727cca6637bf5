"""What is asked of the ledger and what it answers: commands, their conditions, receipts.

A :class:`Command` is one decision: its facts are recorded together or not at all, once, however
often it is sent. Its :class:`Condition` says on what the decision rested.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from domain.errors import (
    CommandReused,
    Conflict,
    Contradiction,
    DaochaError,
    Invalid,
    Unavailable,
)
from domain.fact import MAX_LEAF, Draft, Sealed
from domain.ledger.vault import erased
from domain.moment import format_moment, utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from domain.ledger.vault import Vault

_TAG = re.compile(r"[a-z][a-z0-9_]*:[A-Za-z0-9._-]+")
_MAX_TAG = 100
_MAX_DIGEST = 64
_NONCE_BYTES = 16
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class Query:
    """Facts by what they touch: those with ALL of ``tags``, of ANY of ``topics`` (none: any).

    Raises:
        Invalid: there is neither a tag nor a topic, or a tag is not of the form ``kind:value``.
    """

    tags: tuple[str, ...]
    topics: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.tags and not self.topics:
            raise Invalid("查询至少须有一个标签或类型", "a query needs a tag or a topic")
        for tag in self.tags:
            if not _is_tag(tag):
                raise Invalid(f"标签格式不对：{tag!r}", f"not a tag: {tag!r}", where="tags")


@dataclass(frozen=True, slots=True)
class Condition:
    """On what a decision rests: since position ``after``, no fact answers any of the queries."""

    after: int
    none_of: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """Facts to be recorded together.

    Args:
        id: made by whoever decides, so that sending it again is harmless.
        drafts: the facts, in order.
        digest: of the command's content, at most 64 bytes; the same id with another is refused.
        condition: what must still hold when it is recorded.
        recorded: the moment of recording, aware; only a simulated ledger takes it.
    """

    id: UUID
    drafts: tuple[Draft, ...]
    digest: bytes
    condition: Condition | None = None
    recorded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a command.

    Args:
        command: its id.
        positions: where its facts stand.
        recorded: when, in UTC, by the database's clock.
        repeated: it had been recorded before; positions and moment are those of the first time.
    """

    command: UUID
    positions: tuple[int, ...]
    recorded: datetime
    repeated: bool


def encode(
    commands: Sequence[Command], vault: Vault | None, random: Callable[[int], bytes]
) -> list[dict[str, Any] | Invalid | Contradiction]:
    """Return for each command what the append function takes, or why it cannot be sent.

    Raises:
        Unavailable: there are personal values to seal, and no vault, or its keys are out of reach.
    """
    requests: list[dict[str, Any] | Invalid | Contradiction] = [
        _encode_or_refuse(command, random) for command in commands
    ]
    _seal(requests, commands, vault)
    return requests


def payload(requests: Sequence[dict[str, Any]]) -> str:
    """Return the one argument of the append function."""
    return orjson.dumps(requests).decode()


def decode(command: Command, answer: dict[str, Any]) -> Receipt | DaochaError:
    """Return what the append function's ``answer`` to ``command`` means."""
    match answer["outcome"]:
        case "recorded" | "repeated" as outcome:
            first = answer["first"]
            return Receipt(
                command=command.id,
                positions=tuple(range(first, first + answer["facts"])),
                recorded=utc(datetime.fromisoformat(answer["recorded"])),
                repeated=outcome == "repeated",
            )
        case "conflict":
            return _conflict(answer)
        case "reused":
            return CommandReused(
                f"命令编号 {command.id} 已用于另一内容（第 {answer['first']} 条）",
                f"command id {command.id} stands for another content, at {answer['first']}",
                todo_zh="内容不同的命令请用新的编号。",
                todo_en="Give a command of another content another id.",
                where="id",
            )
        case _:
            return Invalid(
                f"命令不合格式：{answer['reason']}", f"the command is refused: {answer['reason']}"
            )


def _encode_or_refuse(command: Command, random: Callable[[int], bytes]) -> dict[str, Any] | Invalid:
    try:
        return _encode(command, random)
    except Invalid as error:
        return error


def _encode(command: Command, random: Callable[[int], bytes]) -> dict[str, Any]:
    if not command.drafts:
        raise Invalid("命令没有内容", "a command needs at least one fact", where="drafts")
    if not 1 <= len(command.digest) <= _MAX_DIGEST:
        raise Invalid("命令摘要须为 1 至 64 字节", "a digest has 1 to 64 bytes", where="digest")
    request: dict[str, Any] = {
        "id": str(command.id),
        "digest": command.digest.hex(),
        "facts": [
            _encode_draft(draft, f"drafts.{index}", command.id, random)
            for index, draft in enumerate(command.drafts)
        ],
    }
    if command.condition:
        request["condition"] = {
            "after": command.condition.after,
            "none_of": [{"tags": q.tags, "topics": q.topics} for q in command.condition.none_of],
        }
    if command.recorded:
        try:
            request["recorded"] = format_moment(utc(command.recorded))
        except ValueError as error:
            raise Invalid(str(error), str(error), where="recorded") from error
    return request


def _encode_draft(
    draft: Draft, where: str, command: UUID, random: Callable[[int], bytes]
) -> dict[str, Any]:
    if draft.version < 1:
        raise Invalid("版本号从 1 起", "versions begin at 1", where=f"{where}.version")
    tags = draft.tags()
    for tag in tags:
        if not _is_tag(tag):
            raise Invalid(f"标签格式不对：{tag!r}", f"not a tag: {tag!r}", where=f"{where}.tags")
    for path, sealed in draft.fact.sealed():
        if sealed.value is None:
            raise Invalid(
                "封存值没有原文", "a sealed value is not open", where=f"{where}.fact.{path}"
            )
    body = draft.body(command, random(_NONCE_BYTES))
    if "\\u0000" in body and _NUL.search(body):
        raise Invalid("文字中不得有空字符", "NUL characters are not allowed", where=f"{where}.fact")
    if len(body.encode()) > MAX_LEAF:  # the envelope is counted where it is made
        raise Invalid(
            f"一条事实不得超过 {MAX_LEAF} 字节",
            f"a fact has at most {MAX_LEAF} bytes",
            todo_zh="大的内容请存为附件，只记其摘要。",
            todo_en="Store large content elsewhere and record its digest.",
            where=f"{where}.fact",
        )
    return {
        "record": str(draft.record),
        "version": draft.version,
        "topic": draft.fact.topic.name,
        "tags": tags,
        "body": body,
    }


def _is_tag(tag: str) -> bool:
    return len(tag) <= _MAX_TAG and _TAG.fullmatch(tag) is not None


def _seal(
    requests: list[dict[str, Any] | Invalid | Contradiction],
    commands: Sequence[Command],
    vault: Vault | None,
) -> None:
    """Put the boxes of all personal values into the requests, with one visit to the keys.

    A command with a value for somebody who was erased is refused.
    """
    found = list(_sealed_values(requests, commands))
    if not found:
        return
    if vault is None:
        raise Unavailable(
            "没有密钥库，不能记录个人信息",
            "without the key store no personal value can be recorded",
            todo_zh="请以密钥库打开台账。",
            todo_en="Open the ledger with its key store.",
        )
    barred = vault.barred(sealed.subject for _, _, _, sealed in found)
    for index, _, _, sealed in found:
        if sealed.subject in barred:
            requests[index] = erased(sealed.subject)
    found = [each for each in found if isinstance(requests[each[0]], dict)]
    boxes = vault.seal([sealed for _, _, _, sealed in found])
    for (_, fact, path, sealed), box in zip(found, boxes, strict=True):
        text = base64.b64encode(box).decode()
        fact.setdefault("sealed", []).append([path, str(sealed.subject), text])


def _sealed_values(
    requests: Sequence[dict[str, Any] | Invalid | Contradiction], commands: Sequence[Command]
) -> Iterator[tuple[int, dict[str, Any], str, Sealed]]:
    for index, (request, command) in enumerate(zip(requests, commands, strict=True)):
        if isinstance(request, dict):
            for fact, draft in zip(request["facts"], command.drafts, strict=True):
                for path, sealed in draft.fact.sealed():
                    yield index, fact, path, sealed


def _conflict(answer: dict[str, Any]) -> Conflict:
    if "query" in answer:
        index = answer["query"] - 1
        zh = f"所依据的情况已变：第 {answer['position']} 条事实"
        en = f"the decision no longer holds: see the fact at {answer['position']}"
        where = f"condition.none_of.{index}"
    else:
        record, last = answer["record"], answer["last"]
        zh = f"档案 {record} 现有 {last} 条，不能接着写第 {answer['version']} 条"
        en = f"record {record} is at version {last}, {answer['version']} does not follow"
        where = f"drafts.{answer['fact'] - 1}.version"
    return Conflict(
        zh,
        en,
        todo_zh="请重新读取后再决定。",
        todo_en="Read again and decide again.",
        where=where,
    )
