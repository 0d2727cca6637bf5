from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace as replace_in
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from pydantic import SecretStr

from api import home, photos
from api.backup.archive import Archive, check
from api.backup.files import gather, give_back
from api.backup.proving import prove
from api.backup.restoring import in_use, put_in_place, restored
from api.backup.taking import Backup
from api.embedded import account_for, embedded_postgres
from api.log.signed import FILE as SIGNED
from api.postgres import programs_of
from api.settings import Settings
from domain.errors import Contradiction, NotFound, NotProved, Unavailable
from domain.ledger.server import in_database
from domain.proof.checkpoint import Checkpoint, read_checkpoint
from domain.proof.cosignature import Ed25519Cosigner
from domain.proof.note import split_note, write_note
from tests.api.backup.conftest import ERASED, Story, note, now, publish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.cli import Run


def test_everything_is_there_and_proves_itself(story: Story, daocha: Run) -> None:
    told = daocha("rehearse", story.archive, "--json")
    assert told.code == 0, told
    assert told.json["position"] == story.position
    assert told.json["whole"]
    assert told.json["missing"] is None
    assert {each["state"] for each in told.json["compared"]} == {"held"}
    noted = json.loads((story.settings.home / "backups.json").read_text("utf-8"))
    assert noted["daocha"]["rehearsal"]["whole"]


def test_a_moment_before_an_erasure_brings_nobody_back(
    story: Story, tmp_path: Path, daocha: Run
) -> None:
    moment = story.before_erasure.isoformat()
    told = daocha("rehearse", story.archive, "--until", moment, "--json")
    assert told.code == 1
    assert told.json["base"] == story.full
    assert told.json["missing"] == [told.json["position"] + 1, story.position]
    assert told.json["erased"] == [str(ERASED)]
    said = daocha("rehearse", story.archive, "--until", moment).out
    assert f"缺第{told.json['position'] + 1}至{story.position}条" in said
    assert "须补录" in said


def test_a_missing_file_of_the_log_is_named_and_what_follows_it(
    story: Story, tmp_path: Path, daocha: Run
) -> None:
    archive = story.copy(tmp_path)
    names = archive.segments("00000001")
    base = next(each for each in archive.bases() if each.name == story.full)
    gone = next(name for name in names if name > base.first_segment)
    (archive.wal("00000001") / gone).unlink()
    told = daocha("rehearse", archive.path, "--base", story.full, "--json")
    assert told.code == 1
    assert told.json["log_missing"] == gone
    assert told.json["position"] < story.position
    assert told.json["missing"] == [told.json["position"] + 1, story.position]


def test_the_end_of_the_log_is_missed_too(story: Story, tmp_path: Path, daocha: Run) -> None:
    """Though nothing signed is missing: it was received, and noted, and is not there."""
    archive = story.copy(tmp_path)
    received = archive.received("00000001")
    assert received is not None
    for part in archive.receiving("00000001").iterdir():
        part.unlink()
    assert archive.gap("00000001", received.segment).missing == received.segment
    told = daocha("rehearse", archive.path, "--json")
    assert (told.code, told.json["whole"]) == (1, False)
    assert told.json["log_missing"] == received.segment


def test_photographs_go_with_a_backup(story: Story, tmp_path: Path) -> None:
    archive = story.copy(tmp_path)
    photo = photos.store(tmp_path, b"a photograph")
    with home.opened(story.settings) as ledger:
        Backup(ledger, archive, now=now, random=os.urandom, home=tmp_path).take()
        assert gather(tmp_path, archive) == 0, "it is there"
        assert prove(ledger, story.settings, archive).is_whole
        assert give_back(archive, tmp_path / "new") == 1
        assert photos.find(tmp_path / "new", photo) == b"a photograph"
        (kept,) = (archive.path / "files").glob("*/*")
        kept.write_bytes(b"another")
        assert prove(ledger, story.settings, archive).damaged == (f"{photo}.jpg",)
    assert give_back(archive, tmp_path / "newer") == 0


