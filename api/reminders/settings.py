"""How reminders are sent 提醒设置: one file beside the key store, or the defaults without it.

::

    before = [7, 1]                      # days before a deadline
    public = "https://aj.example.gov.cn" # where a mail's reader goes

    [[escalation]]                       # overdue for so many days: told to these posts too
    after = 3
    to = "deputy"                        # deputy, principal, or counterpart: whom it is owed to

    [mail]
    host = "smtp.example.gov.cn"
    sender = "安全生产倒查 <aj@example.gov.cn>"
    password_file = "/etc/daocha/smtp"   # with username

    [[webhook]]
    name = "oa"
    url = "https://oa.example.gov.cn/hooks/daocha"
    secret_file = "/etc/daocha/oa"       # whsec_…
    organisation = "11371321MB2857003C"  # only what it owes or is owed; all without it

A webhook goes to an address of this file and to no other: no redirect is followed.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain.errors import Invalid

FILE = "reminders.toml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Escalation(_Part):
    """Who is told besides, once a duty has been overdue for so many days."""

    after: int = Field(ge=1, le=3650)
    to: Literal["deputy", "principal", "counterpart"]


class MailServer(_Part):
    """The SMTP server that takes the mail."""

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str = Field(min_length=3)
    username: str | None = None
    password_file: Path | None = None
    seconds: int = Field(default=20, ge=1, le=300)

    @property
    def password(self) -> str | None:
        """The password, read anew each time."""
        return self.password_file.read_text("utf-8").strip() if self.password_file else None


class Webhook(_Part):
    """A program that is told of duties."""

    name: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    url: str = Field(pattern=r"^https?://[^\s#@]+$", max_length=500)
    secret_file: Path
    organisation: str | None = None
    seconds: int = Field(default=10, ge=1, le=60)

    @property
    def secret(self) -> str:
        """The secret that both sides know, as Standard Webhooks writes it."""
        return self.secret_file.read_text("utf-8").strip()

    @model_validator(mode="after")
    def _safe(self) -> Self:
        plain = self.url.startswith("http://")
        local = self.url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
        if plain and not local:
            message = "webhook 地址须为 https (beyond this machine a webhook's address is https)"
            raise ValueError(message)
        return self


class ReminderSettings(_Part):
    """How long before, to whom afterwards, and by what."""

    before: tuple[int, ...] = (7, 1)
    public: str = ""
    escalation: tuple[Escalation, ...] = (
        Escalation(after=3, to="deputy"),
        Escalation(after=7, to="principal"),
        Escalation(after=15, to="counterpart"),
    )
    mail: MailServer | None = None
    webhook: tuple[Webhook, ...] = ()


def read_settings(home: Path) -> ReminderSettings:
    """Return the settings of reminders.

    Args:
        home: the directory in which the file is looked for.

    Raises:
        Invalid: the file says something that cannot be.
    """
    file = home / FILE
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return ReminderSettings()
    try:
        return ReminderSettings.model_validate(tomllib.loads(text))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise Invalid(
            f"提醒设置 {file} 有误：{error}",
            f"the settings of reminders in {file} are wrong: {error}",
            todo_zh="按 docs/reminders.md 改正",
            todo_en="see docs/reminders.md",
            where=str(file),
        ) from error
