"""Reminders by e-mail 邮件提醒: one digest a person, through any SMTP server, never twice.

A mail says how many duties are overdue or due soon and where to sign in; what they are about, names
and places, is read after signing in only.
"""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Any

from api.pages import show
from api.reminders.outcome import NotTaken, Uncertain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from api.reminders.settings import MailServer, ReminderSettings

_WAITS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
_REFUSED, _PERMANENT = 400, 500


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many attempts; None: no more."""
    return _WAITS[attempts - 1] if attempts <= len(_WAITS) else None


def compose(
    ident: UUID,
    address: str,
    body: Mapping[str, Any],
    settings: ReminderSettings,
    server: MailServer,
    now: datetime,
) -> EmailMessage:
    """Return a digest as a mail.

    Args:
        ident: of the message, which is its Message-ID too.
        address: where it goes.
        body: what ``digest_of`` returned.
        settings: where its reader signs in.
        server: who sends it.
        now: the moment.
    """
    mail = EmailMessage()
    mail["From"] = server.sender
    mail["To"] = address
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{ident}@daocha>"
    mail["Auto-Submitted"] = "auto-generated"
    overdue, soon, escalated = body["overdue"], body["soon"], body["escalated"]
    parts = [
        *([f"{overdue}项义务已逾期"] if overdue else []),
        *([f"{soon}项义务即将到期"] if soon else []),
        *([f"{escalated}项他人的逾期义务升级至您"] if escalated else []),
    ]
    mail["Subject"] = "履职提醒：" + "，".join(parts)
    nearest = body["nearest"]
    lines = [
        "您好：",
        "",
        *[f"· {part}" for part in parts],
        *([f"最近的期限：{show.deadline(datetime.fromisoformat(nearest))}"] if nearest else []),
        "",
        f"请登录查看并办理：{settings.public or '本单位的倒查台账'}",
        "",
        "本邮件由系统自动发出，不含具体事项；同一事项的同一阶段只提醒一次。",
        "不再需要时，请登录后在“提醒”中停发。",
        "",
        f"{overdue} overdue, {soon} due soon, {escalated} escalated to you. Sign in to see them.",
    ]
    mail.set_content("\n".join(lines))
    return mail


def deliver(server: MailServer, mail: EmailMessage, attempts: int) -> None:
    """Hand a mail over.

    Args:
        server: to which server.
        mail: what.
        attempts: how often it was tried, this time included.

    Raises:
        NotTaken: it was refused, for good or for now, before it was handed over.
        Uncertain: the connection broke off while the server had it.
    """
    try:
        smtp = _connected(server)
    except (OSError, smtplib.SMTPException) as error:
        raise NotTaken(type(error).__name__, wait_after(attempts)) from error
    handed = False
    try:
        sender = parseaddr(str(mail["From"]))[1]
        _ask(smtp.mail(sender), attempts)
        _ask(smtp.rcpt(str(mail["To"])), attempts)
        handed = True
        _ask(smtp.data(mail.as_bytes(policy=SMTP)), attempts)
    except (OSError, smtplib.SMTPException) as error:
        if handed:
            raise Uncertain(type(error).__name__) from error
        raise NotTaken(type(error).__name__, wait_after(attempts)) from error
    finally:
        smtp.close()


def _ask(answer: tuple[int, bytes], attempts: int) -> None:
    code, text = answer
    if code >= _REFUSED:
        again = None if code >= _PERMANENT else wait_after(attempts)
        raise NotTaken(f"{code} {text.decode(errors='replace')}", again)


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.seconds, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
        if server.security == "starttls":
            smtp.starttls(context=context)
    password = server.password
    if server.username and password:
        smtp.login(server.username, password)
    return smtp
