"""Experts 专家: the pool, one expert, whom to call in with why one does not fit, who is behind."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.access import TheAuthority, TheCaller
from api.me import posts_held
from api.pages.acts import Tried, read
from api.pages.acts_of_experts import (
    APPOINT,
    EXPERT_ACTS,
    OUTCOMES,
    POOLS,
    REGISTRATIONS,
    TITLES,
)
from api.pages.render import Page, render
from api.pages.render_experts import Told, expert_fields, experts_table, owed_table, panel_fields
from api.pages.render_matters import Paging, list_page
from api.pages.words import Speech
from api.routes.beginning import Beginning, serve_beginning
from api.routes.desk import SEE_OTHER, Desk, RecordedAt, SentForm, TheVisit, Visit
from api.routes.listed import After, most, sheet
from api.routes.lists import next_of
from api.routes.questions import Cursor
from api.routes.shown import Shown, fresh, view_of
from api.routes.strict import FormRoute, StrictRoute
from api.scene import Scene
from api.sent import SentDay, Text
from api.serving import TheServing
from domain.errors import GateClosed, NotFound
from domain.expert import ExpertAdmitted, ExpertRecord, completed_years, experts_of
from domain.expert_inspection import Member, PanelAppointed
from domain.fact import Actor, Draft, Sealed
from domain.key_process import processes_at
from domain.moment import Moment, local_day, no_later
from domain.organisation import OrgKind
from domain.policy.expert_views import UNFIT, Wanted, unfit
from domain.policy.gate import pass_gates
from domain.policy.rules import GATES
from domain.record import facts_of, moment_of
from projections.experts import list_behind, list_experts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from api.caller import Caller
    from api.pages.acts import ActForm, Given, Options
    from api.pages.render_experts import Row
    from api.serving import Serving

expert_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
expert_forms = APIRouter(
    route_class=FormRoute, include_in_schema=False, default_response_class=HTMLResponse
)
_PAGE, _PANEL = 100, 40
_SALT = bytes(16)
Words = Annotated[Text, Query(max_length=100)]
Day = Annotated[SentDay | None, Query()]


def told_of(here: Serving, wanted: Wanted, at: Moment, say: Speech) -> list[Told]:
    """Return everybody of whom anything is on record as an expert: those who fit first."""
    people = experts_of(here.ledger.records(list_experts(here.views)))
    names = _names(here, people.values())
    told = [_told(person, expert, wanted, at, names, say) for person, expert in people.items()]
    return sorted(told, key=lambda each: (len(each.unfit), each.name))


def _names(here: Serving, experts: Any) -> dict[UUID, str]:  # noqa: ANN401 - records of experts
    bodies = {place.authority for expert in experts for place in expert.memberships}
    entries = here.ledger.records(sorted(bodies), open_sealed=False) if bodies else []
    return {e.record: e.fact.name for e in entries if e.topic == "organisation.registered"}  # type: ignore[attr-defined] # as its topic says


def _told(
    person: UUID,
    expert: ExpertRecord,
    wanted: Wanted,
    at: Moment,
    names: Mapping[UUID, str],
    say: Speech,
) -> Told:
    registered: Any = expert.fact("person.registered")
    admitted = [fact for _, fact in facts_of(expert.entries, ExpertAdmitted)]
    latest = admitted[-1] if admitted else None
    standing, active = expert.standing(at), expert.places(at)
    return Told(
        person=person,
        name=str(registered.name) if registered else say("erased"),
        pools="、".join(names.get(each.authority, "") for each in standing),
        specialties=tuple(dict.fromkeys(s for each in standing for s in each.specialties)),
        qualified=qualified(latest, say),
        age=_age(registered, latest, at),
        area=latest.area if latest and latest.area else "",
        state="experts.in_pool" if active else "experts.suspended" if standing else "experts.out",
        unfit=tuple(UNFIT[key][say.lang != "zh"] for key in unfit(expert, wanted, at)),
    )


def qualified(fact: ExpertAdmitted | None, say: Speech) -> str:
    """Return by what somebody qualifies for a pool (2.3b)."""
    if fact is None:
        return ""
    n = int(say.lang != "zh")
    parts = [
        TITLES[fact.title.value][n] if fact.title else "",
        REGISTRATIONS[fact.registration.value][n] if fact.registration else "",
        say("experts.years", n=fact.years),
    ]
    return say.pick("、", ", ").join(part for part in parts if part)


def _age(registered: Any, fact: ExpertAdmitted | None, at: Moment) -> int | None:  # noqa: ANN401 - who was registered
    born = (fact.born if fact else None) or (registered.born if registered else None)
    return completed_years(born, local_day(at)) if born else None


def _filters(
    specialty: Words = "",
    area: Words = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
) -> dict[str, str]:
    """Take what experts are looked for by."""
    return {"specialty": specialty, "area": area, "since": since, "until": until}


TheFilters = Annotated[dict[str, str], Depends(_filters)]


@expert_pages.get("/experts")
def experts(
    *,
    request: Request,
    here: TheServing,
    _: TheCaller,
    __: Shown,
    asked: TheFilters,
    fitting: Annotated[bool, Query()] = False,
) -> HTMLResponse:
    """Return the experts of the pools, those who fit first."""
    lang, switches = view_of(request)
    say, at = Speech(lang), here.now().astimezone(UTC)
    told = told_of(here, _wanted(asked), at, say)
    shown = [each for each in told if each.fits or not fitting][:_PAGE]
    return HTMLResponse(
        list_page(
            "experts",
            experts_table(shown, say),
            expert_fields(asked, fitting=fitting),
            Paging(None, None),
            fresh(here, "expert"),
            lang,
            switches,
            export=f"/experts.xlsx?{request.url.query}",
            new=[("/experts/panel", "experts.panel"), ("/experts/owed", "experts.owed")],
        )
    )


@expert_pages.get("/experts.xlsx")
def experts_sheet(
    *,
    request: Request,
    here: TheServing,
    _: TheCaller,
    __: Shown,
    asked: TheFilters,
    fitting: Annotated[bool, Query()] = False,
) -> Response:
    """Return all of them as a spreadsheet."""
    say, at = Speech(view_of(request)[0]), here.now().astimezone(UTC)
    told = told_of(here, _wanted(asked), at, say)
    return sheet(experts_table([e for e in told if e.fits or not fitting], say), "experts", say)


def _wanted(asked: Mapping[str, str], enterprise: UUID | None = None) -> Wanted:
    """Return what is looked for; a day that is none does not matter."""
    return Wanted(
        asked["specialty"] or None,
        asked["area"] or None,
        _day(asked["since"]),
        _day(asked["until"]),
        enterprise,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# who is behind


@expert_pages.get("/experts/owed")
def owed(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    _: Shown,
    after: After = None,
) -> HTMLResponse:
    """Return the enterprises that owe inspections by experts, the soonest due first (2.2b)."""
    lang, switches = view_of(request)
    today = local_day(here.now())
    paging = Cursor("owed_page")
    rows = list_behind(
        here.views,
        today=today,
        limit=_PAGE + 1,
        after=paging.read(after, date.fromisoformat, UUID),
        scope=authority.scope,
    )
    return HTMLResponse(
        list_page(
            "owed",
            owed_table(rows[:_PAGE], today, Speech(lang)),
            [],
            Paging(after, next_of(paging, rows, _PAGE, "due_on")),
            fresh(here, "expert_inspection_owed"),
            lang,
            switches,
            export="/experts/owed.xlsx",
        )
    )


@expert_pages.get("/experts/owed.xlsx")
def owed_sheet(request: Request, here: TheServing, authority: TheAuthority, _: Shown) -> Response:
    """Return all of them as a spreadsheet."""
    say, today = Speech(view_of(request)[0]), local_day(here.now())
    rows = list_behind(here.views, today=today, limit=most(), scope=authority.scope)
    return sheet(owed_table(rows, today, say), "owed", say)


# choosing a panel


class Panel(Beginning):
    """Choosing a panel for an enterprise, with why one does not fit (2.1d to 2.1g, 2.4a)."""

    forms = (APPOINT,)
    word = "panel.new"
    at = "/experts/panel"
    path = "/expert-inspections"
    shut: Sequence[GateClosed] = ()

    @property
    def asked(self) -> dict[str, str]:
        """By what experts are looked for."""
        names = ("specialty", "area", "since", "until")
        return {name: self.request.query_params.get(name, "")[:100] for name in names}

    def found(self) -> list[Told]:
        """Return whom to choose from: those who fit first."""
        say = Speech(self.view[0])
        wanted = _wanted(self.asked, self.scene.enterprise)
        return told_of(self.here, wanted, self.scene.docket.at, say)[:_PANEL]

    def options(self) -> Options:
        """Return who can be chosen, and for which specialties."""
        found = self.found()
        specialties = sorted({name for each in found for name in each.specialties})
        return {
            "experts": [(str(each.person), each.name) for each in found],
            "specialties": [(name, name) for name in specialties],
        }

    def given(self, form: ActForm) -> Given:  # noqa: ARG002 - it has one form
        """Return a row for each who fits: whoever gets a specialty is chosen."""
        fitting = [each for each in self.found() if each.fits]
        return {f"members.{n}.person": [str(each.person)] for n, each in enumerate(fitting)}

    def act(self, name: str, given: Given) -> Response:
        """Appoint the panel; where a gate is closed, tell of every other that is as well."""
        with suppress(ValueError):  # what cannot be read is told by the form itself
            self.shut = self._shut(given)
        return super().act(name, given)

    def _shut(self, given: Given) -> list[GateClosed]:
        """Return why a panel cannot take effect, by every gate that asks."""
        enterprise, docket = self.scene.enterprise, self.scene.docket

        def seal(words: str | None) -> Sealed | None:
            return Sealed.close(words, enterprise, _SALT) if words else None

        values = read(APPOINT, given).values
        members = [each for each in values.get("members", []) if each.get("specialty")]
        if not members:
            return []
        fact = PanelAppointed(
            enterprise=enterprise,
            members=tuple(
                Member(
                    person=UUID(each["person"]),
                    specialty=each["specialty"],
                    special_reason=seal(each.get("special_reason")),
                )
                for each in members
            ),
            few_reason=seal(values.get("few_reason")),
        )
        people = self.here.ledger.records([each.person for each in fact.members])
        whole = {entry.position: entry for entry in (*docket.all_entries, *people)}
        case = type(docket)(enterprise, whole.values(), docket.at)
        by = Actor(authentication="system")
        at = self.here.now()
        draft = Draft(self.record, 1, fact, by, at, at)
        return [shut for gate in GATES if (shut := _closed(gate, case, draft))]

    def render(self, tried: Tried | None, recorded: int | None) -> str:  # noqa: ARG002 - a fresh form
        """Return the page."""
        lang, switches = self.view
        say, docket = Speech(lang), self.scene.docket
        kept = {"enterprise": self.scene.place.code, **self.asked}
        processes = [
            name for each in processes_at(docket.own, docket.at) for name in each.specialties
        ]
        found = self.found()
        return render(
            "matters/panel.html",
            Page(lang, switches, {n: v for n, v in kept.items() if v}),
            lang,
            place=self.scene.place,
            processes="、".join(dict.fromkeys(processes)),
            fields=panel_fields(self.asked),
            table=experts_table(found, say, with_fit=True),
            rows=found,
            shut=self.shut if len(self.shut) > 1 else (),
            acts=self.acts(tried),
        )


def _closed(gate: Any, docket: Any, draft: Draft) -> GateClosed | None:  # noqa: ANN401 - the policy's
    try:
        pass_gates([gate], docket, draft)
    except GateClosed as closed:
        return closed
    return None


serve_beginning(expert_pages, expert_forms, Panel, _filters)


# one expert


class ExpertDesk(Desk):
    """One expert, and what the authority of a pool can do about them (2.3, 2.4c)."""

    forms = EXPERT_ACTS

    def __init__(self, visit: Visit, body: UUID, person: UUID) -> None:
        super().__init__(visit, Scene(visit.here, body, visit.authority))
        self.person = person
        entries = self.here.ledger.record(person)
        if not entries or entries[0].fact.topic.noun != "person":
            raise NotFound("没有此人的档案", "there is no record of this person")
        admits = self.scene.place.kind is not OrgKind.ENTERPRISE and self.hands.may(
            EXPERT_ACTS[0], bodies=[body]
        )
        if not experts_of(entries) and not admits:
            self.authority.see_person(
                person
            )  # one who is no expert is seen by a body that could admit
        self.expert = ExpertRecord(f"person:{person}", [*entries])

    @property
    def address(self) -> str:
        """Where the page stands."""
        return f"/experts/{self.person}"

    @property
    def posted(self) -> Mapping[str, Any]:
        """The person's record."""
        return {"record": self.person}

    def offers(self) -> Mapping[str, Sequence[UUID] | None]:
        """Return what can be done: admission, or what follows it in the visitor's own pool."""
        at, body = self.scene.docket.at, self.scene.enterprise
        own = [each for each in self.expert.standing(at) if each.authority == body]
        if not own:
            return {"expert.admitted": [body]}
        told = {entry.topic for entry in own[-1].changes}
        first = [t for t in ("expert.published", "expert.letter_issued") if t not in told]
        turn = "expert.restored" if own[-1].suspended(at) else "expert.suspended"
        return {act: [body] for act in (*first, "expert.appraised", turn, "expert.left")}

    def options(self) -> Options:
        """Return what can be chosen."""
        n = int(self.view[0] != "zh")
        tables = {
            "pools": POOLS,
            "titles": TITLES,
            "registrations": REGISTRATIONS,
            "outcomes": OUTCOMES,
        }
        return {
            name: [(key, words[n]) for key, words in table.items()]
            for name, table in tables.items()
        }

    def given(self, form: ActForm) -> Given:
        """Return the year that is appraised."""
        if form.topic != "expert.appraised":
            return {}
        return {"year": [str(self.scene.today.year)]}

    def render(self, tried: Tried | None, recorded: int | None) -> str:
        """Return the page."""
        lang, switches = self.view
        say, at = Speech(lang), self.scene.docket.at
        registered: Any = self.expert.fact("person.registered")
        admitted = [fact for _, fact in facts_of(self.expert.entries, ExpertAdmitted)]
        return render(
            "matters/expert.html",
            Page(lang, switches, {}),
            lang,
            name=str(registered.name) if registered else say("erased"),
            age=_age(registered, admitted[-1] if admitted else None, at),
            places=[*self._places(say)],
            acts=self.acts(tried),
            recorded=recorded,
        )

    def _places(self, say: Speech) -> Iterator[Row]:
        at = self.scene.docket.at
        names = _names(self.here, [self.expert])
        for each in self.expert.memberships:
            fact = each.admitted.fact
            out, suspended = each.ended(at), each.suspended(at)
            standing = "experts.suspended" if suspended else "experts.in_pool"
            yield {
                "authority": names.get(each.authority, ""),
                "pool": POOLS[each.pool.value][say.lang != "zh"],
                "specialties": "、".join(each.specialties),
                "qualified": qualified(fact if isinstance(fact, ExpertAdmitted) else None, say),
                "admitted": moment_of(each.admitted),
                "state": "experts.out" if out else standing,
                "tone": "grey" if out else "amber" if suspended else "green",
            }


