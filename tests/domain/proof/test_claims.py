from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

import api.operations  # noqa: F401 - declares every kind of fact
from domain.fact import TOPICS, canonical, leaf_hash
from domain.labels import POST_KINDS
from domain.proof.bundle import About, Asked, Evidence, open_bundle
from domain.proof.claims import Claim, Claims, Label, claims_of, in_words, words
from domain.proof.roll import RollEntry
from domain.proof.trust import Cosigned, read_trust
from tests.support.evidence import (
    DEPUTY,
    DISCLOSED,
    ENTERPRISE,
    KEYS,
    LOG,
    MONTH,
    POSTS,
    PRINCIPAL,
    REGULATOR,
    REPORT,
    TRUST,
    WITNESS,
    Log,
    key_record,
    known_signers,
    zero_report,
)

HAZARD = UUID(int=70)


def show(log: Log, *but: int, **parts: Any) -> Evidence:  # noqa: ANN401
    """Open the bundle of all facts but those about nothing, and some others."""
    positions = [
        n for n, leaf in enumerate(log.leaves, 1) if n not in but and b'"topic":"other"' not in leaf
    ]
    return open_bundle(log.bundle(*positions, **parts).write(), TRUST)


def keys(claims: tuple[Claim, ...]) -> list[str]:
    return [each.key for each in claims]


def said(claims: tuple[Claim, ...], key: str) -> list[str]:
    return [each.words("zh") for each in claims if each.key == key]


def test_a_zero_report() -> None:
    claims = claims_of(show(zero_report(), disclosed=DISCLOSED))
    assert keys(claims.proved) == [
        *("in_the_log", "witnessed", "report_filed", "none_still_open", "zero_in_effect"),
        *("signed", "held_post_and_key", "signed", "held_post_and_key", "same_text_in_order"),
    ]
    assert keys(claims.open) == [
        *("not_bounded", "not_bounded", "others_left_out", "later_facts", "truth", "own_clock")
    ]
    assert said(claims.proved, "signed")[0] == (
        "张三以沂河化工有限公司分管负责人（deputy）的身份签署了第 11 条文书，签名为第 12 条，"
        "2024-05-20 09:11:00 收录；所签声明为“本单位2024年5月未发现新的事故隐患”。"
        "签名不早于第 11 条事实。（Ed25519 签名）"
    )
    assert said(claims.proved, "same_text_in_order") == [
        "张三先签、李四后签，所签为同一文本（第 11 条）。"
    ]
    assert "2024-06-02 11:04:05" in said(claims.proved, "witnessed")[0]
    assert claims.proved[5].facts == (12, 11)


def test_names_kept_back_or_erased() -> None:
    log = zero_report()
    log.append("person.erased", DEPUTY, {})
    claims = claims_of(show(log))
    first, second = (each.values["person"] for each in claims.proved if each.key == "signed")
    assert (first, second) == (Label("name.erased"), Label("name.masked"))
    assert "姓名已依法删除" in said(claims.proved, "signed")[0]


def test_one_person_in_both_posts() -> None:
    log = known_signers()
    log.appoint(DEPUTY, "principal")
    report = log.report()
    first = log.sign(DEPUTY, report)
    after = leaf_hash(first).hex()
    log.sign(DEPUTY, report, {"role": "principal"}, post=POSTS["principal"], after=after)
    claims = claims_of(show(log, disclosed=DISCLOSED))
    assert said(claims.proved, "one_person_two_posts") == ["两个签名出自同一人：张三一人兼两岗。"]
    assert "zero_in_effect" in keys(claims.proved)


@pytest.mark.parametrize("signed", [0, 1])
def test_signatures_that_are_missing(signed: int) -> None:
    log = known_signers()
    report = log.report()
    for _ in range(signed):
        log.sign(DEPUTY, report)
    claims = claims_of(show(log))
    assert "zero_in_effect" not in keys(claims.proved)
    assert len(said(claims.open, "signature_missing")) == 2 - signed


