"""Reminders: a calendar behind a secret address, mail once, webhooks signed and in order."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from icalendar import Calendar
from standardwebhooks.webhooks import Webhook as Signer

from api.reminders.settings import (
    FILE,
    MailServer,
    ReminderSettings,
    Webhook,
    read_settings,
)
from api.reminders.telling import stage_of
from api.reminders.worker import fill, send
from domain.errors import Invalid
from domain.moment import local_day
from projections.outbox import Channel, Outbox, State, list_outbox
from tests.support.post_office import smtp_server, webhook_receiver
from tests.support.somebody import Somebody

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.county import County
    from tests.support.web import Web

BEFORE = (60,)
"""Long enough that this month's report is always due within it."""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def somebody(web: Web, county: County) -> Somebody:
    return Somebody(web, county)


@pytest.fixture
def outbox(web: Web) -> Iterator[Outbox]:
    found = Outbox(web.here.ledger)
    found.prepare()
    yield found
    found.close()


class TestFeed:
    def test_it_shows_deadlines_until_it_is_closed(self, somebody: Somebody) -> None:
        page = somebody.submit("/reminders/feed").text
        (address,) = re.findall(r'value="(http[^"]+\.ics)"', page)
        path = address.removeprefix(str(somebody.web.client.base_url).rstrip("/"))
        answer = somebody.web.client.get(path)
        assert answer.headers["content-type"].startswith("text/calendar")
        assert answer.headers["cache-control"] == "private, no-store"
        events = events_in(answer.text)
        month = f"{local_day(somebody.web.here.now()):%Y-%m}"
        event = events[f"月底前报送本月隐患自查自纠情况：{month}月报"]
        assert f"{event['dtstart'].dt:%Y-%m}" == month
        assert "三（二）" in event["description"]
        assert "郑启荣" not in answer.text
        again = events_in(somebody.web.client.get(path).text)
        assert [str(e["uid"]) for e in again.values()] == [str(e["uid"]) for e in events.values()]

        (feed,) = re.findall(r'name="feed" value="([^"]+)"', somebody.get("/reminders").text)
        assert address not in somebody.get("/reminders").text, "shown once"
        assert somebody.submit("/reminders/feed/close", feed=feed).status_code == 303
        assert somebody.web.client.get(path).status_code == 404

    def test_nobody_guesses_one(self, web: Web) -> None:
        for secret in ("cal_", "cal_x", "x", "%E6%97%A5"):
            assert web.client.get(f"/calendar/{secret}.ics").status_code == 404

    def test_the_owner_has_none(self, web: Web) -> None:
        assert "本机所有者没有个人提醒" in web.client.get("/reminders").text
        origin = str(web.client.base_url).rstrip("/")
        answer = web.client.post("/reminders/feed", data={"csrf": ""}, headers={"Origin": origin})
        assert answer.status_code == 403


def events_in(text: str) -> dict[str, Any]:
    """Return the events of a calendar by what they are called."""
    calendar: Any = Calendar.from_ical(text)
    return {str(event["summary"]): event for event in calendar.walk("VEVENT")}


class TestMail:
    def test_a_digest_is_sent_once_and_says_nothing_of_what_it_is_about(
        self, web: Web, somebody: Somebody, outbox: Outbox
    ) -> None:
        assert somebody.submit("/reminders/mailbox", address="zheng@example.cn").status_code == 303
        with smtp_server() as letters:
            settings = mail_settings(letters.port)
            letters.answers = ["451 later"]
            assert fill(web.here, outbox, settings, mail_too=True) == 1
            assert send(web.here, outbox, settings) == 0
            (waiting,) = in_outbox(web, somebody)
            assert (waiting["state"], waiting["attempts"]) == ("waiting", 1)
            later = replace(web.here, now=lambda: waiting["next"] + timedelta(seconds=1))
            assert send(later, outbox, settings) == 1
            for _ in range(2):
                assert fill(web.here, outbox, settings, mail_too=True) == 0
                assert send(later, outbox, settings) == 0
        (text,) = letters.taken
        mail = email.message_from_string(text, policy=email.policy.default)
        assert mail["To"] == "zheng@example.cn"
        assert "项义务即将到期" in mail["Subject"]
        body = mail.get_body(("plain",))
        assert body is not None
        assert "https://aj.example.cn" in body.get_content()
        assert not set(body.get_content()) & set("隐患月报沂河")

    def test_what_breaks_off_while_it_is_handed_over_is_not_sent_again(
        self, web: Web, somebody: Somebody, outbox: Outbox
    ) -> None:
        somebody.submit("/reminders/mailbox", address="zheng@example.cn")
        with smtp_server() as letters:
            settings = mail_settings(letters.port)
            letters.answers = ["hang up"]
            fill(web.here, outbox, settings, mail_too=True)
            send(web.here, outbox, settings)
            assert send(web.here, outbox, settings) == 0
            (uncertain,) = in_outbox(web, somebody)
            assert uncertain["state"] == State.UNCERTAIN
            assert outbox.again(uncertain["id"], web.here.now()), "somebody decides"
            assert send(web.here, outbox, settings) == 1
        assert len(letters.taken) == 1

    def test_a_crash_sends_no_mail_twice(
        self, web: Web, somebody: Somebody, outbox: Outbox
    ) -> None:
        somebody.submit("/reminders/mailbox", address="zheng@example.cn")
        fill(web.here, outbox, mail_settings(9), mail_too=True)
        taken = [m for m in outbox.take(Channel.MAIL, web.here.now()) if m.recipient == somebody.id]
        assert len(taken) == 1
        outbox.recover(web.here.now())
        (row,) = in_outbox(web, somebody)
        assert row["state"] == State.UNCERTAIN

    def test_a_wrong_address_comes_back_and_none_ends_it(self, somebody: Somebody) -> None:
        answer = somebody.submit("/reminders/mailbox", address="not an address")
        assert answer.status_code == 422
        assert 'value="not an address"' in answer.text
        assert "不是一个邮箱地址" in answer.text
        somebody.submit("/reminders/mailbox", address="zheng@example.cn")
        assert 'value="zheng@example.cn"' in somebody.get("/reminders").text
        somebody.submit("/reminders/mailbox", address="")
        assert "zheng@example.cn" not in somebody.get("/reminders").text


