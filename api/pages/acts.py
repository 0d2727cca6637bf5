"""Forms of acts 办理表单: what an official fills in, read into what the API would have been sent.

A form is described once, in a table beside its page. It works without a script: rows come as many
as are asked for, and what was typed comes back with what is wrong beside the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.errors import DaochaError

Kind = Literal[
    "line", "words", "day", "moment", "number", "choice", "many", "list", "yes", "rows", "told"
]
Options = Mapping[str, Sequence[tuple[str, str]]]
"""By name: what can be chosen, as value and text."""
Given = Mapping[str, Sequence[str]]
"""What a form holds, by the names of its fields."""
HAPPENED = "happened"
POST = "by_post"
COMMAND = "command"
_ZONE = "+08:00"
_APART = re.compile(r"\s*[、，,；;]\s*")
"""What stands between the parts of a list in one field."""
_NO_SECONDS = len("2024-05-03T14:30")


@dataclass(frozen=True, slots=True)
class Ask:
    """One field of a form.

    Args:
        name: the fact's field.
        zh, en: what it is called.
        kind: how it is asked; ``told`` is shown and sent back, not typed.
        options: of a choice: the name of what can be chosen.
        needed: it must be filled in; of rows: at least one.
        parts: of rows: what each row asks.
        zh_hint, en_hint: said below it.
        number: what is chosen are numbers.
        yes, no: of a yes or no: the words for either, in Chinese and English.
    """

    name: str
    zh: str
    en: str
    kind: Kind = "line"
    options: str = ""
    needed: bool = False
    parts: tuple[Ask, ...] = ()
    zh_hint: str = ""
    en_hint: str = ""
    number: bool = False
    yes: tuple[str, str] = ("是", "Yes")
    no: tuple[str, str] = ("否", "No")


@dataclass(frozen=True, slots=True)
class ActForm:
    """The form of one kind of act.

    Args:
        topic: the fact that it records.
        zh, en: what the act is called on its button.
        asks: its fields.
        body: the fact's field that names the acting body: that of the post acted in.
        side: whose posts do it: those of the enterprise, or those of bodies.
        aside: fields that are no part of the fact: what is recorded with it.
        happened: whether it is asked when it happened; an act of the record happens as it arrives.
        zh_hint, en_hint: what to know before doing it.
    """

    topic: str
    zh: str
    en: str
    asks: tuple[Ask, ...] = ()
    body: str = "by_org"
    side: Literal["enterprise", "body", "any"] = "body"
    happened: bool = False
    aside: tuple[str, ...] = ()
    zh_hint: str = ""
    en_hint: str = ""

    @property
    def act(self) -> str:
        """Its name in addresses."""
        return self.topic.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read from a form: the values of the fact's fields, and where each row came from."""

    values: dict[str, Any]
    rows: dict[str, list[int]]

    def place(self, where: str) -> str:
        """Return the form's field that a complaint about the fact's field is about."""
        parts = where.split(".")
        if len(parts) > 1 and parts[0] in self.rows and parts[1].isdecimal():
            kept = self.rows[parts[0]]
            row = int(parts[1])
            parts[1] = str(kept[row]) if row < len(kept) else parts[1]
        return ".".join(parts)


def read(form: ActForm, given: Given) -> Read:
    """Return what a form was filled in with; blanks are left out, and rows of blanks."""
    rows: dict[str, list[int]] = {}
    values = dict(_values(form.asks, given, "", rows))
    return Read(values, rows)


def _values(
    asks: Sequence[Ask], given: Given, prefix: str, rows: dict[str, list[int]]
) -> Iterator[tuple[str, Any]]:
    for ask in asks:
        name = prefix + ask.name
        if ask.kind == "rows":
            found = [
                (number, dict(_values(ask.parts, given, f"{name}.{number}.", rows)))
                for number in range(row_count(given, name))
            ]
            told = {part.name for part in ask.parts if part.kind == "told"}
            kept = [(number, row) for number, row in found if row.keys() - told]
            rows[name] = [number for number, _ in kept]
            if kept or ask.needed:
                yield ask.name, [row for _, row in kept]
        else:
            value = _value(ask, [each.strip() for each in given.get(name, ())])
            if value is not None:
                yield ask.name, value


def _value(ask: Ask, texts: list[str]) -> Any:  # noqa: ANN401 - as the kind of field wants it
    filled = [text for text in texts if text]
    if not filled:
        return None
    if ask.kind == "list":
        return [part for part in _APART.split(filled[0]) if part]
    if ask.kind == "many":
        return [_number(text) if ask.number else text for text in filled]
    if ask.kind == "yes":
        return {"yes": True, "no": False}.get(filled[0], filled[0])
    if ask.kind == "moment":
        return moment(filled[0])
    return _number(filled[0]) if ask.number or ask.kind == "number" else filled[0]


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text  # noqa: PLR2004 - what is longer is no number of ours


