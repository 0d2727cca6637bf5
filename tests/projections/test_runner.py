"""Read models: each fact exactly once, whatever happens to threads, processes and tables."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from multiprocessing import get_context
from threading import Event, Thread
from time import monotonic, sleep
from typing import ClassVar
from uuid import uuid4

import psycopg
import pytest
from psycopg import Cursor
from psycopg.rows import DictRow

from domain.errors import Unavailable
from domain.fact import Draft
from domain.ledger import Ledger, RawEntry
from projections import build as build_module
from projections import runner as runner_module
from projections.build import Build, Builds, Outdated, Poisoned, Positions, Projection
from projections.counts import Counts, facts_per_month
from projections.runner import Runner
from tests.support.contracts import persistence
from tests.support.ledger import CLI, NOW, Crossed, Noted, Place, command, draft
from tests.support.processes import project, project_for_ever

SPAWN = get_context("spawn")


class Numbers:
    """Writes down every noted number; trips over 13 where told to."""

    name = "numbers"
    topics = frozenset({"test.noted"})
    tables: ClassVar[Mapping[str, str]] = {
        "number": "CREATE TABLE number (position bigint PRIMARY KEY, number bigint)",
        "total": "CREATE TABLE total (sum bigint); INSERT INTO total VALUES (0)",
    }

    def __init__(self, version: int = 1, *, unlucky: bool = False) -> None:
        self.version = version
        self.unlucky = unlucky
        self.batches: list[list[int]] = []

    def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
        self.batches.append([entry.position for entry in entries])
        for entry in entries:
            fact = entry.entry.fact
            assert isinstance(fact, Noted)
            if self.unlucky and fact.number == 13:
                raise ValueError("13")
            row = [entry.position, fact.number * self.version]
            cursor.execute("INSERT INTO number VALUES (%s, %s)", row)
            cursor.execute("UPDATE total SET sum = sum + %s", [fact.number])


def numbers(ledger: Ledger) -> list[tuple[int, int]]:
    with ledger.views() as cursor:
        rows = cursor.execute("SELECT position, number FROM number ORDER BY 1").fetchall()
        return [(row["position"], row["number"]) for row in rows]


def total(ledger: Ledger) -> int:
    with ledger.views() as cursor:
        row = cursor.execute("SELECT sum FROM total").fetchone()
        assert row is not None
        return int(row["sum"])


def note(ledger: Ledger, *values: int) -> int:
    """Append a fact for each number; returns the last position."""
    drafts = [draft(fact=Noted(number=value)) for value in values]
    return ledger.append(command(*drafts)).positions[-1]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_module, "BATCH", 10)


def runner_of(place: Place, *projections: Projection) -> Runner:
    return Runner(place.url, projections, schema=place.schema)


@pytest.fixture
def runner(place: Place) -> Iterator[Runner]:
    with runner_of(place, Numbers(), Counts()) as found:
        yield found


def test_facts_show_once_they_are_waited_for(ledger: Ledger, runner: Runner) -> None:
    for n in range(20):
        position = note(ledger, n)
        runner.wait_for(position, timeout=10)
        assert numbers(ledger)[-1] == (position, n)
    assert total(ledger) == sum(range(20))
    assert [each.position for each in runner.progress()] == [21, 21]


def test_waiting_is_ended_by_news_and_not_by_looking_again(
    place: Place, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "_POLL", 3600)
    with runner_of(place, Numbers()) as runner:
        for n in range(10):
            runner.wait_for(note(ledger, n), timeout=30, names=["numbers"])


def test_a_stream_comes_together_and_whoever_waits_is_served_at_once(
    place: Place, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "_APART", 3600)
    kept = Numbers()
    with runner_of(place, kept) as runner:
        runner.wait_for(note(ledger, 0), timeout=30)
        for n in range(1, 50):
            last = note(ledger, n)
        runner.wait_for(last, timeout=30)
    assert len(kept.batches) <= 3  # one may yet have been under way for the first
    assert [number for _, number in numbers(ledger)] == list(range(50))


def test_the_ledger_waits_for_the_disk_and_read_models_do_not(place: Place, ledger: Ledger) -> None:
    seen = []

    class Asking(Numbers):
        def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
            super().apply(cursor, entries)
            seen.append(cursor.execute("SHOW synchronous_commit").fetchone())

    runner = runner_of(place, Asking())
    note(ledger, 1)
    runner.catch_up()
    assert seen == [{"synchronous_commit": "off"}]
    for store in (ledger.recorder.store, runner._builds.store):
        with store.connection() as connection:
            found = connection.execute("SHOW synchronous_commit").fetchone()
            assert found == {"synchronous_commit": "on"}
    runner.stop()


def test_facts_are_applied_in_batches_and_in_order(
    place: Place, ledger: Ledger, small_batches: None
) -> None:
    for n in range(5):
        note(ledger, *range(n * 10, n * 10 + 9))
        ledger.append(command(draft(fact=Crossed())))
    kept = Numbers()
    runner = runner_of(place, kept)
    runner.catch_up()
    runner.stop()
    assert max(map(len, kept.batches)) <= 10
    applied = [position for batch in kept.batches for position in batch]
    assert applied == [
        entry.position for entry in ledger.range(1, 99) if entry.topic == "test.noted"
    ]
    assert [number for _, number in numbers(ledger)] == [
        n * 10 + i for n in range(5) for i in range(9)
    ]


def test_uninteresting_facts_are_passed_over(place: Place, ledger: Ledger) -> None:
    ledger.append(command(*[draft(fact=Crossed()) for _ in range(5)]))
    kept = Numbers()
    with runner_of(place, kept) as runner:
        runner.wait_for(6, timeout=10)
    assert kept.batches == []


def test_processes_take_turns(place: Place, ledger: Ledger) -> None:
    for n in range(40):
        note(ledger, *range(n, n + 100))
    last = ledger.head().position + 400
    with SPAWN.Pool(3) as pool:
        pending = pool.starmap_async(project, [(place, last)] * 3)
        for _ in range(40):
            note(ledger, *range(10))
        assert pending.get() == [last] * 3
    with ledger.views() as cursor:
        counted = facts_per_month(cursor)
    assert sum(sum(topics.values()) for topics in counted.values()) == last


def test_killed_runners_leave_nothing_half_done(place: Place, ledger: Ledger) -> None:
    for round_number in range(3):
        process = SPAWN.Process(target=project_for_ever, args=(place,))
        process.start()
        for n in range(60):
            note(ledger, *range(n, n + 50))
        deadline = monotonic() + 20
        builds = Builds(place.url, place.schema)
        while monotonic() < deadline:
            if any(each.position > round_number * 1000 for each in builds.progress()):
                break
            sleep(0.01)
        builds.close()
        process.kill()
        process.join(10)
        assert process.exitcode == -signal.SIGKILL
    last = ledger.head().position
    assert project(place, last) == last
    with ledger.views() as cursor:
        counted = facts_per_month(cursor)
    assert counted["2024-05"] == {"test.noted": last - 1}


def test_a_killed_connection_is_no_loss(place: Place, ledger: Ledger, runner: Runner) -> None:
    query = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE application_name = 'daocha' AND pid <> pg_backend_pid()
    """
    for n in range(5):
        runner.wait_for(note(ledger, n), timeout=10)
        place.sql(f"{query} AND query LIKE %s", f"%{place.schema}%")
    runner.wait_for(note(ledger, 5), timeout=10)
    assert [number for _, number in numbers(ledger)] == list(range(6))