class TestWebhooks:
    def test_they_are_signed_sent_again_in_order_and_never_follow_a_redirect(
        self, web: Web, somebody: Somebody, outbox: Outbox, tmp_path: Path
    ) -> None:
        (tmp_path / "secret").write_text(SECRET)
        with webhook_receiver() as hooks:
            endpoint = Webhook(
                name=f"oa-{somebody.id[:8]}",
                url=f"{hooks.address}/hook",
                secret_file=tmp_path / "secret",
                organisation=somebody.county.enterprise,
            )
            settings = ReminderSettings(before=BEFORE, webhook=(endpoint,))
            number = fill(web.here, outbox, settings, mail_too=False)
            assert number > 0
            assert fill(web.here, outbox, settings, mail_too=False) == 0
            hooks.answers = [302]
            assert send(web.here, outbox, settings) == 0, "what follows waits for the first"
            assert len(hooks.got) == 1
            outbox.recover(web.here.now())
            soon = web.here.now() + timedelta(minutes=2)
            assert send(replace(web.here, now=lambda: soon), outbox, settings) == number
        ids = [headers["webhook-id"] for headers, _ in hooks.got]
        assert ids[0] == ids[1]
        assert len(set(ids)) == number
        rows = [
            r for r in list_outbox(web.here.views, limit=500) if r["recipient"] == endpoint.name
        ]
        assert ids[1:] == [str(row["id"]) for row in reversed(rows)]
        for headers, body in hooks.got:
            told: dict[str, Any] = orjson.loads(body)
            assert told["data"]["organisation"] == str(somebody.county.id)
            assert "郑启荣" not in body.decode()
            Signer(SECRET).verify(body, headers)

    def test_what_is_given_up_is_seen_and_can_be_sent_once_more(
        self, web: Web, somebody: Somebody, outbox: Outbox, tmp_path: Path
    ) -> None:
        (tmp_path / "secret").write_text(SECRET)
        with webhook_receiver() as hooks:
            endpoint = Webhook(
                name=f"gone-{somebody.id[:8]}",
                url=hooks.address,
                secret_file=tmp_path / "secret",
                organisation=somebody.county.enterprise,
            )
            settings = ReminderSettings(before=BEFORE, webhook=(endpoint,))
            number = fill(web.here, outbox, settings, mail_too=False)
            hooks.answers = [410]
            assert send(web.here, outbox, settings) == number - 1, "the others go on"
            dead = [
                row
                for row in list_outbox(web.here.views, limit=500, state="dead")
                if row["recipient"] == endpoint.name
            ]
            assert [row["failure"] for row in dead] == ["410"]
            assert outbox.again(dead[0]["id"], web.here.now())
            assert send(web.here, outbox, settings) == 1


def mail_settings(port: int) -> ReminderSettings:
    server = MailServer(host="127.0.0.1", port=port, security="none", sender="倒查 <a@example.cn>")
    return ReminderSettings(before=BEFORE, mail=server, public="https://aj.example.cn")


def in_outbox(web: Web, somebody: Somebody) -> list[dict[str, Any]]:
    rows = list_outbox(web.here.views, limit=500)
    return [row for row in rows if row["recipient"] == somebody.id]


class TestSettings:
    def test_without_a_file_the_defaults_hold(self, tmp_path: Path) -> None:
        settings = read_settings(tmp_path)
        assert settings.before == (7, 1)
        assert [each.to for each in settings.escalation] == ["deputy", "principal", "counterpart"]

    @pytest.mark.parametrize(
        "text",
        [
            "before = [",
            "befor = [1]",
            '[[webhook]]\nname="a"\nurl="http://oa.example.cn/x"\nsecret_file="s"',
            '[[escalation]]\nafter = 0\nto = "deputy"',
        ],
    )
    def test_a_wrong_file_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / FILE).write_text(text)
        with pytest.raises(Invalid, match=re.escape(FILE)):
            read_settings(tmp_path)


def test_a_duty_comes_to_its_latest_stage_only(web: Web) -> None:
    now = web.here.now()

    def at(days: float, state: str = "open") -> str | None:
        return stage_of({"due": now + timedelta(days=days), "state": state}, now, (7, 1))

    assert at(7.01) is None
    assert at(7) == "before-7"
    assert at(1.5) == "before-7"
    assert at(0.5) == "before-1"
    assert at(-0.1, "broken") == "overdue"
    assert stage_of({"due": None, "state": "open"}, now, (7, 1)) is None