def test_filed_again_or_withdrawn() -> None:
    log = zero_report()
    log.report()
    log.append("report.withdrawn", REPORT, {"enterprise": str(ENTERPRISE)})
    claims = claims_of(show(log))
    assert keys(claims.proved).count("zero_in_effect") == 1  # the first text stays signed
    assert len(said(claims.open, "signature_missing")) == 2
    assert said(claims.proved, "withdrawn")[0].startswith("撤回月报")


def test_an_ordinary_report_needs_no_signature() -> None:
    log = known_signers()
    log.report(kind="ordinary")
    claims = claims_of(show(log, 3, 4, 5, 6, 7, 8, 9, 10))
    assert keys(claims.proved) == ["in_the_log", "witnessed", "report_filed"]
    assert "signature_missing" not in keys(claims.open)


def test_older_hazards_that_the_report_lists() -> None:
    log = known_signers()
    data = {"enterprise": str(ENTERPRISE), "number": "YH-1", "found_by": "enterprise"}
    log.append(
        "hazard.found", HAZARD, data, [f"org:{ENTERPRISE}"], body=body(log, data, "2024-04-03")
    )
    older = [
        {"hazard": str(HAZARD), "state": "整改中"},
        {"hazard": str(REGULATOR), "state": "未整改"},
    ]
    log.report(older=older)
    claims = claims_of(show(log))
    listed = said(claims.proved, "hazard_still_open")
    assert "YH-1" in listed[0]
    assert str(REGULATOR) in listed[1]


def body(log: Log, data: dict[str, Any], happened: str) -> dict[str, Any]:
    return {
        "actor": {"authentication": "cli"},
        "command": str(UUID(int=1)),
        "data": data,
        "happened": happened,
        "nonce": f"{len(log.leaves):032x}",
        "received": "2024-06-01T01:00:00Z",
        "schema": 1,
    }


@pytest.mark.parametrize(
    ("happened", "key", "count"),
    [
        ("2024-05-19", "hazard_before_signing", 2),
        ("2024-05-20", "hazard_after_signing", 1),
        ("2024-05-20T01:11:30Z", "hazard_before_signing", 1),
        ("2024-05-31T15:59:59Z", "hazard_after_signing", 1),
        ("2024-05-31T16:00:00Z", "hazard_after_signing", 0),
        ("yesTerday", "hazard_after_signing", 0),
    ],
)
def test_a_hazard_of_the_month(happened: str, key: str, count: int) -> None:
    log = zero_report()
    data = {"enterprise": str(ENTERPRISE), "number": "YH-9", "found_by": "department"}
    log.append("hazard.found", HAZARD, data, [f"org:{ENTERPRISE}"], body=body(log, data, happened))
    claims = claims_of(show(log, disclosed=DISCLOSED))
    assert len(said(claims.proved, key)) == count
    told = [each for each in keys(claims.proved) if each.startswith("hazard_")]
    assert told == [key] * count


def test_a_hazard_of_the_month_of_a_report_that_nobody_signed() -> None:
    log = known_signers()
    data = {"enterprise": str(ENTERPRISE), "number": "YH-9", "found_by": "department"}
    log.append("hazard.found", HAZARD, data, [f"org:{ENTERPRISE}"])
    log.report()
    claims = claims_of(show(log))
    assert not [each for each in keys(claims.proved) if each.startswith("hazard_")]


def test_a_hazard_of_the_month_in_an_imported_row() -> None:
    log = zero_report()
    data = {"enterprise": str(ENTERPRISE), "number": "D17", "found": "2024-05-19"}
    log.append("ledger_row.imported", HAZARD, data, [f"org:{ENTERPRISE}"])
    (first, _) = said(claims_of(show(log)).proved, "hazard_before_signing")
    assert "D17" in first
    assert "导入台账所载发现" in first


# An extract for a bank.


def extract(log: Log) -> Claims:
    about = About(kind="extract", id=str(ENTERPRISE))
    return claims_of(show(log, about=about))


