from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from api.pages import render
from api.pages.render import (
    STATIC,
    Listed,
    Switches,
    error_page,
    incidents_page,
    read_view,
    trace_page,
)
from api.pages.story import Standing, Story, standing
from api.pages.words import WORDS, Lang
from domain.answer import Trace
from domain.errors import GateClosed, NotFound
from tests.api.pages.extremes import ALL, crowd, erased, hands, hostile, imported, nothing
from tests.api.pages.sample import explosion, instant

_LANGS: tuple[Lang, ...] = ("zh", "en")
_VOID = {"meta", "link", "img", "input", "br"}


class Page(HTMLParser):
    """A page taken apart: its ids, links, attributes and words; tags must close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.names: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        for name, value in attrs:
            self.attributes.append((tag, name, value))
            if name == "id" and value is not None:
                self.ids.append(value)
            if tag == "a" and name == "href" and value is not None:
                self.links.append(value)
        if tag not in _VOID and not self.get_starttag_text().endswith("/>"):  # type: ignore[union-attr]
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def opened(trace: Trace, lang: Lang = "zh") -> Page:
    return Page(trace_page(trace, lang))


@pytest.mark.parametrize("lang", _LANGS)
@pytest.mark.parametrize("name", ALL)
def test_every_page_is_whole_and_every_anchor_leads_somewhere(name: str, lang: Lang) -> None:
    page = opened(ALL[name](), lang)
    assert len(page.ids) == len(set(page.ids))
    anchors = {link.removeprefix("#") for link in page.links if link.startswith("#")}
    assert anchors <= set(page.ids)


@pytest.mark.parametrize("name", ALL)
def test_nothing_that_a_strict_policy_would_refuse_is_on_a_page(name: str) -> None:
    page = opened(ALL[name]())
    assert not {"script", "style", "iframe", "object", "base"} & set(page.names)
    for tag, attribute, value in page.attributes:
        assert attribute != "style", tag
        assert not attribute.startswith("on"), tag
        if attribute in ("src", "action") or (tag == "link" and attribute == "href"):
            assert (value or "").startswith("/static/")


@pytest.mark.parametrize("lang", _LANGS)
@pytest.mark.parametrize("name", ALL)
def test_a_page_is_alike_every_time(name: str, lang: Lang) -> None:
    assert trace_page(ALL[name](), lang) == trace_page(ALL[name](), lang)


@pytest.mark.parametrize("lang", _LANGS)
@pytest.mark.parametrize("name", ["explosion", "crowd", "hands", "erased"])
def test_every_finding_is_on_the_page_with_its_facts(name: str, lang: Lang) -> None:
    trace = ALL[name]()
    html = trace_page(trace, lang)
    story = Story(trace)
    known = {fact.position for fact in trace.facts}
    articles = {
        int(found[1]): found[0]
        for found in re.finditer(
            r'<article class="matter \w+" id="m(\d+)">.*?</article>', html, re.DOTALL
        )
    }
    assert trace.findings
    for finding in trace.findings:
        article = articles[story.matters[finding.id]]
        words = finding.title.zh if lang == "zh" else finding.title.en
        assert escape(words) in article
        for position in finding.facts:
            assert (f'href="#f{position}"' if position in known else f"#{position}") in article


def test_the_page_tells_the_findings_first_and_by_line_in_the_order_of_the_policy() -> None:
    html = trace_page(explosion())
    headings = re.findall(r"<h[23]>([^<]+?) ?<", html)
    assert headings == [
        "谁应当做什么，记录显示了什么", "领导责任", "部门监管责任", "企业主体责任", "专家责任",
        "时间轴", "责任链", "隐患", "谁在何时知道什么", "事后补录", "所依据的事实",
    ]  # fmt: skip


def test_a_finding_says_who_owed_what_by_when_and_what_the_record_shows() -> None:
    page = opened(explosion()).text
    assert "应于 2024-06-06 10:15 前完成。记录显示 2024-06-12 11:02 履行，逾期6天。" in page
    assert "应于 2024-07-15 24:00 前完成。到 2024-09-18 14:25 未见履行记录，已逾期65天。" in page
    assert "履行情况只见于事后补录的事实（2024-09-20 19:44 录入）。" in page
    assert "2024-08-06 22:40：二车间夜班在运行，当时没有验收合格的记录。" in page
    assert "期限依据规则设置 24小时（本系统默认值，条文未给出数字）" in page


def test_diligence_is_shown_as_plainly_as_failure() -> None:
    html = trace_page(explosion())
    row = re.search(r'<tr class="kept">\s*<th scope="row">周海明</th>.*?</tr>', html, re.DOTALL)
    assert row is not None
    assert "已履行 1 项" in row[0]
    assert "到期的全部按期履行" in row[0]


@pytest.mark.parametrize("lang", _LANGS)
@pytest.mark.parametrize("name", ALL)
def test_the_words_are_neutral(name: str, lang: Lang) -> None:
    text = opened(ALL[name](), lang).text.replace("default", "")
    for word in ("失职", "渎职", "有罪", "罪", "责任人应", "guilt", "negligen", "fault", "blame"):
        assert word not in text


def test_no_word_of_the_interface_judges_anybody() -> None:
    for key, (zh, en) in WORDS.items():
        assert not re.search("失职|渎职|罪|追责|处分", zh), key
        plain = en.replace("default", "")
        assert not re.search("guilt|negligen|fault|blame|culpab|offen", plain, re.IGNORECASE), key


def test_the_notice_stands_with_the_headline_and_with_both_pictures() -> None:
    assert trace_page(explosion()).count("本图只陈述记录事实，不构成责任认定。") == 4


def test_a_table_stands_beside_each_picture_and_holds_everything() -> None:
    html = trace_page(crowd())
    table = html[html.index("时间轴的文字表格（全部 300 项）") :]
    table = table[: table.index("</table>")]
    assert table.count('<span class="badge ') == 300
    table = html[html.index("责任链的文字表格（全部 40 个岗位）") :]
    assert table[: table.index("</table>")].count("<tr>") == 1 + 40


def test_what_was_entered_afterwards_stands_apart() -> None:
    html = trace_page(explosion())
    apart = html[html.index('<section class="panel afterwards"') : html.index('id="facts"')]
    assert "2024-09-20 19:44" in apart
    assert "发生时间只是录入者所述" in apart
    assert html.count('class="late"') == 2


def test_a_fact_shows_when_it_happened_and_when_it_was_recorded() -> None:
    html = trace_page(explosion())
    row = re.search(r'<tr id="f1263".*?</tr>', html, re.DOTALL)
    assert row is not None
    assert "2024-06-14 15:42" in row[0]
    assert "2024-06-14 15:54" in row[0]
    assert "令牌" in row[0]


def test_hazards_show_their_deadline_state_and_the_direct_cause() -> None:
    html = trace_page(explosion())
    row = re.search(r'<tr class="cause">.*?</tr>', html, re.DOTALL)
    assert row is not None
    for words in (
        "YH-2024-000317",
        "重大",
        "2024-07-15",
        "超期未销号",
        "已报告",
        "直接原因",
        "挂牌",
    ):
        assert words in row[0]


def test_many_closed_hazards_are_listed_apart_and_none_is_lost() -> None:
    html = trace_page(imported())
    assert html.count(">YH-0") == 500
    assert "另有 450 项隐患" in html
    assert "在册 500 项；当时未销号 50 项，其中超期 50 项" in html


def test_imported_lines_say_that_their_dates_cannot_be_checked() -> None:
    assert "导入，日期无法核验" in trace_page(imported())
    trace = hands()
    assert "导入，日期无法核验" in trace_page(trace)


def test_changing_hands_shows_each_for_their_part() -> None:
    html = trace_page(hands())
    assert html.count("离任时未到期 1 项") == 6
    assert "任职者0（代理）" in html
    assert "期间在任" in html
    assert "一人兼两岗" in html
    assert "岗位空缺" in html


def test_an_erased_name_is_marked() -> None:
    page = opened(erased()).text
    assert "〔已删除〕" in page
    assert "王建国" not in page


def test_nobody_gets_markup_past_the_page() -> None:
    html = trace_page(hostile())
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;" in html
    assert "{{ 7*7 }}" in html
    assert "\x00" not in html


def test_a_simulated_ledger_says_so_and_a_real_one_does_not() -> None:
    assert "演示数据" in trace_page(explosion())
    assert "演示数据" not in trace_page(nothing())


def test_the_page_says_as_of_when_and_up_to_which_fact() -> None:
    page = opened(nothing()).text
    assert "按 2024-09-19 08:00 时台账所载" in page
    assert "截至第 1,204,331 条事实" in page
    assert "按现在台账所载" in opened(explosion()).text


def test_the_form_asks_again_as_known_at_another_moment() -> None:
    html = trace_page(nothing(), "en", Switches(large=True), {"enterprise": "9137", "at": "2024"})
    assert 'name="known_at" value="2024-09-19T08:00"' in html
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', html))
    assert hidden == {"lang": "en", "large": "1", "enterprise": "9137", "at": "2024"}
    page = Page(html)
    known = "known_at=2024-09-19T00%3A00%3A00%2B00%3A00"
    assert f"?large=1&enterprise=9137&at=2024&{known}" in page.links, "the other language"
    assert f"?lang=en&enterprise=9137&at=2024&{known}" in page.links, "large text off"
    assert f"?lang=en&large=1&enterprise=9137&at=2024&{known}&contrast=1" in page.links
    assert "?lang=en&large=1&enterprise=9137&at=2024" in page.links, "as known now"


def test_the_switches_come_from_the_address() -> None:
    assert read_view({}) == ("zh", Switches())
    assert read_view({"lang": "en", "large": "1"}) == ("en", Switches(large=True))
    assert read_view({"lang": "xx", "contrast": "1", "large": "no"}) == (
        "zh",
        Switches(contrast=True),
    )
    html = trace_page(explosion(), "zh", Switches(large=True, contrast=True))
    assert '<html lang="zh-CN" class="large contrast">' in html


def test_an_empty_trace_says_what_is_not_there() -> None:
    page = opened(nothing()).text
    for words in ("没有未履行", "没有可画的", "没有隐患", "没有送达", "没有事实"):
        assert words in page


def test_a_usual_page_is_small() -> None:
    html = trace_page(explosion()).encode()
    assert len(html) < 90_000
    assert len(Story(explosion()).items) == 23


def test_the_numbers_at_the_top_are_those_of_the_trace() -> None:
    story = Story(explosion())
    html = trace_page(explosion())
    html = html[html.index('class="tiles"') :]
    tiles = re.findall(r"<dt>(\S+)</dt><dd>(\d+)", html)
    assert dict(tiles) == {
        "未履行": "3",
        "迟履行": "3",
        "违反": "2",
        "按期履行": "10",
        "未销号隐患": "1",
        "事后补录": "2",
    }
    assert sum(standing(item) is Standing.LATE for item in story.items) == 3


def test_the_list_of_accidents_leads_to_their_traces() -> None:
    trace = explosion()
    assert trace.incident is not None
    listed = [Listed(trace.incident, trace.place, "/incidents/SG-2024-0918")]
    page = Page(incidents_page(listed, "en", Switches(large=True, simulated=True)))
    assert "/incidents/SG-2024-0918?lang=en&large=1" in page.links
    assert "larger accident" in page.text
    assert "Demonstration data" in page.text
    assert ("form", "action", "/trace") in page.attributes


def test_an_empty_list_says_what_to_do() -> None:
    page = Page(incidents_page([], ask="/ask"))
    assert "台账中没有事故" in page.text
    assert "daocha import ledger" in page.text
    assert ("form", "action", "/ask") in page.attributes


@pytest.mark.parametrize("lang", _LANGS)
def test_an_error_says_what_is_wrong_by_which_clause_and_what_to_do(lang: Lang) -> None:
    problem = GateClosed(
        "零报告不能生效", "the zero report cannot take effect",
        todo_zh="请先补签", todo_en="have it signed first", clause="3.2c", where="report",
    )  # fmt: skip
    page = Page(error_page(409, problem, lang))
    said = (
        ("零报告不能生效", "请先补签") if lang == "zh" else ("zero report cannot", "have it signed")
    )
    for words in (*said, "三（二）", "409", "report"):
        assert words in page.text
    assert "<em>" not in error_page(404, NotFound("<em>", "<em>"), lang)


def test_the_static_files_that_pages_ask_for_are_there() -> None:
    wanted = set(re.findall(r"/static/([\w.]+)", trace_page(explosion())))
    assert wanted == {"style.css", "mark.svg"}
    for name in wanted:
        assert (STATIC / name).is_file()


def test_the_style_sheet_asks_nothing_of_other_places() -> None:
    css = (STATIC / "style.css").read_text()
    assert "url(" not in css
    assert "@import" not in css
    assert "@media print" in css
    used = set(re.findall(r'class="([^"{}]+)"', trace_page(explosion())))
    # An SVG's class must not be caught by a rule meant for the page.
    assert not re.search(r"(?<![\w-])\.bar(?![\w-])", css)
    assert used


def test_each_language_has_its_own_templates() -> None:
    assert render.environment("zh") is not render.environment("en")
    assert render.environment("zh").autoescape is True


def test_known_at_of_the_trace_is_shown_in_beijing_time() -> None:
    trace = explosion().model_copy(update={"known_at": instant("2024-09-18 23:30")})
    assert 'value="2024-09-18T23:30"' in trace_page(trace)
