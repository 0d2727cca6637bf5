"""The application: everything that is served, put together."""

from __future__ import annotations

import os
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from api import home
from api.crowd import Crowd
from api.documentation import TITLE, describe
from api.edge import Edge
from api.judging import Court, Judge
from api.log.publisher import Publisher
from api.metrics import Metrics
from api.porter import Porter
from api.problems import handle_problems
from api.reminders.worker import Reminder
from api.rolls import Clerk
from api.routes.assurance import assurance
from api.routes.bundles import bundles
from api.routes.check import checks
from api.routes.commands import command_routes
from api.routes.docs import SWAGGER, docs
from api.routes.duty_pages import duty_pages
from api.routes.enterprises import enterprise_questions
from api.routes.expert_inspection_pages import (
    expert_inspection_forms,
    expert_inspection_pages,
)
from api.routes.expert_pages import expert_forms, expert_pages
from api.routes.experts import expert_questions
from api.routes.figures import figures
from api.routes.halt_pages import halt_forms, halt_pages
from api.routes.hazard_ledger import hazard_ledger
from api.routes.hazard_pages import hazard_forms, hazard_pages
from api.routes.hazard_photos import photo_forms, photo_pages
from api.routes.health import health
from api.routes.heat_pages import heat_pages
from api.routes.inspection_pages import inspection_forms, inspection_pages
from api.routes.listing_pages import listing_forms, listing_pages
from api.routes.lists import lists
from api.routes.log import log
from api.routes.order_pages import order_forms, order_pages
from api.routes.pages import VERIFIER, pages, static_files
from api.routes.paper_forms import paper_forms
from api.routes.papers import papers
from api.routes.plan_pages import plan_forms, plan_pages
from api.routes.public import public, public_pages
from api.routes.records import facts, record_routes
from api.routes.reference import reference
from api.routes.reminder_pages import feeds, reminder_forms, reminder_pages
from api.routes.report_pages import report_forms, report_pages
from api.routes.rolls import rolls
from api.routes.rounds import rounds_routes
from api.routes.sign_in import sign_in_api, sign_in_pages
from api.routes.signing import signing
from api.routes.site import site_pages, site_photos
from api.routes.system_pages import system_pages
from api.routes.tip_box import tip_box, tip_box_pages
from api.routes.tips import tip_form, tip_pages, tips
from api.routes.traces import traces
from api.routes.verify import verify
from api.serving import Serving, clock_of
from api.tip_box import Postman
from domain.ledger import Accounts, Waiting
from projections.models import read_models
from projections.outbox import Outbox
from projections.owed import DutyBook
from projections.runner import Runner
from projections.views import Views

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from api.settings import Settings

API = "/api/v1"


def create_app(
    settings: Settings,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FastAPI:
    """Return the application; it opens its ledger when it starts, after any fork.

    Args:
        settings: which ledger, and how to serve it.
        now: the server's clock.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = settings.threads
        with ExitStack() as kept:
            app.state.serving = await run_in_threadpool(_begin, settings, now, kept)
            stack = kept.pop_all()
        try:
            yield
        finally:
            await run_in_threadpool(stack.close)

    metrics, crowd = Metrics(), Crowd(settings.threads)
    app = FastAPI(
        title=TITLE,
        version=version("daocha"),
        lifespan=lifespan,
        openapi_url=None,  # see api/routes/docs.py
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=settings.max_request_bytes,
        middleware=[
            Middleware(Edge, settings=settings, metrics=metrics, crowd=crowd, now=now),
            Middleware(GZipMiddleware, compresslevel=6),
        ],
    )
    app.state.metrics = metrics
    app.state.crowd = crowd
    handle_problems(app)
    for router in (
        tip_box,
        tips,
        command_routes(),
        signing,
        sign_in_api,
        lists,
        public,
        assurance,
        expert_questions,
        enterprise_questions,
        figures,
        facts,
        rolls,
        bundles,
        traces,
        papers,
        rounds_routes,
        site_photos,
        reference,
        record_routes(),
    ):
        app.include_router(router, prefix=API)
    shown = (sign_in_pages, pages, public_pages, tip_pages, tip_box_pages, tip_form, checks)
    hazards = (hazard_ledger, photo_forms, photo_pages, hazard_pages, hazard_forms)
    work = (duty_pages, heat_pages, report_pages, report_forms, *hazards, paper_forms)
    field = (
        *(expert_pages, expert_forms, expert_inspection_pages, expert_inspection_forms),
        *(site_pages, plan_pages, plan_forms, inspection_pages, inspection_forms),
        order_pages,
        order_forms,
        listing_pages,
        listing_forms,
        halt_pages,
        halt_forms,
    )
    reminding = (feeds, reminder_pages, reminder_forms)
    for router in (health, system_pages, docs, log, verify, *shown, *work, *field, *reminding):
        app.include_router(router)
    app.mount("/docs/swagger", SWAGGER)
    app.mount("/static/verifier", VERIFIER)
    app.mount("/static", static_files)
    describe(app)
    return app


def _begin(
    settings: Settings,
    now: Callable[[], datetime],
    kept: ExitStack,
) -> Serving:
    """Open the ledger and its read models; ``kept`` closes them again."""
    ledger = kept.enter_context(home.opened(settings))
    home.check_is_safe(settings, ledger)
    now = clock_of(ledger, now)
    ledger.goes_by(now)
    views = Views(ledger.conninfo, ledger.schema)
    kept.callback(views.close)
    runner = Runner(ledger.conninfo, read_models(ledger.schema), schema=ledger.schema)
    kept.enter_context(runner)
    publisher = Publisher(
        ledger,
        runner,
        home.log_keys_of(settings, ledger.origin),
        home.log_policy_of(settings),
        now=now,
        random=os.urandom,
    )
    kept.enter_context(publisher)
    kept.enter_context(Clerk(ledger, now))
    accounts = Accounts(ledger.conninfo, ledger.schema)
    for person in ledger.vault.all_barred():
        accounts.forget(person)  # a backup may have brought back how somebody erased signed in
    kept.callback(accounts.close)
    book = DutyBook(ledger)
    kept.callback(book.close)
    book.prepare()
    court = Court(ledger, views, book)
    kept.enter_context(Judge(court, runner, now))
    waiting = Waiting(ledger.conninfo, ledger.schema)
    kept.callback(waiting.close)
    here = Serving(
        settings, ledger, views, runner, publisher, accounts, waiting, court, now, os.urandom
    )
    kept.enter_context(Porter(here))
    kept.enter_context(Postman(here))
    outbox = Outbox(ledger)
    kept.callback(outbox.close)
    outbox.prepare()
    kept.enter_context(Reminder(here, outbox))
    return here
