"""One attack: the stage it is played on, and what came of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from api.auditing import Report, audit
from domain.audit.faults import Fault
from domain.errors import DaochaError
from domain.fact import Draft, leaf_hash
from domain.ledger import Command
from domain.proof.trust import Trust, read_trust
from projections.log import Tiles
from projections.runner import Runner
from tests.support.attack import Superuser

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from domain.fact import Fact
    from tests.support.stage import Stage


@dataclass
class Attack:
    """A stage, the attacker on it, and what was refused or made so far."""

    stage: Stage
    refusal: Exception | None = None
    act: tuple[UUID, Fact, str] | None = None
    bundle: bytes = b""
    notes: list[bytes] = field(default_factory=list)
    policy: str = ""

    @property
    def trust(self) -> Trust:
        """What an outsider trusts."""
        self.policy = self.policy or self.stage.policy
        return read_trust(self.policy)

    def superuser(self) -> Superuser:
        """Become the database's superuser, guards taken away."""
        return Superuser(self.stage.place)

    def at(self, name: str) -> int:
        """Return where what a name stands for is."""
        return self.stage.at[name]

    def refused(self, act: Callable[[], object]) -> None:
        """Do something that is to be refused, and keep the refusal."""
        assert self.refusal is None, f"意外被拒绝：{self.refusal}"
        try:
            act()
        except (DaochaError, psycopg.Error, ValueError) as error:
            self.refusal = error

    def refusal_says(self, words: str) -> None:
        """Read the refusal."""
        error, self.refusal = self.refusal, None
        assert error is not None, "没有被拒绝"
        said = error.zh + error.en if isinstance(error, DaochaError) else str(error)
        assert words in said, said

    def try_to_record(self, record: UUID, fact: Fact, by: str) -> None:
        """Let somebody record an act, as the product does."""
        self.act = record, fact, by
        with self.stage.opened() as ledger:
            self.refused(lambda: self.stage.record(ledger, record, fact, by=by, name="该签名"))

    def slip_in(self) -> None:
        """Append the act just refused, past all that asks whether it may be."""
        if "该签名" in self.stage.at:
            return  # only the audit, which has the whole log, can tell
        assert self.act is not None
        record, fact, by = self.act
        with self.stage.opened() as ledger:
            version = len(ledger.record(record)) + 1
            moment = ledger.head().recorded
            actor = self.stage.actor(by)
            draft = Draft(record, version, fact, actor, moment, moment)
            command = Command(record, (draft,), b"slipped in", recorded=moment)
            self.stage.at["该签名"] = ledger.append(command).positions[0]

    def audited(self, *, fresh: bool = True) -> Report:
        """Read the whole ledger again."""
        return audit(self.stage.settings, fresh=fresh, jobs=1)

    def fault(self, *, fresh: bool = True) -> Fault:
        """Return what the audit finds."""
        found = self.audited(fresh=fresh).fault
        assert found is not None, "核验没有发现不符"
        return found

    def rebuild(self) -> None:
        """Make the log's tiles anew, as ``daocha rebuild`` does."""
        place = self.stage.place
        runner = Runner(place.url, [Tiles()], schema=place.schema)
        runner.rebuild("log")
        runner.stop()

    def hashes(self) -> list[bytes]:
        """Return the leaf hashes as the table holds them now."""
        rows = self.stage.place.sql("SELECT leaf FROM S.fact ORDER BY position")
        return [leaf_hash(bytes(leaf)) for (leaf,) in rows]

    def note(self) -> bytes:
        """Return the newest checkpoint."""
        rows = self.stage.place.sql("SELECT note FROM S.checkpoint ORDER BY number DESC LIMIT 1")
        return bytes(rows[0][0])

    def keep_keys(self) -> None:
        """Make a backup of the key store and of what is sealed."""
        shutil.copytree(self.stage.place.keys, self.stage.home / "backup")
        self.stage.place.sql("CREATE TABLE S.backup AS SELECT * FROM S.sealed")

    def bring_back_keys(self) -> None:
        """Put the backup in the place of what is there."""
        keys = self.stage.place.keys
        shutil.rmtree(keys)
        shutil.copytree(self.stage.home / "backup", keys)
        self.stage.place.sql("DELETE FROM S.sealed; INSERT INTO S.sealed SELECT * FROM S.backup")
