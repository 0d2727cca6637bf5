"""What the command line starts: the server, the demo, a rebuild of the read models."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import uvicorn

from api import home
from api.app import create_app
from api.demo.calendar import ENDS, OPENED
from api.demo.seed import Shown, seed
from api.logs import configure_logs
from api.protocol import Protocol
from api.rolls import catch_up, composed, taken
from domain.errors import NotFound
from domain.roll import RollTaken
from projections.duties import count_duties
from projections.incidents import Incidents
from projections.models import read_models
from projections.organisations import Organisations
from projections.runner import Runner
from projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

    from api.settings import Settings
    from domain.ledger import Ledger


_AT_ONCE = 1000
"""Connections and requests at a time; further ones are told to come back (503)."""
_IDLE_SECONDS = 15
_LARGEST_HEAD = 32 * 1024


@contextmanager
def accidents(ledger: Ledger) -> Iterator[Views]:
    """Yield the read model of accidents, caught up with the ledger, for a single question."""
    models = [Organisations(ledger.schema), Incidents(ledger.schema)]  # it names their units
    runner = Runner(ledger.conninfo, models, schema=ledger.schema)
    try:
        runner.catch_up()
    finally:
        runner.stop()
    views = Views(ledger.conninfo, ledger.schema, size=1)
    try:
        yield views
    finally:
        views.close()


def rebuild(ledger: Ledger, progress: Progress) -> None:
    """Make every read model anew beside the live one and swap it in, with a bar for each."""
    models = read_models(ledger.schema)
    runner = Runner(ledger.conninfo, models, schema=ledger.schema)
    try:
        runner.catch_up()
        head = ledger.head().position
        for model in models:
            task = progress.add_task(model.name, total=head)
            runner.rebuild(model.name, tell=_bar(progress, task))
            progress.update(task, completed=head)
    finally:
        runner.stop()


def _bar(progress: Progress, task: TaskID) -> Callable[[int], object]:
    return lambda position: progress.update(task, completed=position)


def serve(settings: Settings) -> None:
    """Serve pages and API until the process is told to stop."""
    configure_logs()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_AT_ONCE,
        timeout_keep_alive=_IDLE_SECONDS,
        h11_max_incomplete_event_size=_LARGEST_HEAD,
        http=Protocol,
        ws="none",
    )


def seed_demo(settings: Settings, progress: Progress) -> Shown:
    """Fill the demo's ledger with the invented county's year; what is there stays as it is."""
    named = {"origin": "daocha.demo/yichuan", "jurisdiction": "沂川县（虚构）"}
    with home.database(settings) as url:
        try:
            home.origin_of(url, settings)
        except NotFound:
            home.make(url, settings.model_copy(update=named), "simulated", opened=OPENED)
    with home.opened(settings) as ledger:
        home.check_is_demo(ledger)
        task = progress.add_task("演示县的一年", total=None)
        shown = seed(
            ledger,
            progress=lambda done, of: progress.update(task, completed=done, total=of),
            rolls=partial(_rolls, ledger),
        )
        count_duties(ledger, ENDS - timedelta(minutes=1))  # the page of the policy shows figures
        return shown


def _rolls(ledger: Ledger, month: str) -> list[RollTaken]:
    """Return the rolls of a month of the demo: those that it holds, or as it stands now."""
    known = [entry.fact for entry in taken(ledger, month)]
    if not known:
        catch_up(ledger)
        return composed(ledger, month, ledger.head().position)
    return [fact for fact in known if isinstance(fact, RollTaken)]