def of_plant(log: Log, topic: str, record: int, **data: Any) -> None:  # noqa: ANN401 - any field
    """Append a fact about the enterprise."""
    told = {"enterprise": str(ENTERPRISE), **data}
    log.append(topic, UUID(int=record), told, [f"org:{ENTERPRISE}"])


def plant() -> Log:
    log = Log()
    log.open()
    log.organisation(REGULATOR, "县应急管理局")
    log.organisation(ENTERPRISE, "沂河化工有限公司")
    return log


def test_an_extract_counts_hazards_and_tells_grades() -> None:
    log = plant()
    of_plant(log, "hazard.found", 71, number="1")
    of_plant(log, "hazard.closed", 71)
    of_plant(log, "hazard.found", 72, number="2", fixed_on_spot=True)
    of_plant(log, "hazard.found", 73, number="3")
    of_plant(log, "listing.delisted", 90, hazard=str(UUID(int=73)))
    of_plant(log, "hazard.found", 74, number="4", fixed_on_spot=False)
    of_plant(log, "ledger_row.imported", 75, number="5", found="2024-05-01", closed="2024-05-09")
    of_plant(log, "ledger_row.imported", 76, number="6", found="2024-05-01", closed="2024-05-09")
    of_plant(log, "ledger_row.imported", 76, number="6", found="2024-05-01")
    by = str(REGULATOR)
    valid = {"valid_from": "2024-01-01", "valid_to": "2026-12-31"}
    of_plant(log, "grade.awarded", 80, by_org=by, kind="enterprise", grade=2, **valid)
    of_plant(log, "grade.awarded", 81, by_org=by, grade=3, valid_from="2024-02-01")
    of_plant(log, "grade.withdrawn", 80, by_org=by)
    claims = extract(log)
    assert keys(claims.proved) == [
        *("in_the_log", "witnessed", "extract"),
        *("grade_awarded", "grade_awarded", "grade_withdrawn", "withdrawn"),
    ]
    told = next(each for each in claims.proved if each.key == "extract")
    assert [told.values[name] for name in ("found", "closed", "open")] == [6, 4, 2]
    first, second = said(claims.proved, "grade_awarded")
    assert "县应急管理局评定其安全生产标准化企业达标 2 级，自 2024-01-01 起有效" in first
    assert second.endswith("自 2024-02-01 起有效，至：。")
    assert "others_left_out" in keys(claims.open)


def test_an_extract_leaves_out_what_was_taken_back() -> None:
    log = plant()
    of_plant(log, "hazard.found", 71, number="1")
    of_plant(log, "grade.awarded", 80, by_org=str(REGULATOR), grade=2, valid_from="2024-01-01")
    about = [str(ENTERPRISE)]
    of_plant(log, "fact.corrected", 95, about=about, positions=[4, 5])
    of_plant(log, "hazard.found", 72, number="2")
    of_plant(log, "fact.corrected", 96, about=about, positions=[7], replacement={"fact": {}})
    claims = extract(log)
    told = next(each for each in claims.proved if each.key == "extract")
    assert (told.values["found"], told.values["open"]) == (1, 1)
    assert "grade_awarded" not in keys(claims.proved)


# Rolls.


def test_rolls_bound_what_was_left_out() -> None:
    log = zero_report()
    asked = []
    for person, kind, since in ((DEPUTY, "deputy", 5), (PRINCIPAL, "principal", 9)):
        holding = {"person": str(person), "since": since}
        content = {"held": [holding], "kind": kind, "organisation": str(ENTERPRISE)}
        entry = RollEntry(id=str(POSTS[kind]), content=content)
        roll = log.take(f"posts {kind}", entry)
        asked.append(Asked(len(log.leaves), entry.id, roll.prove(entry.id)))
    log.revoke(PRINCIPAL)
    until: dict[UUID, dict[str, int]] = {DEPUTY: {}, PRINCIPAL: {"until": len(log.leaves)}}
    for person, since in ((DEPUTY, 6), (PRINCIPAL, 10)):
        times = {"since": since, **until[person]}
        in_force = {"key": KEYS[person].id, "person": str(person), **times}
        entry = RollEntry(id=str(key_record(person)), content=in_force)
        roll = log.take(f"keys {person}", entry)
        asked.append(Asked(len(log.leaves), entry.id, roll.prove(entry.id)))
    claims = claims_of(show(log, rolls=asked, disclosed=DISCLOSED))
    assert keys(claims.proved)[-4:] == [
        *("post_throughout", "post_throughout", "key_throughout", "key_until")
    ]
    assert "not_bounded" not in keys(claims.open)
    assert "至第 317 条" in said(claims.proved, "key_until")[0]


