"""The pages, whole 页面: what a route calls in one line. Nothing here reads a clock or a database.

The static files beside this module, in ``STATIC``, are to be mounted at ``/static``. How a page
looks is in its address alone (``lang``, ``large``, ``contrast``), so that it can be passed on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from uuid_utils.compat import uuid7

from api.pages import show
from api.pages.figures import svg
from api.pages.figures.bars import title_of
from api.pages.figures.chain import chain
from api.pages.figures.swimlane import swimlane
from api.pages.menu import HOME, menu
from api.pages.story import Standing, Story, arose, badge, lead, said, standing
from api.pages.words import Lang, Speech
from domain.answer import BreachLine, Words
from domain.moment import local_day, parse_moment
from domain.policy.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from api.checking import Checked
    from api.coverage import ClauseTold
    from api.pages.story import Item
    from api.routes.public import ListedExposure
    from api.routes.tips import FollowedTip
    from api.settings_told import SettingsAnswer
    from api.signing import ToSign
    from domain.answer import Bearer, Incident, OrgRef, Trace
    from domain.document import Document
    from domain.errors import DaochaError
    from domain.what_if import WhatIf

VIEW = ("lang", "large", "contrast")
"""The parts of an address that say how a page looks."""
STATIC = Path(__file__).parent / "static"
"""The folder to mount at ``/static``."""
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a page: their name, and what a form of the page has to show to be theirs."""

    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Switches:
    """How a page is shown, and to whom: 大字 and 高对比; nobody where nobody has signed in.

    ``inside`` is who may see more than the public: somebody signed in, or the machine's owner.
    """

    large: bool = False
    contrast: bool = False
    visitor: Visitor | None = None
    inside: bool = False
    simulated: bool = False
    path: str = "/"


@dataclass(frozen=True, slots=True)
class Listed:
    """An accident in the list: where it happened, and the address of its trace."""

    incident: Incident
    place: OrgRef
    href: str


def read_view(query: Mapping[str, str]) -> tuple[Lang, Switches]:
    """Read the language and the switches from an address's query; Chinese is the default."""
    lang: Lang = "en" if query.get("lang") == "en" else "zh"
    return lang, Switches(query.get("large") == "1", query.get("contrast") == "1")


def trace_page(
    trace: Trace,
    lang: Lang = "zh",
    switches: Switches = Switches(),
    keep: Mapping[str, str] | None = None,
) -> str:
    """Return the page of a trace.

    Args:
        trace: the answer.
        lang: the language of the interface; what people recorded stays as recorded.
        switches: how the page is shown.
        keep: what else the address's query must keep, such as the enterprise and the moment.
    """
    story = Story(trace)
    say = Speech(lang)
    timeline, left_out = swimlane(story, say)
    kept = dict(keep or {})
    shown = replace(switches, simulated=trace.simulated)
    page = Page(lang, shown, kept | _known_at(trace))
    return render(
        "trace.html",
        page,
        lang,
        trace=trace,
        story=story,
        lead=lead(story, say),
        as_of=_as_of(trace, say),
        timeline=timeline,
        chain=chain(story, say),
        left_out={reason: n for reason, n in left_out.items() if n},
        known_positions={fact.position for fact in trace.facts},
        form_fields=page.fields(without="known_at"),
    )


def incidents_page(
    incidents: Sequence[Listed],
    lang: Lang = "zh",
    switches: Switches = Switches(),
    *,
    ask: str = "/trace",
) -> str:
    """Return the list of accidents, newest first as given, or what to do where there is none.

    Args:
        incidents: the accidents.
        lang: the language of the interface.
        switches: how the page is shown.
        ask: where the form that asks about an organisation at a moment sends ``enterprise``,
            ``at`` and ``known_at``.
    """
    page = Page(lang, switches, {})
    fields = page.fields()
    return render(
        "incidents.html",
        page,
        lang,
        incidents=incidents,
        ask=ask,
        form_fields=fields,
    )


