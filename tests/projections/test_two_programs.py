"""Two versions of the program side by side judge by turns for ever, were neither the later one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from domain.organisation import OrganisationRegistered, OrgKind, organisation_id
from projections import owed
from projections.dockets import Dockets
from projections.owed import DutyBook
from projections.runner import Runner
from tests.support.ledger import command, draft

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from tests.support.ledger import Place

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def test_what_the_later_rules_judged_holds_for_both(
    place: Place, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = organisation_id("U1")
    fact = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code="U1", name="甲厂")
    upto = ledger.append(command(draft(org, fact=fact))).positions[-1]
    runner = Runner(ledger.conninfo, [Dockets(ledger.schema)], schema=ledger.schema)
    runner.catch_up()
    runner.stop()
    book = DutyBook(ledger)
    book.prepare()

    def judged_by(rules: str) -> None:
        place.sql(
            f"INSERT INTO {place.schema}_views.duty_judged VALUES (%s, %s, %s, %s, %s)"  # noqa: S608
            " ON CONFLICT (docket) DO UPDATE SET rules = excluded.rules",
            *(org, upto, NOW, NOW + timedelta(days=99), rules),
        )

    def stale(rules: str) -> bool:
        monkeypatch.setattr(owed, "rules_in_force", lambda: rules)
        return org in book.stale(NOW, 100)

    try:
        assert stale("older"), "nobody has judged it"
        judged_by("older")
        assert not stale("older")
        assert stale("newer")
        judged_by("newer")
        assert not stale("newer")
        assert not stale("older")
    finally:
        book.close()