def test_a_roll_taken_before_the_signature_bounds_nothing() -> None:
    log = known_signers()
    content = {
        "held": [{"person": str(DEPUTY), "since": 5}],
        "kind": "deputy",
        "organisation": str(ENTERPRISE),
    }
    entry = RollEntry(id=str(POSTS["deputy"]), content=content)
    roll = log.take("posts 2024-04", entry)
    log.sign(DEPUTY, log.report())
    claims = claims_of(show(log, rolls=[Asked(11, entry.id, roll.prove(entry.id))]))
    assert "post_throughout" not in keys(claims.proved)
    assert "not_bounded" in keys(claims.open)


def test_an_appointment_after_another_ended() -> None:
    log = known_signers()
    log.relieve(DEPUTY, "deputy")
    log.appoint(DEPUTY, "deputy")
    log.sign(DEPUTY, log.report())
    log.relieve(DEPUTY, "deputy")
    times = [{"since": 5, "until": 11}, {"since": 12, "until": 15}]
    holdings = [{"person": str(DEPUTY), **each} for each in times]
    content = {"held": holdings, "kind": "deputy", "organisation": str(ENTERPRISE)}
    entry = RollEntry(id=str(POSTS["deputy"]), content=content)
    roll = log.take("posts 2024-05", entry)
    claims = claims_of(show(log, rolls=[Asked(16, entry.id, roll.prove(entry.id))]))
    assert "至第 15 条" in said(claims.proved, "post_until")[0]


def reported(log: Log, content: dict[str, Any] | None, **parts: Any) -> Claims:  # noqa: ANN401
    entries = [] if content is None else [RollEntry(id=str(ENTERPRISE), content=content)]
    roll = log.take(f"monthly_report {MONTH}", *entries)
    asked = Asked(len(log.leaves), str(ENTERPRISE), roll.prove(str(ENTERPRISE)))
    return claims_of(show(log, rolls=[asked], **parts))


def test_who_filed_by_the_deadline() -> None:
    log = zero_report()
    content = {"chain": "00" * 32, "count": 9}
    document = {"document": leaf_hash(log.leaves[10]).hex()}
    claims = reported(zero_report(), {**content, "filed": [document]})
    assert "filed_by_deadline" in keys(claims.proved)
    assert "filed_late" not in keys(claims.proved)
    claims = reported(zero_report(), {**content, "filed": []})
    assert "not_filed" in keys(claims.proved)
    assert "filed_late" in keys(claims.proved)
    claims = reported(zero_report(), None)
    assert "not_on_the_roll" in keys(claims.proved)


# Other subjects.


def test_an_order() -> None:
    log = Log()
    log.open(clock="simulated")
    log.organisation(ENTERPRISE, "旧名")
    log.append("organisation.changed", ENTERPRISE, {"name": "新名"})
    order = UUID(int=60)
    data = {"enterprise": str(ENTERPRISE), "by_org": str(REGULATOR), "number": "1号", "items": [{}]}
    log.append("order.issued", order, data, [f"org:{ENTERPRISE}"])
    log.append(
        "order.served", order, {"enterprise": str(ENTERPRISE)}, body=body(log, {}, "2024-05-21")
    )
    claims = claims_of(show(log, about=About(kind="order", id=str(order))))
    assert keys(claims.proved) == [
        *("in_the_log", "simulated", "witnessed", "order_issued", "step", "step")
    ]
    assert "新名" in said(claims.proved, "order_issued")[0]
    assert said(claims.proved, "step")[1] == (
        "第 5 条：送达指令书，发生于 2024-05-21，录入于 2024-05-20 09:04:00，经办人（系统）。"
    )