def settings_page(
    told: SettingsAnswer,
    lang: Lang = "zh",
    switches: Switches = Switches(),
) -> str:
    """Return the page of the rule settings as at a moment; each is the target of its own link."""
    page = Page(lang, switches, {"as_at": local_day(told.as_at).isoformat()})
    return render(
        "settings.html",
        page,
        lang,
        told=told,
        day=local_day(told.as_at).isoformat(),
        form_fields=page.fields(without="as_at"),
    )


def what_if_page(
    told: WhatIf | None,
    asked: Mapping[str, str],
    lang: Lang = "zh",
    switches: Switches = Switches(),
) -> str:
    """Return the page that asks what other settings would change, with the answer if asked."""
    page = Page(lang, switches, {name: value for name, value in asked.items() if value})
    return render(
        "what_if.html",
        page,
        lang,
        told=told,
        asked=asked,
        keys=SETTINGS.values(),
        form_fields={n: v for n, v in page.fields().items() if n not in asked},
    )


def check_page(
    found: Checked | None,
    lang: Lang = "zh",
    switches: Switches = Switches(),
) -> str:
    """Return the page of what the record says of a document, or only the form that asks."""
    page = Page(lang, switches, {})
    topic = found.entry.fact.topic if found else None
    return render(
        "check.html",
        page,
        lang,
        found=found,
        title=Words(zh=topic.zh, en=topic.en) if topic else None,
        form_fields=page.fields(),
    )


def exposures_page(
    exposures: Sequence[ListedExposure],
    lang: Lang = "zh",
    switches: Switches = Switches(),
) -> str:
    """Return the page of the units that are exposed, which needs no account (5.2e)."""
    page = Page(lang, switches, {})
    return render("exposures.html", page, lang, exposures=exposures)


def tips_page(
    found: FollowedTip | None,
    lang: Lang = "zh",
    switches: Switches = Switches(),
) -> str:
    """Return the page of how a tip stands, or only the form that asks for its receipt code."""
    page = Page(lang, switches, {})
    return render("tips.html", page, lang, found=found)


def new_tip_page(
    offices: Sequence[Mapping[str, Any]],
    lang: Lang = "zh",
    switches: Switches = Switches(),
) -> str:
    """Return the page on which a tip is written and sealed in the browser."""
    page = Page(lang, switches, {})
    return render("tips_new.html", page, lang, offices=offices)


def policy_page(
    clauses: Sequence[ClauseTold],
    as_of: str | None,
    lang: Lang = "zh",
    switches: Switches = Switches(),
) -> str:
    """Return the page of all clauses in the policy's order, a table a section.

    Args:
        clauses: what there is to tell of each.
        as_of: when what is owed was last counted; None if it never was.
        lang: the language of the interface.
        switches: how the page is shown.
    """
    sections: dict[str, list[ClauseTold]] = {}
    for each in clauses:
        sections.setdefault(each.section, []).append(each)
    page = Page(lang, switches, {})
    counted = show.moment(parse_moment(as_of)) if as_of else None
    return render(
        "policy.html",
        page,
        lang,
        clauses=clauses,
        sections=sections,
        as_of=counted,
    )


def clause_page(
    clause: ClauseTold,
    as_of: str | None,
    documents: Sequence[Document],
    lang: Lang = "zh",
    switches: Switches = Switches(),
) -> str:
    """Return the page of one clause: its rules and where they live, settings, scenarios.

    Args:
        clause: what there is to tell of it.
        as_of: when what is owed was last counted; None if it never was.
        documents: the named documents that the clause rests on.
        lang: the language of the interface.
        switches: how the page is shown.
    """
    page = Page(lang, switches, {})
    counted = show.moment(parse_moment(as_of)) if as_of else None
    return render(
        "clause.html",
        page,
        lang,
        clause=clause,
        documents=documents,
        as_of=counted,
    )


def error_page(
    status: int, problem: DaochaError, lang: Lang = "zh", switches: Switches = Switches()
) -> str:
    """Return the page of something refused: what is wrong, by which clause, and what to do."""
    return render("error.html", Page(lang, switches, {}), lang, status=status, problem=problem)


