"""Setting: no character is lost, nothing of the machine gets in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

import pikepdf
import pytest

from api.documents import press as pressing
from api.documents.forms import FORMS
from api.documents.paper import Fields, Paper, Signature, Signatures, Table, Text
from api.documents.press import Mark, press
from projections.documents import Documents

AT = datetime(2024, 5, 20, 2, 15, tzinfo=UTC)


def mark(**changes: object) -> Mark:
    told = {
        "code": "7K2M-0QXV-9DTR-4HBC",
        "address": "https://check.example/check/7K2M-0QXV-9DTR-4HBC",
        "facts": (12, 13, 14, 20),
        "size": 40,
        "at": AT,
        "simulated": False,
    }
    return Mark(**(told | changes))  # type: ignore[arg-type]


def paper(name: str = "张三") -> Paper:
    return Paper(
        title="责令限期整改指令书",
        number="〔2024〕1号",
        issuer="县应急管理局",
        blocks=(
            Fields((("负责人", name), ("电话", ""))),
            Table(("序号", "问题"), (0, 1), (("1", "#阀门*泄漏_$x$ @ref\n\\第二行"),), "问题"),
            Text((), "空"),
            Signatures((Signature("负责人"), Signature("执法人员", "已签字"))),
        ),
        dated=date(2024, 5, 20),
    )


def code_points(data: bytes) -> str:
    """Return every character that the file says its glyphs stand for."""
    with pikepdf.open(BytesIO(data)) as pdf:
        maps = b"".join(
            font.ToUnicode.read_bytes()
            for page in pdf.pages
            for font in page.Resources.Font.values()
        )
    found = []
    for line in maps.decode("ascii", "replace").splitlines():
        parts = line.split()
        if len(parts) == 2 and parts[1].startswith("<"):
            found.append(bytes.fromhex(parts[1].strip("<>")).decode("utf-16-be"))
    return "".join(found)


@pytest.mark.parametrize("name", ["张三", "𬭎䶮", "㛃龘", "喆堃犇淼骉", "·Ａ１"])
def test_rare_characters_are_shown(name: str) -> None:
    assert set(name) <= set(code_points(press(paper(name), mark())))


def test_what_no_font_has_is_set_as_its_code_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressing, "_FALLBACK", ())
    pressing._press.cache_clear()
    shown = code_points(press(paper("𠮷\x07\uf8ff"), mark()))
    pressing._press.cache_clear()
    assert set("〔U+20BB7〕〔U+F8FF〕") <= set(shown)
    assert "𠮷" not in shown


def test_the_same_values_give_the_same_bytes() -> None:
    pressing._press.cache_clear()
    first = press(paper(), mark())
    pressing._press.cache_clear()
    assert press(paper(), mark()) == first
    assert press(paper("李四"), mark()) != first


def test_a_simulated_record_is_marked_on_every_page() -> None:
    assert set("模拟台账") <= set(code_points(press(paper(), mark(simulated=True))))
    assert "模" not in code_points(press(paper(), mark()))


def test_the_time_in_the_file_is_the_records() -> None:
    with pikepdf.open(BytesIO(press(paper(), mark()))) as pdf:
        assert "20240520021500" in str(pdf.docinfo["/CreationDate"])
        assert not pdf.attachments


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ((3, 1, 2), "依据台账第1–3条事实，截至第40条"),
        ((1, 3, 5, 6), "依据台账第1、3、5–6条事实，截至第40条"),
        (tuple(range(1, 80, 3)), "依据台账27条事实，截至第40条"),
    ],
)
def test_a_pages_foot_says_on_what_it_rests(facts: tuple[int, ...], told: str) -> None:
    assert pressing._resting_on(mark(facts=facts)) == told


def test_every_form_can_be_found_by_its_code() -> None:
    assert Documents.topics is not None
    assert set(FORMS) <= Documents.topics
