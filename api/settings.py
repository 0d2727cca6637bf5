"""Settings of a process, from the environment: ``DATABASE_URL`` and ``DAOCHA_*``."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any, Self

import platformdirs
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import Invalid
from domain.ledger_opened import ORIGIN


class Settings(BaseSettings):
    """Where the data is and how to serve it.

    Args:
        database_url: a PostgreSQL of one's own (``DATABASE_URL``); without it the embedded one.
        home: where the embedded server's data, the keys and all other state live.
        ledger: the schema that holds the ledger.
        origin: the name of a ledger about to be made, for good; made up where there is none.
        jurisdiction: the code or name of the area whose record a new ledger keeps.
        host, port: where to listen; beyond loopback everybody needs a token.
        require_tokens: whether requests from this machine need a token or a session as well; by
            default only where others can reach it: it listens beyond loopback, or has a public
            address.
        public_url: the origin under which browsers reach it, such as ``https://aj.example.gov.cn``;
            cookies and passkeys are bound to it.
        session_idle_minutes, session_hours: when somebody who signed in has to do it again: not
            having asked for anything for so long, and at the latest.
        trusted_proxies: addresses or networks (a JSON list) of proxies that say truly where a
            request comes from (the last of ``X-Forwarded-For``): for counting requests, never for
            who somebody is; by default one on this machine, where ``public_url`` is set.
        max_request_bytes: the largest request body that is read.
        log_key: private keys of the transparency log, in the text form of Go's note package; by
            default in a file beside the ledger's key store, made on the first start.
        log_policy: the file that says which witnesses must cosign its checkpoints (C2SP
            tlog-policy); by default ``log.policy`` beside the ledger's key store.
        threads: requests worked on at the same time; each takes one of the ledger's connections, of
            which there are 20.

    Raises:
        Invalid: a value is not of the form it must have, or two of them together are not safe.
    """

    model_config = SettingsConfigDict(
        env_prefix="DAOCHA_", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("daocha"))
    ledger: str = "daocha"
    origin: str | None = Field(default=None, pattern=ORIGIN)
    jurisdiction: str = Field(default="未设定", min_length=1, max_length=100)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    require_tokens: bool | None = None
    public_url: str | None = Field(default=None, pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")
    session_idle_minutes: int = Field(default=30, ge=1, le=720)
    session_hours: int = Field(default=12, ge=1, le=24)
    trusted_proxies: tuple[str, ...] = ()
    max_request_bytes: int = Field(default=1024 * 1024, ge=1024, le=64 * 1024 * 1024)
    log_key: SecretStr | None = None
    log_policy: Path | None = None
    threads: int = Field(default=16, ge=1, le=18)

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - whatever the fields take
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _refused(error) from error

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.require_tokens is False and not is_loopback(self.host):
            message = (
                f"监听 {self.host} 须凭令牌访问，不能关闭 require_tokens "
                f"(listening on {self.host} needs tokens)"
            )
            raise ValueError(message)
        for each in self.trusted_proxies:
            ipaddress.ip_network(each, strict=False)
        return self

    @property
    def proxies(self) -> tuple[str, ...]:
        """Whose word on where a request comes from is taken, for counting.

        Those that are named; else, where a public address is set, a proxy on this machine.
        """
        own = ("127.0.0.0/8", "::1/128") if self.public_url else ()
        return self.trusted_proxies or own

    @property
    def carries_secrets_in_the_clear(self) -> bool:
        """Whether others can reach it, but no address says that they do so over HTTPS."""
        reached = not is_loopback(self.host) or self.public_url is not None
        return reached and not (self.public_url or "").startswith("https:")

    @property
    def trusts_this_machine(self) -> bool:
        """Whether requests from loopback, without token or session, are its owner's."""
        return not self.require_tokens and is_loopback(self.host) and self.public_url is None


def is_loopback(host: str) -> bool:
    """Tell whether an address can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _refused(error: ValidationError) -> Invalid:
    problems = [
        (".".join(str(part) for part in each["loc"]) or "host", each["msg"])
        for each in error.errors(include_input=False, include_url=False)
    ]
    said = "; ".join(f"{name}: {words}" for name, words in problems)
    names = "、".join(_variable(name) for name, _ in problems)
    return Invalid(
        f"设置有误：{said}",
        f"a setting is wrong: {said}",
        todo_zh=f"请检查环境变量 {names}",
        todo_en="check the environment variables named",
        where=names,
    )


def _variable(field: str) -> str:
    return field if field == "DATABASE_URL" else f"DAOCHA_{field}".upper()
