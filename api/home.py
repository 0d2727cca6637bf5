"""Opening a ledger for a process: which database, which ledger in it, and where its keys are."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, cast

from api.embedded import embedded_postgres
from api.log.keys import LogKeys
from domain.errors import Contradiction, Invalid, NotFound, Unavailable
from domain.ledger import KeyStore, Ledger, LedgerOpened, Vault, create
from domain.ledger.upgrading import upgrade
from domain.ledger.vault import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from api.settings import Settings

DEMO = "daocha_demo"
"""The demo's ledger: a schema of its own beside the real one."""
_BEGUN = "making"
"""A file beside the keys while their ledger is being made: holds its origin."""


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Yield the connection string: that of ``DATABASE_URL``, or of the embedded PostgreSQL."""
    if settings.database_url:
        yield settings.database_url.get_secret_value()
        return
    _make_directory(settings.home)
    with embedded_postgres(settings.home / "postgres") as url:
        yield url


def keys_of(settings: Settings) -> Path:
    """Return where the ledger's keys live: outside the database and its backups."""
    return settings.home / "keys" / settings.ledger


def log_keys_of(settings: Settings, origin: str) -> LogKeys:
    """Return the private keys of a ledger's transparency log that this machine has."""
    given = settings.log_key.get_secret_value() if settings.log_key else ""
    return LogKeys(keys_of(settings), origin, given)


def log_policy_of(settings: Settings) -> Path:
    """Return the file that says which witnesses must cosign the log's checkpoints."""
    return settings.log_policy or keys_of(settings) / "log.policy"


@contextmanager
def opened(settings: Settings, *, create_missing: bool = False) -> Iterator[Ledger]:
    """Yield the ledger that the settings name.

    Args:
        settings: where, and which.
        create_missing: make it, with a real clock, if it is not there.

    Raises:
        NotFound: there is no such ledger.
        Contradiction: the keys found are not this ledger's.
        Unavailable: the database cannot be reached, or the keys are missing.
    """
    with database(settings) as url:
        if settings.database_url is None:  # the embedded server's tables are this program's own
            upgrade(url, settings.ledger)
        try:
            origin = origin_of(url, settings)
        except NotFound:
            if not create_missing:
                raise
            origin = make(url, settings, "real")
        keys = KeyStore.open(keys_of(settings), origin)
        vault = Vault(keys, os.urandom)
        try:
            with Ledger.open(url, schema=settings.ledger, vault=vault, random=os.urandom) as ledger:
                yield ledger
        finally:
            keys.close()


def origin_of(url: str, settings: Settings) -> str:
    """Return the name of the ledger that the settings name, or raise ``NotFound``."""
    with Ledger.open(url, schema=settings.ledger, vault=None, random=os.urandom) as ledger:
        return cast("LedgerOpened", ledger.genesis().fact).origin


def make(
    url: str,
    settings: Settings,
    clock: Literal["real", "simulated"],
    opened: datetime | None = None,
) -> str:
    """Make the ledger that the settings name and return its origin, which is for good.

    Args:
        url: the database, as a user who may make schemas.
        settings: its schema, origin (one is made up where none is set) and jurisdiction.
        clock: ``simulated`` for the demo only.
        opened: the moment of the first fact, for a simulated clock.

    Raises:
        Contradiction: the keys of a ledger are there, but this database does not hold it.
        Unavailable: the database cannot be reached, or the keys cannot be written.
    """
    directory = keys_of(settings)
    with _alone(directory):
        try:
            return origin_of(url, settings)  # another process was quicker
        except NotFound:
            origin = _begin(settings)
        keys = KeyStore.create(directory, origin, os.urandom)
        try:
            create(
                url,
                schema=settings.ledger,
                origin=origin,
                jurisdiction=settings.jurisdiction,
                clock=clock,
                vault=Vault(keys, os.urandom),
                random=os.urandom,
                opened=opened,
            )
        finally:
            keys.close()
        (directory / _BEGUN).unlink()
    return origin


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep other processes from making the same ledger meanwhile."""
    _make_directory(directory)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _begin(settings: Settings) -> str:
    """Return the origin of the ledger about to be made; a making cut short keeps its own."""
    orphans = orphaned_keys(settings)
    if orphans:
        raise orphans
    begun = keys_of(settings) / _BEGUN
    left = begun.read_text() if begun.exists() else None
    origin = settings.origin or left or f"daocha.local/{os.urandom(6).hex()}"
    new = begun.with_suffix(".new")
    new.write_text(origin)
    new.replace(begun)
    return origin


def orphaned_keys(settings: Settings) -> Contradiction | None:
    """Return what is to be said of keys whose ledger is not in the database, if there are any."""
    directory = keys_of(settings)
    if not (directory / FILE).exists() or (directory / _BEGUN).exists():
        return None
    return Contradiction(
        f"{directory} 中有台账的密钥库，而数据库中没有这一台账",
        f"the keys of a ledger are in {directory}, but the database does not hold it",
        todo_zh="检查 DATABASE_URL 和 DAOCHA_LEDGER，或从备份恢复数据库；"
        "另建台账请另设 DAOCHA_HOME",
        todo_en="check DATABASE_URL and DAOCHA_LEDGER, or restore the database;"
        " for another ledger set another DAOCHA_HOME",
    )


def _make_directory(directory: Path) -> None:
    """Make a directory for the owner's eyes only, unless it is there."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"不能建立目录 {directory}：{error.strerror}",
            f"cannot make {directory}: {error.strerror}",
            todo_zh="检查上级目录的权限，或另设 DAOCHA_HOME",
            todo_en="check the permissions above it, or set another DAOCHA_HOME",
        ) from error


def check_is_safe(settings: Settings, ledger: Ledger) -> None:
    """Refuse to serve a ledger of real facts where passwords and tokens travel in the clear.

    Raises:
        Invalid: others can reach the server, and no address says that they do so over HTTPS.
    """
    genesis = cast("LedgerOpened", ledger.genesis().fact)
    if genesis.clock == "real" and settings.carries_secrets_in_the_clear:
        raise Invalid(
            f"监听 {settings.host} 而未以 HTTPS 对外服务：密码和令牌会以明文传送",
            f"listening on {settings.host} without HTTPS: passwords and tokens would be in the"
            " clear",
            todo_zh="由反向代理提供 HTTPS，并将 DAOCHA_PUBLIC_URL 设为其 https:// 地址；"
            "或只监听 127.0.0.1",
            todo_en="let a reverse proxy speak HTTPS and set DAOCHA_PUBLIC_URL to its https://"
            " address; or listen on 127.0.0.1 only",
            where="DAOCHA_PUBLIC_URL",
        )


def check_is_demo(ledger: Ledger) -> None:
    """Refuse to play the demo on a ledger whose clock is real, with ``Contradiction``."""
    genesis = cast("LedgerOpened", ledger.genesis().fact)
    if genesis.clock != "simulated":
        raise Contradiction(
            f"台账 {genesis.origin} 使用真实时钟，不能用作演示",
            f"the ledger {genesis.origin} has a real clock; the demo will not touch it",
            todo_zh="演示使用它自己的台账；请检查 --ledger 和 DAOCHA_LEDGER",
            todo_en="the demo has a ledger of its own; check --ledger and DAOCHA_LEDGER",
        )