def moment(text: str) -> str:
    """Return a moment as a form's own kind of field gives it, in Beijing time, with its zone."""
    return text + _ZONE if "T" in text and len(text) >= _NO_SECONDS and "+" not in text else text


def row_count(given: Given, name: str) -> int:
    """Return how many rows a form holds under a name."""
    numbers = [
        int(part)
        for key in given
        if key.startswith(f"{name}.") and (part := key.split(".")[1]).isdecimal()
    ]
    return max(numbers, default=-1) + 1


@dataclass(frozen=True, slots=True)
class Input:
    """A field as it is shown.

    Args:
        ask: what it asks.
        name: its name in the form.
        label, hint: in the page's language.
        values: what it holds.
        options: what can be chosen.
        error: what is wrong with it.
        rows: of rows: the fields of each.
    """

    ask: Ask
    name: str
    label: str
    hint: str
    values: Sequence[str] = ()
    options: Sequence[tuple[str, str]] = ()
    error: str = ""
    rows: Sequence[Sequence[Input]] = ()

    @property
    def id(self) -> str:
        """Its id on the page."""
        return self.name.replace(".", "-")

    @property
    def value(self) -> str:
        """The one value that it holds."""
        return self.values[0] if self.values else ""

    @property
    def told(self) -> str:
        """What its value stands for."""
        return dict(self.options).get(self.value, self.value)


@dataclass(frozen=True, slots=True)
class Shown:
    """A form as it is shown.

    Args:
        form: which.
        action: where it is sent.
        posts: in which of the visitor's posts it can be done, as id and words.
        command: the id of the command that it becomes.
        inputs: its fields.
        happened: when, as its field holds it.
        post: the post chosen.
        problem: why it was refused a moment ago.
        open: whether it stands open.
    """

    form: ActForm
    action: str
    posts: Sequence[tuple[str, str]]
    command: str
    inputs: Sequence[Input]
    happened: str = ""
    post: str = ""
    problem: DaochaError | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """A form that was sent and refused: what it held, and what is wrong.

    ``errors`` are by the names of its fields, in Chinese and English.
    """

    topic: str
    given: Given
    problem: DaochaError | None = None
    errors: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    command: str = ""


def show(  # noqa: PLR0913 - each says something else of the form
    form: ActForm,
    *,
    action: str,
    posts: Sequence[tuple[str, str]],
    options: Options,
    given: Given,
    command: str,
    zh: bool,
    now: str = "",
    tried: Tried | None = None,
) -> Shown:
    """Return a form as it is shown: fresh, or as it was tried.

    Args:
        form: which.
        action: where it is sent.
        posts: in which posts it can be done.
        options: what can be chosen, by name.
        given: what it holds to begin with.
        command: a fresh id.
        zh: whether in Chinese.
        now: the moment, as a field holds it.
        tried: the same form as it was sent and refused.
    """
    mine = tried if tried and tried.topic == form.topic else None
    held = mine.given if mine else given
    errors = mine.errors if mine else {}
    return Shown(
        form=form,
        action=action,
        posts=posts,
        command=mine.command if mine and mine.command else command,
        inputs=[*_inputs(form.asks, held, options, errors, "", zh=zh)],
        happened=(held.get(HAPPENED) or [now])[0],
        post=(held.get(POST) or [""])[0],
        problem=mine.problem if mine else None,
        open=mine is not None,
    )


def _inputs(
    asks: Sequence[Ask],
    given: Given,
    options: Options,
    errors: Mapping[str, tuple[str, str]],
    prefix: str,
    *,
    zh: bool,
) -> Iterator[Input]:
    for ask in asks:
        name = prefix + ask.name
        shown = Input(
            ask,
            name,
            ask.zh if zh else ask.en,
            ask.zh_hint if zh else ask.en_hint,
            values=tuple(given.get(name, ())),
            options=_choices(ask, options, zh=zh),
            error=errors.get(name, ("", ""))[0 if zh else 1],
        )
        if ask.kind == "rows":
            count = max(row_count(given, name), 1)
            rows = [
                [*_inputs(ask.parts, given, options, errors, f"{name}.{number}.", zh=zh)]
                for number in range(count)
            ]
            shown = replace(shown, rows=rows)
        yield shown


def _choices(ask: Ask, options: Options, *, zh: bool) -> Sequence[tuple[str, str]]:
    if ask.kind == "yes":
        told = [("yes", ask.yes), ("no", ask.no)]
        return [(value, words[0 if zh else 1]) for value, words in told]
    return options.get(ask.options, ()) if ask.options else ()