def test_a_hazards_life() -> None:
    log = Log()
    log.open()
    log.organisation(ENTERPRISE, "沂河化工有限公司")
    data = {"enterprise": str(ENTERPRISE), "number": "YH-1"}
    log.append("hazard.found", HAZARD, data, [f"org:{ENTERPRISE}"])
    log.append("hazard.closed", HAZARD, {"enterprise": str(ENTERPRISE)})
    log.append("order.served", UUID(int=1), {}, [f"hazard:{HAZARD}"])
    claims = claims_of(show(log, about=About(kind="hazard", id=str(HAZARD))))
    assert len(said(claims.proved, "step")) == 3
    assert "YH-1" in said(claims.proved, "hazard_life")[0]


def trace(log: Log, *rolls: Asked) -> Claims:
    told = {
        "at": "2024-05-31",
        "enterprise": "9137",
        "facts": [],
        "findings": [{}],
        "place": {"id": str(ENTERPRISE), "name": "沂河化工有限公司"},
    }
    about = About(kind="trace", id=str(ENTERPRISE))
    return claims_of(show(log, about=about, rolls=rolls, trace=canonical(told).decode()))


def test_a_trace() -> None:
    log = known_signers()
    claims = trace(log)
    assert "trace_rests_on_facts" in keys(claims.proved)
    assert {"rules_not_checked", "trace_not_bounded"} <= set(keys(claims.open))
    content = {"chain": log.chain(), "count": 5, "filed": []}
    roll = log.take(f"monthly_report {MONTH}", RollEntry(id=str(ENTERPRISE), content=content))
    claims = trace(log, Asked(11, str(ENTERPRISE), roll.prove(str(ENTERPRISE))))
    assert "complete_up_to_roll" in keys(claims.proved)
    assert "after_the_roll" in keys(claims.open)
    assert "others_left_out" not in keys(claims.open)


def test_nobody_cosigned_or_without_a_time() -> None:
    log = zero_report()
    evidence = show(log)
    alone = evidence.trusted._replace(cosigned=())
    assert keys(claims_of(replace(evidence, trusted=alone)).open)[0] == "not_witnessed"
    sometime = evidence.trusted._replace(cosigned=(Cosigned("city", None),))
    assert keys(claims_of(replace(evidence, trusted=sometime)).proved)[1] == "witnessed_sometime"
    assert read_trust(f"log {LOG.key}\nwitness c {WITNESS.key}\nquorum none\n").quorum == "none"


# The words.


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_claim_has_words_for_its_values(language: Any) -> None:  # noqa: ANN401
    log = zero_report()
    claims = claims_of(show(log, disclosed=DISCLOSED))
    for claim in (*claims.proved, *claims.open):
        text = claim.words(language)
        assert text
        assert "{" not in text


def test_both_languages_tell_the_same_values() -> None:
    place = re.compile(r"\{[a-z_]+\}")
    for key, texts in words()["claims"].items():
        in_chinese, in_english = (set(place.findall(texts[each])) for each in ("zh", "en"))
        assert in_english <= in_chinese | {"{organisation}"}, key
        assert in_chinese <= in_english | {"{organisation}"}, key


def test_labels_are_those_of_the_record() -> None:
    labels = words()["labels"]
    for key, texts in labels.items():
        kind, _, name = key.partition(".")
        if kind == "topic":
            assert (texts["zh"], texts["en"]) == (TOPICS[name].zh, TOPICS[name].en)
    told = {key for key in labels if key.startswith("post.")}
    assert {f"post.{kind}" for kind in POST_KINDS} <= told
    assert in_words(Label("topic.never.heard_of"), "zh") == "never.heard_of"


def test_values_in_words() -> None:
    assert in_words(3, "zh") == "3"
    assert in_words("x", "en") == "x"
    assert in_words(Label("report.zero"), "en") == "zero report"
