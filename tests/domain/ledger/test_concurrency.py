"""Many processes at once: positions stay dense, conditions exact, repeats single."""

from __future__ import annotations

import signal
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from time import sleep
from uuid import UUID, uuid4

from domain.ledger import Ledger, Receipt
from tests.support.ledger import Place, command, draft
from tests.support.processes import (
    numbered,
    send,
    take_once,
    write_at_random,
    write_stream,
)

SPAWN = get_context("spawn")
WRITERS = 8


def test_eight_writers(place: Place, ledger: Ledger) -> None:
    records = [uuid4() for _ in range(5)]
    jobs = [(place, seed, 60, records) for seed in range(WRITERS)]
    with SPAWN.Pool(WRITERS) as pool:
        pending = pool.starmap_async(write_at_random, jobs)
        followed = []
        for batch in ledger.subscribe(0, stop=(stop := Event())):
            followed += [entry.position for entry in batch]
            if pending.ready() and followed[-1] == ledger.head().position:
                stop.set()
            elif pending.ready():
                continue
            else:
                ledger.append(command())  # so that the follower always has something to see
        told = [each for job in pending.get() for each in job]

    head = ledger.head().position
    assert followed == list(range(1, head + 1)), "the follower missed something, or saw it twice"
    entries = ledger.range(0, head + 1)
    assert [entry.position for entry in entries] == list(range(1, head + 1))
    assert all(a.recorded <= b.recorded for a, b in pairwise(entries))
    at = {entry.position: entry for entry in entries}

    accepted: dict[UUID, Receipt] = {}
    for each in told:
        if each.receipt is not None:
            first = accepted.setdefault(each.command.id, each.receipt)
            assert each.receipt.positions == first.positions, "a repeat got another answer"
            facts = [at[position].fact for position in each.receipt.positions]
            assert facts == [wanted.fact for wanted in each.command.drafts]
            assert {at[p].command for p in each.receipt.positions} == {each.command.id}
    taken = [position for receipt in accepted.values() for position in receipt.positions]
    assert len(taken) == len(set(taken))
    refused = {each.command.id for each in told if each.receipt is None} - accepted.keys()
    assert refused.isdisjoint(entry.command for entry in entries)
    assert any(each.receipt is None for each in told), "there was no conflict at all"
    assert any(each.receipt and each.receipt.repeated for each in told)

    for each in told:
        if each.receipt and not each.receipt.repeated and (condition := each.command.condition):
            tag = condition.none_of[0].tags[0]
            between = range(condition.after + 1, each.receipt.positions[0])
            assert not any(tag in at[p].tags and at[p].topic == "test.crossed" for p in between)


def test_a_condition_lets_one_through(place: Place, ledger: Ledger) -> None:
    orgs = [uuid4() for _ in range(40)]
    with SPAWN.Pool(WRITERS) as pool:
        taken = pool.starmap(take_once, [(place, orgs, 1)] * WRITERS)
    assert sorted(index for each in taken for index in each) == list(range(40))
    assert ledger.head().position == 41


def test_one_command_from_many_processes_is_one_fact(place: Place, ledger: Ledger) -> None:
    asked = command(draft(), draft())
    with SPAWN.Pool(WRITERS) as pool:
        answers = pool.starmap(send, [(place, asked, 5)] * WRITERS)
    receipts = [receipt for each in answers for receipt in each if receipt is not None]
    assert len(receipts) == 40
    assert {receipt.positions for receipt in receipts} == {(2, 3)}
    assert sum(not receipt.repeated for receipt in receipts) == 1
    assert ledger.head().position == 3


def test_a_writer_killed_midway_leaves_every_acknowledged_fact_once(
    place: Place, ledger: Ledger, tmp_path: Path
) -> None:
    acknowledged = tmp_path / "acknowledged"
    acknowledged.touch()
    for _ in range(3):
        writer = SPAWN.Process(target=write_stream, args=(place, acknowledged))
        writer.start()
        before = len(acknowledged.read_text())
        while len(acknowledged.read_text()) < before + 200:
            sleep(0.02)
        writer.kill()
        writer.join(10)
        assert writer.exitcode == -signal.SIGKILL
    last = max(int(line) for line in acknowledged.read_text().split())
    for n in range(1, last + 3):  # the one under way, too, can be sent again
        ledger.append(numbered(n))
    entries = ledger.range(1, 10**6)
    assert [entry.position for entry in entries] == list(range(2, len(entries) + 2))
    numbers = [entry.fact.number for entry in entries if entry.topic == "test.noted"]  # type: ignore[attr-defined]
    assert sorted(numbers) == list(range(1, last + 3))
    assert len(entries) == 2 * len(numbers)