def test_it_waits_while_the_database_is_away(
    place: Place,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with runner_of(place, Numbers()) as runner:
        runner.wait_for(1, timeout=10)
        with monkeypatch.context() as patch:

            def away(*_: object, **__: object) -> None:
                raise psycopg.OperationalError("gone")

            patch.setattr(runner._builds.store, "connection", away)
            sleep(0.2)  # what is under way may finish
            position = note(ledger, 1)
            with pytest.raises(Unavailable, match="not yet at"):
                runner.wait_for(position, timeout=0.3)
        runner.wait_for(position, timeout=10)
    assert "numbers waits for the database" in caplog.text


def test_a_lost_notification_is_made_up_for(
    place: Place, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "_POLL", 0.2)
    runner = runner_of(place, Numbers())
    monkeypatch.setattr(runner._listener, "_listen", "SELECT 1")
    with runner:
        runner.wait_for(note(ledger, 1), timeout=10)
        runner.wait_for(note(ledger, 2), timeout=10)


# A fact that cannot be applied


def test_a_poisoned_fact_stops_its_projection_only_and_loudly(
    place: Place, ledger: Ledger, small_batches: None, caplog: pytest.LogCaptureFixture
) -> None:
    last = note(ledger, *range(30))
    with runner_of(place, Numbers(unlucky=True), Counts()) as runner:
        runner.wait_for(last, timeout=10, names=["counts"])
        with pytest.raises(Poisoned) as caught:
            runner.wait_for(last, timeout=10)
        assert caught.value.position == 15
        runner.wait_for(note(ledger, 31), timeout=10, names=["counts"])
        progress = {each.name: each for each in runner.progress()}
    assert "stopped at the fact at 15: ValueError('13')" in caplog.text
    assert progress["numbers"].failed_at == 15
    assert progress["numbers"].position == 14
    assert "ValueError('13')" in (progress["numbers"].failure or "")
    assert progress["counts"].failure is None
    assert [number for _, number in numbers(ledger)] == list(range(13))

    mended = runner_of(place, Numbers())
    mended.catch_up()
    assert mended.progress()[1].failure is None
    mended.stop()
    assert [number for _, number in numbers(ledger)] == [*range(30), 31]


def test_a_poisoned_fact_is_told_when_catching_up(place: Place, ledger: Ledger) -> None:
    note(ledger, 13)
    runner = runner_of(place, Numbers(unlucky=True))
    with pytest.raises(Poisoned):
        runner.catch_up()
    runner.stop()


def test_what_fails_in_a_batch_and_not_alone_is_applied(place: Place, ledger: Ledger) -> None:
    class Alone(Numbers):
        def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
            if len(entries) > 1:
                raise ValueError("too many")
            super().apply(cursor, entries)

    note(ledger, 1, 2, 3)
    runner = runner_of(place, Alone())
    runner.catch_up()
    runner.stop()
    assert [number for _, number in numbers(ledger)] == [1, 2, 3]


def test_nothing_is_built_on_a_gap(place: Place, ledger: Ledger) -> None:
    note(ledger, 1, 2, 3)
    place.sql("ALTER TABLE S.fact DISABLE TRIGGER never; DELETE FROM S.fact WHERE position = 3")
    runner = runner_of(place, Numbers())
    with pytest.raises(Poisoned, match=r"stopped at the fact at 3: .*no such position"):
        runner.catch_up()
    runner.stop()
    with runner_of(place, Counts()) as running, pytest.raises(Poisoned, match="at 3"):
        running.wait_for(4, timeout=10)


def test_a_projection_that_cannot_work_at_all_says_so(place: Place, ledger: Ledger) -> None:
    class Clumsy(Numbers):
        tables: ClassVar[Mapping[str, str]] = {"number": "CREATE TABLE number (no such type)"}

    with runner_of(place, Clumsy(), Counts()) as runner:
        runner.wait_for(note(ledger, 1), timeout=10, names=["counts"])
        with pytest.raises(Unavailable, match="cannot be kept up"):
            runner.wait_for(2, timeout=10)


# Making tables anew


def test_a_rebuild_reads_the_old_tables_until_the_new_ones_lack_nothing(
    place: Place, ledger: Ledger, runner: Runner, small_batches: None
) -> None:
    runner.wait_for(note(ledger, *range(100)), timeout=10)
    place.sql("UPDATE S_views_a.number SET number = -1".replace("S_", f"{place.schema}_"))
    reached: list[int] = []
    writing = Event()

    def write() -> None:
        for _ in range(500):  # an end: on a slow machine small batches need not outrun a writer
            if not writing.is_set():
                note(ledger, 7)

    writer = Thread(target=write)
    writer.start()

    def tell(position: int) -> None:
        reached.append(position)
        if position < 100:
            assert (5, -1) in numbers(ledger)

    runner.rebuild("numbers", tell=tell)
    writing.set()
    writer.join()
    runner.wait_for(ledger.head().position, timeout=10)
    assert reached == sorted(reached)
    assert reached[-1] >= 101
    found = [number for _, number in numbers(ledger)]
    assert found[:100] == list(range(100))
    assert len(found) == ledger.head().position - 1
    assert total(ledger) == sum(found)
    assert len(place.sql(f"TABLE {place.schema}_views_b.number")) == len(found)
    assert place.sql("SELECT to_regclass(%s)", f"{place.schema}_views_a.number") == [(None,)]
    runner.rebuild("numbers")
    runner.wait_for(note(ledger, 1), timeout=10)
    assert total(ledger) == sum(found) + 1


def test_a_rebuild_broken_off_goes_on_where_it_was(
    place: Place, ledger: Ledger, small_batches: None
) -> None:
    note(ledger, *range(100))
    first = runner_of(place, Numbers())
    first.catch_up()

    def enough(position: int) -> None:
        if position >= 50:
            first._stop.set()

    first.rebuild("numbers", tell=enough)
    first.stop()
    reached: list[int] = []
    second = runner_of(place, Numbers())
    second.rebuild("numbers", tell=reached.append)
    second.stop()
    assert reached[0] == 60
    assert [number for _, number in numbers(ledger)] == list(range(100))


def test_a_new_version_is_built_beside_the_old_one(place: Place, ledger: Ledger) -> None:
    note(ledger, 1, 2)
    old = runner_of(place, Numbers())
    old.catch_up()
    new = runner_of(place, Numbers(version=2))
    new.catch_up()
    assert [number for _, number in numbers(ledger)] == [2, 4]
    note(ledger, 3)
    for stale in (old, runner_of(place, Numbers())):
        with pytest.raises(Outdated):
            stale.catch_up()
        stale.stop()
    new.catch_up()
    new.stop()
    assert [number for _, number in numbers(ledger)] == [2, 4, 6]


def test_half_made_tables_of_another_version_are_dropped(
    place: Place, ledger: Ledger, small_batches: None
) -> None:
    note(ledger, *range(50))
    runner = runner_of(place, Numbers())
    runner.catch_up()
    second = runner_of(place, Numbers(version=2))

    def stop(_: int) -> None:
        second._stop.set()

    second.rebuild("numbers", tell=stop)
    second.stop()
    third = runner_of(place, Numbers(version=3))
    third.catch_up()
    assert [number for _, number in numbers(ledger)] == [n * 3 for n in range(50)]
    for each in (runner, third):
        each.stop()


def test_two_rebuilds_at_once_make_one(place: Place, ledger: Ledger, small_batches: None) -> None:
    note(ledger, *range(200))
    runners = [runner_of(place, Numbers(version=2)) for _ in range(3)]
    old = runner_of(place, Numbers())
    old.catch_up()
    threads = [Thread(target=each.catch_up) for each in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [number for _, number in numbers(ledger)] == [n * 2 for n in range(200)]
    for each in (*runners, old):
        each.stop()


def test_a_rebuild_that_another_process_finished_is_finished(place: Place, ledger: Ledger) -> None:
    note(ledger, 1, 2)
    builds = Builds(place.url, place.schema)
    slow, quick = Build(builds, Numbers()), Build(builds, Numbers())
    slow.prepare()
    with slow._transaction() as cursor:
        slow._begin(cursor)
    assert quick.rebuild()
    assert slow._batch(10, live=False) == (0, 0)
    assert slow._swap()
    assert [number for _, number in numbers(ledger)] == [1, 2]
    builds.close()


def test_what_passes_by_itself_is_tried_again(place: Place, ledger: Ledger) -> None:
    class Deadlocked(Numbers):
        tries = 0

        def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
            self.tries += 1
            if self.tries < 3:
                raise psycopg.errors.DeadlockDetected("once more")
            super().apply(cursor, entries)

    with runner_of(place, Deadlocked()) as runner:
        runner.wait_for(note(ledger, 1), timeout=10)
    assert [number for _, number in numbers(ledger)] == [1]


def test_where_there_is_no_reader_s_role_the_owner_reads(
    place: Place, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "WRITER", "daocha_nobody")
    runner = runner_of(place, Numbers())
    runner.catch_up()
    runner.stop()
    assert place.sql(f"TABLE {place.schema}_views.number") == []


def test_a_poisoned_rebuild_leaves_the_live_tables(place: Place, ledger: Ledger) -> None:
    note(ledger, 12, 13, 14)
    runner = runner_of(place, Numbers())
    runner.catch_up()
    again = runner_of(place, Numbers(unlucky=True))
    with pytest.raises(Poisoned):
        again.rebuild("numbers")
    runner.stop()
    again.stop()
    assert [number for _, number in numbers(ledger)] == [12, 13, 14]


# Who may what


def test_the_read_models_belong_to_the_projector(place: Place, ledger: Ledger) -> None:
    note(ledger, 1)
    runner = runner_of(place, Numbers())
    runner.catch_up()
    runner.stop()
    for statement in ("DELETE FROM number", "INSERT INTO total VALUES (1)", "DROP VIEW number"):
        with pytest.raises(psycopg.Error), ledger.views() as cursor:
            cursor.execute(statement.encode())
    assert numbers(ledger) == [(2, 1)]
    owner = "SELECT tableowner FROM pg_tables WHERE schemaname = %s AND tablename = 'number'"
    assert place.sql(owner, f"{place.schema}_views_a") == [("daocha_projector",)]


# Counts


def test_facts_are_counted_in_the_local_month_in_which_they_happened(
    place: Place, ledger: Ledger
) -> None:
    moments = [
        date(2024, 5, 31),
        datetime(2024, 5, 31, 15, 59, tzinfo=UTC),  # 23:59 there
        datetime(2024, 5, 31, 16, 0, tzinfo=UTC),  # June there
    ]
    drafts = [Draft(uuid4(), 1, Noted(), CLI, moment, NOW) for moment in moments]
    ledger.append(command(*drafts))
    runner = runner_of(place, Counts())
    runner.catch_up()
    runner.stop()
    with ledger.views() as cursor:
        counted = facts_per_month(cursor)
    assert counted["2024-05"] == {"test.noted": 2}
    assert counted["2024-06"] == {"test.noted": 1}
    assert list(counted) == sorted(counted)


# The library's contract


class TestPositions(persistence.TrackingRecorderTestCase):
    @pytest.fixture(autouse=True)
    def _place(self, place: Place) -> Iterator[None]:
        self.builds = Builds(place.url, place.schema)
        yield
        self.builds.close()

    def create_recorder(self) -> Positions:
        self.builds.prepare()
        return self.builds.positions


def test_many_threads_of_one_process_prepare_with_few_connections(place: Place) -> None:
    builds = Builds(place.url, place.schema, size=2)
    threads = [Thread(target=builds.prepare) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert builds.progress() == []
    builds.close()


def test_the_tables_of_the_state_can_be_made_by_many(place: Place) -> None:
    runners = [runner_of(place, Counts()) for _ in range(4)]
    threads = [Thread(target=each.catch_up) for each in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for each in runners:
        assert each.progress()[0].position == 1
        each.stop()
