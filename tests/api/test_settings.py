"""A process's settings come from the environment, and unsafe ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import Settings, is_loopback
from domain.errors import Invalid


def test_by_default_nobody_else_can_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings = Settings()
    assert settings.host == "127.0.0.1"
    assert settings.trusts_this_machine
    assert settings.database_url is None


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@db/daocha")
    monkeypatch.setenv("DAOCHA_HOME", str(tmp_path))
    monkeypatch.setenv("DAOCHA_LEDGER", "city")
    monkeypatch.setenv("DAOCHA_PORT", "9000")
    settings = Settings()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://user:secret@db/daocha"
    assert (settings.home, settings.ledger, settings.port) == (tmp_path, "city", 9000)
    assert "secret" not in repr(settings)


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("DAOCHA_LEDGER", "")
    assert Settings().database_url is None
    assert Settings().ledger == "daocha"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "daocha.example"])  # noqa: S104
def test_beyond_loopback_everybody_needs_a_token(host: str) -> None:
    assert not Settings(host=host).trusts_this_machine
    with pytest.raises(Invalid, match="require_tokens") as refused:
        Settings(host=host, require_tokens=False)
    assert refused.value.where == "DAOCHA_HOST"


def test_on_loopback_it_is_a_choice() -> None:
    assert not Settings(require_tokens=True).trusts_this_machine
    assert Settings(host="::1", require_tokens=False).trusts_this_machine


def test_a_host_changed_afterwards_trusts_nobody() -> None:
    """As the command line does with ``--host``."""
    changed = Settings(require_tokens=False).model_copy(update={"host": "0.0.0.0"})  # noqa: S104
    assert not changed.trusts_this_machine


@pytest.mark.parametrize(
    ("variable", "value"), [("DAOCHA_PORT", "http"), ("DAOCHA_PORT", "0"), ("DAOCHA_THREADS", "0")]
)
def test_a_wrong_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(Invalid) as refused:
        Settings()
    assert refused.value.where == variable
    assert variable in refused.value.todo_zh


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.evil.example", "127.0.0.1.evil.example", "0"])
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)