def _pool(here: Serving, caller: Caller, person: UUID) -> UUID | None:
    """Return in whose name somebody looks at an expert: a pool's of theirs, else their own body."""
    held = posts_held(here, caller.person) if caller.person else []
    own = [post.organisation for post in held]
    expert = ExpertRecord(f"person:{person}", [*here.ledger.record(person, open_sealed=False)])
    now = here.now()
    pools = [
        each.authority for each in expert.memberships if no_later(moment_of(each.admitted), now)
    ]
    found = [each for each in pools if each in own] or own or pools
    return found[0] if found else None


@expert_pages.get("/experts/{person}", response_model=None)
def expert(visit: TheVisit, person: UUID, _: Shown, recorded: RecordedAt = None) -> Response:
    """Return an expert's admissions with what can be done about them."""
    body = _pool(visit.here, visit.caller, person)
    if body is None:
        return RedirectResponse("/experts", SEE_OTHER)
    return ExpertDesk(visit, body, person).page(recorded)


@expert_forms.post("/experts/{person}/{act}", response_model=None)
def act_on_expert(
    visit: TheVisit,
    person: UUID,
    act: str,
    sent: SentForm,
    _: Shown,
    recorded: RecordedAt = None,  # noqa: ARG001 - of the page it was sent from
) -> Response:
    """Do something about an expert."""
    body = _pool(visit.here, visit.caller, person)
    if body is None:
        return RedirectResponse("/experts", SEE_OTHER)
    return ExpertDesk(visit, body, person).act(act, sent)
