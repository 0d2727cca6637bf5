"""The refusal 无权: in the same words for what is not one's own and for what does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import Forbidden
from domain.permissions import TIES, Tie

if TYPE_CHECKING:
    from domain.permissions import Row


def refused(row: Row) -> Forbidden:
    """Return the refusal that names the posts which may, and not whether the thing exists."""
    ties = [TIES[tie] for tie in TIES if tie in row.ties | {Tie.OWNER}]
    return Forbidden(
        f"无权{row.zh}，或并无此事项",
        f"you may not {row.en}, or there is no such thing",
        todo_zh="有权的是：" + "、".join(zh for zh, _ in ties),
        todo_en="who may: " + "; ".join(en for _, en in ties),
    )
