"""How a page is shown, and to whom 页面的显示方式: what every page's route asks first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal, cast

from fastapi import Depends, Request

from api.me import name_of
from api.pages.render import Switches, Visitor, read_view
from api.pages.words import Lang, Speech
from api.serving import serving

if TYPE_CHECKING:
    from datetime import datetime

    from api.caller import Caller
    from api.serving import Serving
    from domain.ledger_opened import LedgerOpened

_On = Literal["1"] | None


@dataclass(frozen=True, slots=True)
class Fresh:
    """As of when a list stands: the moment of asking, and the last fact that it knows of."""

    at: datetime
    position: int


def fresh(here: Serving, *names: str) -> Fresh:
    """Return as of when the read models ``names`` stand."""
    told = [each.position for each in here.runner.progress() if each.name in names]
    return Fresh(here.now(), min(told, default=0))


def shown_as(
    lang: Literal["zh", "en"] | None = None,
    large: _On = None,
    contrast: _On = None,
) -> None:
    """Take the parts of an address that say how a page looks; the page reads them itself."""


Shown = Annotated[None, Depends(shown_as)]


def view_of(request: Request) -> tuple[Lang, Switches]:
    """Return how a page is to be shown, and to whom."""
    here = serving(request)
    lang, switches = read_view(request.query_params)
    caller: Caller | None = getattr(request.state, "caller", None)
    shown = replace(
        switches,
        path=request.url.path,
        simulated=is_simulated(here),
        inside=caller is not None,
    )
    if caller is None or caller.session is None or caller.person is None:
        return lang, shown
    name = name_of(here, caller.person) or Speech(lang)("erased")
    return lang, replace(shown, visitor=Visitor(name, caller.session.token))


def is_simulated(here: Serving) -> bool:
    """Tell whether the ledger's clock is simulated: every page of a demonstration says so."""
    return cast("LedgerOpened", here.ledger.genesis().fact).clock == "simulated"
