"""Publicity 宣传 for the finding and remedying of hazards, by medium (5.2h)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from domain.fact import BodyFact, FreeText


class Medium(StrEnum):
    """By what the public is told 宣传媒体."""

    BROADCAST = "broadcast"
    TELEVISION = "television"
    NEWSPAPER = "newspaper"
    INTERNET = "internet"
    OTHER = "other"


class PublicityMade(
    BodyFact, topic="publicity.made", zh="开展隐患排查治理宣传", en="Publicity made", starts=True
):
    """A body told the public of hazards and their remedy, by these media (5.2h)."""

    media: tuple[Medium, ...] = Field(min_length=1)
    outlet: str | None = Field(default=None, max_length=200, examples=["县融媒体中心“安全哨”栏目"])
    content: FreeText
    document: str | None = Field(default=None, max_length=200)
