"""Asking the witnesses 征求附署: those who must have seen a checkpoint before anybody else does.

A policy file (C2SP tlog-policy) names them and says how many must have cosigned; its ``witness``
lines carry the address to which checkpoints are sent. All are asked at once, each within a time
limit. What a witness answers is checked before it counts; what it claims and cannot prove (a larger
tree than ours) stops nothing by itself, since one of *n* may lie, but it is told.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import httpx

from domain.errors import DaochaError, Invalid, NotProved, Unavailable
from domain.proof.trust import NONE, Trust, read_trust
from domain.proof.witness import read_conflict, read_cosignature, write_request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from domain.proof.checkpoint import Checkpoint
    from domain.proof.note import Signature

SECONDS = 10.0
"""How long a witness may take, all in all."""
_GRACE = 0.3
"""How long those that are not needed are waited for."""
_CONNECT = 3.0
_ATTEMPTS = 3
_MAX_ANSWER = 65_536
_OK, _CONFLICT = 200, 409


class TooFew(Unavailable):
    """Too few witnesses cosigned: the checkpoint is not published."""


@dataclass
class Collected:
    """What the witnesses answered, by their names in the policy."""

    cosignatures: dict[str, Signature] = field(default_factory=dict)
    refusals: dict[str, DaochaError] = field(default_factory=dict)


def read_policy(path: Path) -> Trust:
    """Return the policy in a file; where there is none, nobody need have cosigned.

    Raises:
        Invalid: it is no policy.
        Unavailable: it cannot be read.
    """
    return policy_of(policy_text(path), path)


def policy_text(path: Path) -> str | None:
    """Return what stands in a policy file, or None where there is none; or ``Unavailable``."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(
            f"信任策略 {path} 不能读取：{error}",
            f"the policy {path} cannot be read: {error}",
            todo_zh="检查文件权限与编码（UTF-8）",
            todo_en="check its permissions and encoding (UTF-8)",
        ) from error


def policy_of(text: str | None, path: Path) -> Trust:
    """Return the policy that stands in a file, or ``Invalid`` with the line."""
    try:
        return Trust(NONE) if text is None else read_trust(text)
    except Invalid as error:
        raise Invalid(
            f"{path}：{error.zh}",
            f"{path}, line {error.where}: {error.en}",
            todo_zh="按 C2SP tlog-policy 的格式改正；daocha log policy 给出可用的样式",
            todo_en="mend it (C2SP tlog-policy); daocha log policy prints a good one",
            where=error.where,
        ) from error


