"""Everything that daocha refuses, as one tree.

::

    DaochaError
    ├── Invalid            the input is not of the form it must have
    │   └── NotProved      a proof, a signature or a note does not hold
    ├── NotFound           nothing of that name is on record
    ├── Refused            the act cannot be recorded
    │   ├── Contradiction  it contradicts the record (accepting a hazard nobody found)
    │   └── GateClosed     an act with legal effect whose condition fails; names the clause
    ├── Conflict           the record changed since it was read: read again and decide again
    ├── CommandReused      a command id came a second time with another content
    ├── NotAuthenticated   who acts is not known
    ├── Forbidden          who acts may not do this
    └── Unavailable        the ledger cannot be reached or written just now

Each says in Chinese and in English what is wrong and what to do; ``api`` turns them into
``application/problem+json`` (RFC 9457) in one table.
"""

from __future__ import annotations


class DaochaError(Exception):
    """Something was refused.

    Args:
        zh: what is wrong, in Chinese.
        en: the same in English.
        todo_zh: what to do, in Chinese.
        todo_en: the same in English.
        clause: the number in ``policy.md`` of the clause that says so, such as ``3.2c``.
        where: the field, row or position concerned.
    """

    def __init__(
        self,
        zh: str,
        en: str,
        *,
        todo_zh: str = "",
        todo_en: str = "",
        clause: str | None = None,
        where: str | None = None,
    ) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en
        self.todo_zh = todo_zh
        self.todo_en = todo_en
        self.clause = clause
        self.where = where

    def __str__(self) -> str:
        """Return both languages on one line, for logs and terminals."""
        clause = f"〔{self.clause}〕" if self.clause else ""
        todo = f" {self.todo_zh}" if self.todo_zh else ""
        return f"{clause}{self.zh}{todo} ({self.en})"


class Invalid(DaochaError):
    """The input is not of the form it must have."""


class NotProved(Invalid):
    """A proof, a signature or a note does not hold: what it claims is not shown."""


class NotFound(DaochaError):
    """Nothing of that name is on record."""


class Refused(DaochaError):
    """The act cannot be recorded."""


class Contradiction(Refused):
    """The act contradicts what is on record."""


class GateClosed(Refused):
    """An act with legal effect whose condition fails; ``clause`` names the rule."""


class Conflict(DaochaError):
    """The record changed since it was read."""


class CommandReused(DaochaError):
    """A command id came a second time with another content."""


class NotAuthenticated(DaochaError):
    """Who acts is not known."""


class Forbidden(DaochaError):
    """Who acts may not do this."""


class Unavailable(DaochaError):
    """The ledger cannot be reached or written just now."""
