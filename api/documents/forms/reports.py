"""月报 and 零报告: what an enterprise reports of a month, and who signed it (3.2a, 3.2c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.documents.forms.filling import words
from api.documents.paper import Fields, Paper, Signature, Signatures, Table, Text
from domain.monthly_report import ReportFiled
from domain.policy.reports import POST_WORDS, STATE_WORDS, Standing, standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.documents.forms.filling import Filling
    from api.documents.paper import Block
    from domain.monthly_report import ReportedHazard


def monthly_report(filling: Filling) -> Paper:
    """Return a report as filed, with the signatures under that text and how it stands."""
    fact = filling.entry.fact
    assert isinstance(fact, ReportFiled)  # noqa: S101 - as the register of forms says
    record = filling.docket.reports.get(fact.month)
    how = standing(filling.docket, record) if record else Standing(None)
    stands = how.filing is not None and how.filing.position == filling.entry.position
    zero = fact.kind == "zero"
    year, month = fact.month.split("-")
    return Paper(
        title="安全生产事故隐患排查治理零报告" if zero else "安全生产事故隐患排查治理月报",
        number=f"{year}年{int(month)}月",
        issuer=filling.organisation(fact.enterprise),
        addressee=filling.organisation(fact.to_org),
        blocks=(
            Fields(
                (
                    ("统一社会信用代码", filling.org_code(fact.enterprise)),
                    ("报告状态", _state(how) if stands else "本文本已被撤回或取代，不是现行文本"),
                )
            ),
            *_content(filling, fact),
            Signatures(_places(filling, how if stands else None, zero=zero)),
        ),
        dated=filling.day,
    )


def _state(how: Standing) -> str:
    return STATE_WORDS[how.state][0] if how.state else ""


def _content(filling: Filling, fact: ReportFiled) -> Iterator[Block]:
    year, month = fact.month.split("-")
    said = f"{year}年{int(month)}月"
    if fact.kind == "zero":
        yield Text((f"经排查，本单位{said}未发现新的事故隐患，特此报告。",))
    else:
        yield Text((f"本单位{said}发现事故隐患{len(fact.hazards)}项，整改情况如下：",))
    if fact.hazards:
        yield _hazards(filling, fact.hazards, "本月发现的隐患")
    if fact.older:
        yield _hazards(filling, fact.older, "以前月份发现、尚未销号的隐患")
    if fact.text:
        yield Text((words(fact.text),), "说明")


def _hazards(filling: Filling, reported: tuple[ReportedHazard, ...], heading: str) -> Table:
    rows = []
    for number, each in enumerate(reported, 1):
        known = filling.docket.hazards.get(each.hazard)
        if known and known.origin:
            filling.use(known.origin)
        rows.append(
            (
                str(number),
                known.number if known else str(each.hazard),
                words(known.description) if known else "",
                each.state,
            )
        )
    return Table(("序号", "隐患编号", "隐患情况", "整改情况"), (0, 0, 1, 0), tuple(rows), heading)


def _places(filling: Filling, how: Standing | None, *, zero: bool) -> tuple[Signature, ...]:
    """Return who signed; a zero report is to be signed by both, electronically, to have effect."""
    places = list(filling.signed())
    for signing in how.signings if how else ():
        if not signing.electronic:
            filling.use(signing.entry)
            said = (
                f"{filling.person(signing.person)}　未经电子签名\n台账第{signing.entry.position}条"
            )
            places.append(Signature(POST_WORDS[signing.role][0], said))
    if how and zero:
        places += [Signature(POST_WORDS[role][0], "尚未电子签名") for role in how.missing]
    if how and how.two_posts:
        places.append(Signature("备注", f"{filling.person(how.two_posts)}一人兼两岗"))
    return tuple(places) or (Signature("填报人"),)