def keys_page(
    person: str = "",
    lang: Lang = "zh",
    switches: Switches = Switches(),
) -> str:
    """Return the page on which a registrar registers the passkey of a person."""
    page = Page(lang, switches, {"person": person} if person else {})
    return render("keys.html", page, lang, person=person)


def sign_page(
    asked: ToSign,
    lang: Lang = "zh",
    switches: Switches = Switches(),
) -> str:
    """Return the page on which a document is signed with a passkey."""
    return render("sign.html", Page(lang, switches, {}), lang, asked=asked)


@dataclass(frozen=True, slots=True)
class Page:
    """A page's own address, as far as its query goes."""

    lang: Lang
    switches: Switches
    kept: dict[str, str]

    def here(self, **changes: str | None) -> str:
        """Return this page's address with some of the query changed; None drops a part."""
        return self._written({**self._view(), **self.kept, **changes})

    def there(self, path: str) -> str:
        """Return another page's address, shown in the same way."""
        query = urlencode(self._view())
        joint = "&" if "?" in path else "?"
        return f"{path}{joint}{query}" if query else path

    def toggled(self, name: str) -> str:
        """Return this page's address with a switch turned over."""
        return self.here(**{name: None if self.is_on(name) else "1"})

    def is_on(self, name: str) -> bool:
        """Tell whether a switch is on."""
        return bool(getattr(self.switches, name))

    def fields(self, without: str = "") -> dict[str, str]:
        """Return what a form must send along to stay on this page, shown in the same way."""
        return {
            key: value for key, value in {**self._view(), **self.kept}.items() if key != without
        }

    def _view(self) -> dict[str, str]:
        view = {"lang": self.lang} if self.lang != "zh" else {}
        return view | {name: "1" for name in ("large", "contrast") if self.is_on(name)}

    @staticmethod
    def _written(query: Mapping[str, str | None]) -> str:
        return "?" + urlencode({key: value for key, value in query.items() if value is not None})


def _known_at(trace: Trace) -> dict[str, str]:
    return {"known_at": trace.known_at.isoformat()} if trace.known_at else {}


def _as_of(trace: Trace, say: Speech) -> str:
    return say(
        "as_of" if trace.known_at else "as_of_now",
        known=show.moment(trace.known_at),
        ledger=trace.ledger,
        head=f"{trace.head:,}",
    )


@cache
def environment(lang: Lang) -> Environment:
    """Return the templates of one language: an environment each, since overlays share globals."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    say = Speech(lang)

    def people(bearer: Bearer) -> str:
        return show.bearer_people(bearer, say)

    def person(name: str | None, identity: UUID | None) -> str:
        return show.person(name, identity, say)

    def title(item: Item) -> str:
        return say.of(item.title) if isinstance(item, BreachLine) else title_of(item, say)

    environment.globals |= {
        "say": say,
        "Standing": Standing,
        "home": HOME,
        "menu": menu,
        "setting_value": lambda value: show.value_of_setting(value, say),
        "source": lambda text: show.source(text, say),
        "badge": lambda item: badge(item, say),
        "said": lambda item, story: said(item, story, say),
        "setting": lambda applied: show.setting(applied, say),
        "tenure": lambda holder: show.tenure(holder, say),
        "holder": lambda holder: show.holder(holder, say),
        "money": lambda fen: show.money(fen, say),
        "new_command": uuid7,
        "person": person,
        "people": people,
        "title": title,
    }
    environment.filters |= {
        "moment": show.moment,
        "deadline": show.deadline,
        "clause": show.clause,
        "clause_words": show.clause_words,
        "form_value": show.form_value,
        "circled": svg.circled,
        "clean": svg.clean,
        "arose": arose,
        "standing": standing,
    }
    return environment


def render(template: str, page: Page, lang: Lang, **values: object) -> str:
    """Return a page from its template."""
    html = environment(lang).get_template(template).render(page=page, **values)
    return svg.clean(html)
