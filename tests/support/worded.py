"""Words 措辞: what users read says something in both languages, and is no placeholder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from domain.answer import BreachLine, Line, Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.answer import Trace
    from domain.errors import DaochaError

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_PLACEHOLDER = re.compile(r"XX|\bNone\b|TODO")
_SHOUTED = re.compile(r"\b[A-Z]{4,}\b.*\b[A-Z]{3,}\b")


def check_words(zh: str, en: str) -> None:
    """Expect the Chinese to hold Chinese, the English letters that are not all capitals."""
    for text in (zh, en):
        assert isinstance(text, str), (zh, en)
        assert not _PLACEHOLDER.search(text), text
    assert _CHINESE.search(zh), zh
    assert re.search(r"[a-z]", en), en
    assert not _SHOUTED.search(_CHINESE.sub("", en)), en


def check_refusal(refusal: DaochaError) -> None:
    """Expect a refusal to say what is wrong and what to do."""
    check_words(refusal.zh, refusal.en)
    if refusal.todo_zh or refusal.todo_en:
        check_words(refusal.todo_zh, refusal.todo_en)


def check_answer(answer: Trace) -> None:
    """Expect every duty and breach of a trace to be worded, and to have an id of its own."""
    ids = [item.id for line in Line for item in getattr(answer.lines, line.value)]
    assert len(set(ids)) == len(ids), ids
    for words in _words(answer):
        check_words(words.zh, words.en)


def _words(answer: Trace) -> Iterable[Words]:
    for line in Line:
        for item in getattr(answer.lines, line.value):
            yield item.title
            told = item.detail if isinstance(item, BreachLine) else item.note
            if told is not None:
                yield told
