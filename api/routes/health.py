"""Health: whether the ledger answers, and how far read models and log lag behind it."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.access import is_of_this_machine
from api.crowd import Crowd
from api.metrics import MEDIA_TYPE, Metrics
from api.refusal import refused
from api.serving import TheServing
from domain.errors import DaochaError
from domain.permissions import SEE

if TYPE_CHECKING:
    from api.serving import Serving

_PATIENCE = 2.0
_UNAVAILABLE = 503


class ReadModel(BaseModel):
    """How far a read model has come."""

    name: str
    position: int
    behind: int
    stopped_at: int | None


class LogHealth(BaseModel):
    """How far the transparency log is published, and what keeps it from going on."""

    size: int = Field(description="已公布的事实数 · facts in the newest checkpoint")
    behind: int
    leads: bool = Field(description="由本进程公布 · this process publishes")
    problem: str | None = Field(description="不能公布的原因 · why it is not published")


class Health(BaseModel):
    """How the server is: ``down`` where the ledger does not answer."""

    status: Literal["ok", "degraded", "down"]
    position: int | None
    read_models: list[ReadModel]
    log: LogHealth | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    position: int
    read_models: list[ReadModel]
    log: LogHealth


class _Examiner:
    """Looks at the ledger in a thread of its own: where the database hangs, one look hangs."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "health")
        self._lock = Lock()
        self._look: Future[_Seen] | None = None

    def see(self, here: Serving) -> _Seen:
        """Return what there is to see.

        Raises:
            TooSlow: the ledger does not answer in time.
            DaochaError: it cannot be reached.
        """
        with self._lock:
            if self._look is None or self._look.done():
                self._look = self._thread.submit(_look, here)
            look = self._look
        return look.result(_PATIENCE)


def _look(here: Serving) -> _Seen:
    head = here.ledger.head().position
    models = [
        ReadModel(
            name=each.name,
            position=each.position,
            behind=max(0, head - each.position),
            stopped_at=each.failed_at,
        )
        for each in here.runner.progress()
    ]
    return _Seen(head, models, _log(here, head))


def _log(here: Serving, head: int) -> LogHealth:
    standing = here.publisher.standing
    problem = standing.problem
    latest = here.ledger.checkpoints.latest()
    size = latest.size if latest else 0
    return LogHealth(
        size=size,
        behind=max(0, head - size),
        leads=standing.leads,
        problem=f"{problem.zh} ({problem.en})" if problem else None,
    )


health = APIRouter(tags=["运行 · Running"])
_examiner = _Examiner()


@health.get("/metrics", include_in_schema=False)
def metrics(request: Request, here: TheServing) -> Response:
    """Counts and times for Prometheus; for programs at this machine only."""
    if not is_of_this_machine(request):
        raise refused(SEE["everything"])
    counted: Metrics = request.app.state.metrics
    crowd: Crowd = request.app.state.crowd
    inside = {"requests_inside": crowd.inside, "requests_turned_away": crowd.turned_away}
    lines = counted.lines({**_gauges(here), **inside})
    return Response("\n".join(lines) + "\n", media_type=MEDIA_TYPE)


def _gauges(here: Serving) -> dict[str, float]:
    try:
        seen = _examiner.see(here)
    except (TooSlow, DaochaError):
        return {"up": 0}
    behind = max((model.behind for model in seen.read_models), default=0)
    told = {"facts": seen.position, "read_models_behind": behind, "log_behind": seen.log.behind}
    return {"up": 1, **told}


@health.get("/health", summary="是否正常 · Whether all is well")
def examine(here: TheServing, response: Response) -> Health:
    """Whether the ledger answers, and how far lists and log lag behind it. Needs no token."""
    try:
        seen = _examiner.see(here)
    except (TooSlow, DaochaError):
        response.status_code = _UNAVAILABLE
        return Health(status="down", position=None, read_models=[])
    well = all(model.stopped_at is None for model in seen.read_models) and not seen.log.problem
    return Health(
        status="ok" if well else "degraded",
        position=seen.position,
        read_models=seen.read_models,
        log=seen.log,
    )