def test_what_is_not_compared_is_not_whole(story: Story) -> None:
    with home.opened(story.settings) as ledger:
        good = prove(ledger, story.settings, Archive(story.archive))
    assert good.is_whole
    for change in (
        {"compared": ()},
        {"unasked": ("w",)},
        {"log_missing": "x"},
        {"log_corrupt": ("x",)},
        {"reached": False},
        {"short_of": 99},
    ):
        assert not replace_in(good, **change).is_whole


def test_two_copies_in_one_second_are_two(story: Story, tmp_path: Path) -> None:
    archive = story.copy(tmp_path)
    begun = now()
    with home.opened(story.settings) as ledger:
        taking = Backup(ledger, archive, now=lambda: begun, random=os.urandom)
        first, second = taking.take(full=True).base, taking.take().base
    assert second.parent == first.name
    assert [base.name for base in archive.bases()][-2:] == [first.name, second.name]
    check(archive.directory(first), first.manifest)


def test_a_server_that_cannot_be_received_from_keeps_its_log_for_us(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = story.copy(tmp_path)
    with home.opened(story.settings) as ledger:
        taking = Backup(ledger, archive, now=now, random=os.urandom)
        taking.receive(taking.begin())
        dropped: list[object] = []
        monkeypatch.setattr(taking, "_drop_slot", dropped.append)

        def refuse(*_: object) -> None:
            raise Unavailable("满", "pg_receivewal failed: no space left on device")

        monkeypatch.setattr(taking, "_receive", refuse)
        with pytest.raises(Unavailable):
            taking.receive(taking.begin())
    assert dropped == []


def test_a_damaged_file_of_the_log_is_named(story: Story, tmp_path: Path) -> None:
    archive = story.copy(tmp_path)
    names = archive.segments("00000001")
    spoil(archive.wal("00000001") / names[-1])
    gap = archive.gap("00000001", names[0])
    assert (gap.missing, gap.corrupt) == (None, (names[-1],))


def test_a_damaged_backup_is_refused(story: Story, tmp_path: Path, daocha: Run) -> None:
    archive = story.copy(tmp_path)
    spoil(archive.directory(archive.bases()[0]) / "base/1/1259")
    daocha("rehearse", archive.path).refuses("备份损坏", "1259")
    with pytest.raises(Contradiction) as error, restored(archive, tmp_path / "state"):
        pass
    assert str(error.value.where).endswith("base/1/1259")


@pytest.mark.parametrize("harm", ["shorter", "gone", "list", "label"])
def test_whatever_is_wrong_with_a_copy_is_found(story: Story, tmp_path: Path, harm: str) -> None:
    archive = story.copy(tmp_path)
    base = archive.bases()[0]
    file = archive.directory(base) / "base/1/1259"
    if harm == "shorter":
        replace(file, file.read_bytes()[:-1])
    elif harm == "gone":
        file.unlink()
    elif harm == "list":
        replace(archive.directory(base) / "backup_manifest", b"{}")
    else:
        replace(archive.directory(base) / "backup_manifest", b"not JSON")
    with pytest.raises(Contradiction):
        check(archive.directory(base), base.manifest if harm == "list" else None)


def test_an_older_backup_says_what_it_lacks(story: Story, tmp_path: Path, daocha: Run) -> None:
    """An archive put back to what it was: the log's own memory, beside its key, knows better."""
    archive = story.copy(tmp_path)
    archive.drop(archive.bases()[-1])
    base = archive.bases()[-1]
    for name in archive.segments("00000001"):
        if name > base.first_segment:
            (archive.wal("00000001") / name).unlink()
    (archive.path / "00000001/wal.sha256").unlink()
    for part in archive.receiving("00000001").iterdir():
        part.unlink()
    told = daocha("rehearse", archive.path, "--json")
    assert told.code == 1
    assert told.json["missing"][1] == story.position
    assert not told.json["whole"]


def test_no_backup_before_the_moment(story: Story, daocha: Run) -> None:
    daocha("rehearse", story.archive, "--until", "2020-01-01").refuses(story.full)
    daocha("rehearse", story.archive, "--base", "x").refuses(story.full)
    daocha("rehearse", story.archive.parent).refuses("不是备份库")


def test_a_chain_that_lost_its_beginning(story: Story, tmp_path: Path) -> None:
    archive = story.copy(tmp_path)
    full, changed = archive.bases()
    archive.drop(full)
    with pytest.raises(NotFound):
        archive.chain(changed)


def test_another_history_is_told(story: Story, tmp_path: Path) -> None:
    """The ledger that is there is compared with what was signed, as a restored one is."""
    with home.opened(story.settings) as ledger:
        good = prove(ledger, story.settings, Archive(story.archive))
        assert good.is_whole
        kept = tmp_path / "kept"
        latest = ledger.checkpoints.latest()
        assert latest is not None
        kept.write_bytes(latest.note)
        assert prove(ledger, story.settings, None, [kept]).is_whole
        origin, size, root, *rest = latest.note.split(b"\n")
        other = (b"B" if root[:1] == b"A" else b"A") + root[1:]
        kept.write_bytes(b"\n".join([origin, size, other, *rest]))
        with pytest.raises(NotProved):
            prove(ledger, story.settings, None, [kept])
        signed = story.settings.home / "keys/daocha" / SIGNED
        text = signed.read_text("utf-8")
        head = read_checkpoint(text)
        signed.write_text(text.replace(text.split("\n")[2], "A" * 43 + "="), "utf-8")
        try:
            wrong = prove(ledger, story.settings, None)
        finally:
            signed.write_text(text, "utf-8")
    assert wrong.is_rewritten
    assert [(each.size, each.state) for each in wrong.compared] == [(head.size, "rewritten")]


def test_what_witnesses_cosigned_is_asked_for(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = Ed25519Cosigner("yj.shi.example/witness", bytes(range(32)))
    with home.opened(story.settings) as ledger:
        latest = ledger.checkpoints.latest()
        assert latest is not None
        text, _ = split_note(latest.note)
        other = Checkpoint("other.example/log", 3, bytes(32)).text
        answers = {
            "city": write_note(text, [city.cosign(text, now())]),
            "other": write_note(other, [city.cosign(other, now())]),
        }

        def get(url: str, timeout: float) -> httpx.Response:
            name = url.split("/")[3]
            if name not in answers:
                raise httpx.ConnectError("nobody there")
            return httpx.Response(200, content=answers[name], request=httpx.Request("GET", url))

        monkeypatch.setattr(httpx, "get", get)
        policy = story.settings.home / "keys/daocha/log.policy"
        proofs = []
        try:
            for name in ("city", "other", "away", ""):
                url = f" https://example/{name}" if name else ""
                policy.write_text(f"witness w {city.key}{url}\nquorum none\n", "utf-8")
                proofs.append(prove(ledger, story.settings, None))
        finally:
            policy.unlink()
    asked, *others = proofs
    assert ("见证方 w", "held") in [(each.zh, each.state) for each in asked.compared]
    assert (asked.unasked, asked.is_whole) == ((), True)
    for proof in others:
        (unasked,) = proof.unasked
        assert unasked.startswith("w：")


def test_a_restore_on_a_new_machine(
    story: Story, tmp_path: Path, daocha: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the old one only the keys are there, which are in no backup."""
    place = story.archive.parent / "new-machine"
    shutil.copytree(story.settings.home / "keys", place / "keys")
    monkeypatch.setenv("DAOCHA_HOME", str(place))
    archive = story.copy(tmp_path)
    told = daocha("restore", archive.path, "--json")
    assert (told.code, told.json["position"]) == (0, story.position)
    assert told.json["data"] == str(place / "postgres/data")
    daocha("restore", archive.path).refuses("--replace")
    settings = story.settings.model_copy(update={"home": place})
    with home.opened(settings) as ledger:
        note(ledger)
        assert publish(ledger, settings) == story.position + 3, "it goes on from there"
    told = daocha("backup", archive.path, "--json", "--keep", "1")
    assert (told.json["history"], told.json["parent"]) == ("00000002", None)
    assert [base.history for base in archive.bases()] == ["00000002"], "one full copy is kept"
    told = daocha("restore", archive.path, "--replace", "--json")
    assert (told.code, told.json["position"]) == (0, story.position + 3)
    assert len(list(place.glob("postgres.before-*"))) == 1


def test_elsewhere_a_restore_needs_a_place(
    story: Story, daocha: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere/x")
    daocha("restore", story.archive).refuses("--into")


def test_a_server_in_use_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert put_in_place(tmp_path / "new", tmp_path / "state", "x") is None
    with embedded_postgres(tmp_path / "state"):
        (tmp_path / "new").mkdir()
        with pytest.raises(Unavailable) as error:
            put_in_place(tmp_path / "new", tmp_path / "state", "x")
    assert error.value.zh == in_use(tmp_path / "state").zh


def test_an_archive_is_of_one_ledger_on_one_server(story: Story, tmp_path: Path) -> None:
    archive = story.copy(tmp_path)
    card = json.loads((archive.path / "archive.json").read_text("utf-8"))
    replace(archive.path / "archive.json", json.dumps({**card, "system": "1"}).encode())
    with home.opened(story.settings) as ledger, pytest.raises(Contradiction):
        Backup(ledger, archive, now=now, random=os.urandom).take()


def test_one_backup_at_a_time(story: Story) -> None:
    archive = Archive(story.archive)
    with archive.alone(), pytest.raises(Unavailable), archive.alone():
        pass


def older_versions() -> Iterator[int]:
    """Yield the other PostgreSQL versions that this machine has: one on Debian, or none."""
    for place in Path("/usr/lib/postgresql").glob("*/bin/postgres"):
        yield int(place.parent.parent.name)


@pytest.mark.parametrize("version", list(older_versions()) or [None])
def test_a_server_of_another_version(
    version: int | None, tmp_path_factory: pytest.TempPathFactory, story: Story
) -> None:
    if version is None:
        with pytest.raises(Unavailable):
            programs_of(9)
        return
    folder = story.archive.parent / f"of-{version}"
    folder.mkdir(mode=0o755)
    programs = programs_of(version)
    cluster(folder / "state", programs.directory, version)
    with embedded_postgres(folder / "state", programs=programs) as url:
        settings = Settings(
            home=folder / "home", database_url=SecretStr(in_database(url, "postgres", "postgres"))
        )
        with home.opened(settings, create_missing=True) as ledger:
            note(ledger)
            publish(ledger, settings)
            taking = Backup(ledger, Archive(folder / "archive"), now=now, random=os.urandom)
            first, second = taking.take().base, taking.take().base
            note(ledger)
            position = publish(ledger, settings)
            taking.receive(taking.begin())
    assert (first.parent, second.parent) == (None, None), "it cannot tell what changed"
    with restored(Archive(folder / "archive"), folder / "again") as found:
        there = settings.model_copy(update={"database_url": SecretStr(found.url)})
        with home.opened(there) as ledger:
            proof = prove(ledger, there, Archive(folder / "archive"))
    assert (proof.position, proof.is_whole) == (position, True)


def cluster(state: Path, programs: Path, version: int) -> None:
    """Make an empty cluster of another version, for the account that will run it."""
    state.mkdir(mode=0o755)
    account = account_for(state / "data") if os.geteuid() == 0 else None
    data = state / "data"
    data.mkdir(mode=0o700)
    if account:
        os.chown(data, account.pw_uid, account.pw_gid)
    subprocess.run(
        [
            *(str(programs / "initdb"), "--username=postgres", "--auth=trust", "--no-locale"),
            *("--encoding=UTF8", f"--pgdata={data}"),
        ],
        check=True,
        capture_output=True,
        cwd="/",
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    assert (data / "PG_VERSION").read_text().strip() == str(version)


def spoil(file: Path) -> None:
    """Change a byte in the middle of a file, as a bad disk does."""
    held = bytearray(file.read_bytes())
    held[len(held) // 2] ^= 1
    replace(file, bytes(held))


def replace(file: Path, content: bytes) -> None:
    """Put another file in the place of one that shares its bytes with the story's."""
    file.unlink()
    file.write_bytes(content)