class Witnesses:
    """The witnesses of one policy. To be closed.

    Args:
        policy: who they are, where they are, and how many are needed.
    """

    def __init__(self, policy: Trust) -> None:
        self.policy = policy
        self._sizes: dict[str, int] = {}
        self._asked: dict[str, Future[Signature]] = {}
        self._client = httpx.Client(timeout=httpx.Timeout(SECONDS, connect=_CONNECT))
        self._threads = ThreadPoolExecutor(max(1, len(policy.witnesses)), "witness")

    def close(self) -> None:
        """Close the connections; what is under way is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def collect(
        self, checkpoint: Checkpoint, note: bytes, prove: Callable[[int], list[bytes]]
    ) -> Collected:
        """Return the cosignatures of a checkpoint, as soon as there are enough of them.

        Those that come a little later are taken too.

        Args:
            checkpoint: its parts.
            note: the checkpoint as the log signed it.
            prove: gives the proof that its tree begins with that of a size.

        Raises:
            TooFew: the quorum was not reached within the time limit; says what each answered.
        """
        collected = Collected()
        pending = self._ask_all(checkpoint, note, prove)
        deadline = monotonic() + SECONDS
        grace: float | None = None
        while pending:
            if grace is None and self.policy.agrees(set(collected.cosignatures)):
                grace = min(deadline, monotonic() + _GRACE)
            left = (deadline if grace is None else grace) - monotonic()
            done, _ = wait(pending, max(0.0, left), FIRST_COMPLETED)
            if not done:
                break
            for each in done:
                _take(collected, pending.pop(each), each)
        if not self.policy.agrees(set(collected.cosignatures)):
            raise _too_few(self.policy, collected)
        return collected

    def _ask_all(
        self, checkpoint: Checkpoint, note: bytes, prove: Callable[[int], list[bytes]]
    ) -> dict[Future[Signature], str]:
        """Ask every witness that is not still busy with an earlier checkpoint."""
        pending = {}
        for name in self.policy.witnesses:
            busy = self._asked.get(name)
            if busy is None or busy.done():
                asked = self._threads.submit(self._ask, name, checkpoint, note, prove)
                self._asked[name] = asked
                pending[asked] = name
        return pending

    def _ask(
        self, name: str, checkpoint: Checkpoint, note: bytes, prove: Callable[[int], list[bytes]]
    ) -> Signature:
        old_size = self._sizes.get(name, 0)
        for _ in range(_ATTEMPTS):
            status, body = self._post(name, write_request(old_size, prove(old_size), note))
            if status == _OK:
                cosignature = read_cosignature(body, checkpoint.text, self.policy.witnesses[name])
                self._sizes[name] = checkpoint.size
                return cosignature
            if status != _CONFLICT:
                raise _refused(status, body)
            old_size = read_conflict(body)
            if old_size > checkpoint.size:
                raise _has_seen_more(old_size, checkpoint.size)
            self._sizes[name] = old_size
        raise _refused(_CONFLICT, body)

    def _post(self, name: str, content: bytes) -> tuple[int, bytes]:
        url = self.policy.urls.get(name)
        if url is None:
            raise Unavailable(
                "信任策略没有写明其网址",
                "the policy does not say where it is",
                todo_zh="在 witness 行末写上网址",
                todo_en="put its address at the end of the witness line",
            )
        deadline = monotonic() + SECONDS
        body = b""
        try:
            with self._client.stream(
                "POST", f"{url.rstrip('/')}/add-checkpoint", content=content
            ) as answer:
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > _MAX_ANSWER or monotonic() > deadline:
                        raise Unavailable("回答过长或过慢", "the answer is too long or too slow")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise Unavailable(f"不能连接：{reason}", f"cannot be reached: {reason}") from error
        return answer.status_code, body


def _take(collected: Collected, name: str, asked: Future[Signature]) -> None:
    try:
        collected.cosignatures[name] = asked.result()
    except DaochaError as error:
        collected.refusals[name] = error


def _too_few(policy: Trust, collected: Collected) -> TooFew:
    silent = set(policy.witnesses) - set(collected.cosignatures) - set(collected.refusals)
    zh = [f"{name}：{error.zh}" for name, error in collected.refusals.items()]
    en = [f"{name}: {error.en}" for name, error in collected.refusals.items()]
    zh += [f"{name}：未按时答复" for name in sorted(silent)]
    en += [f"{name}: no answer in time" for name in sorted(silent)]
    return TooFew(
        f"附署的见证方不足，检查点暂不公布（{'；'.join(zh)}）",
        f"too few witnesses cosigned, the checkpoint is not published ({'; '.join(en)})",
        todo_zh="事实照常记录；见证方恢复后自动公布",
        todo_en="facts are recorded all the same; it is published once they answer",
    )


def _refused(status: int, body: bytes) -> NotProved:
    said = " ".join(body[:200].decode("utf-8", "replace").split())
    return NotProved(f"拒绝附署（{status} {said}）", f"refused to cosign ({status} {said})")


def _has_seen_more(seen: int, held: int) -> NotProved:
    return NotProved(
        f"称已见过 {seen} 条的树，而现在只有 {held} 条：台账可能被回退",
        f"says it cosigned a tree of {seen}, and there are {held}: was the ledger rolled back?",
    )
