"""Every word of the interface 界面文字, in Chinese and in English, in one table.

What people recorded (names, descriptions) is content and stays as recorded.
"""
# ruff: noqa: E501 - a sentence of the interface stands on one line

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from api.pages.words_for_all import PUBLIC_WORDS
from api.pages.words_of_access import ACCESS_WORDS
from api.pages.words_of_duties import DUTY_WORDS
from api.pages.words_of_experts import EXPERT_WORDS
from api.pages.words_of_hazards import HAZARD_WORDS
from api.pages.words_of_inspections import INSPECTION_WORDS
from api.pages.words_of_lists import LIST_WORDS
from api.pages.words_of_orders import ORDER_WORDS
from api.pages.words_of_reports import REPORT_WORDS
from api.pages.words_of_signing import SIGNING_WORDS
from api.pages.words_of_site import SITE_WORDS
from api.pages.words_of_system import SYSTEM_WORDS

if TYPE_CHECKING:
    from domain.answer import Words

Lang = Literal["zh", "en"]

WORDS: dict[str, tuple[str, str]] = {
    "sections": ("本页内容", "On this page"),
    # The headline of a trace
    "trace": ("责任倒查", "Accountability trace"),
    "unit": ("单位", "Organisation"),
    "moment": ("所问时刻", "Moment asked about"),
    "accident_at": ("事故时间", "Time of the accident"),
    "accident_number": ("事故编号", "Accident no."),
    "level": ("事故等级", "Level"),
    "category": ("事故类别", "Category"),
    "casualties": ("伤亡", "Casualties"),
    "casualties_of": (
        "死亡{deaths}人，重伤{injured}人",
        "{deaths} dead, {injured} seriously injured",
    ),
    "loss": ("直接经济损失", "Direct loss"),
    "as_of": (
        "按 {known} 时台账所载 · 台账 {ledger} · 截至第 {head} 条事实",
        "As the ledger held it on {known} · ledger {ledger} · up to fact {head}",
    ),
    "as_of_now": (
        "按现在台账所载 · 台账 {ledger} · 截至第 {head} 条事实",
        "As the ledger holds it now · ledger {ledger} · up to fact {head}",
    ),
    "look_back": (
        "讲述自 {day} 起；此前仍未了结的不受此限",
        "Told from {day}; what was still open then is told however old",
    ),
    "known_at": ("按何时所知", "As known on"),
    "known_at_hint": ("留空为现在；北京时间", "empty for now; Beijing time"),
    "known_then": ("事故当时所知", "As known at the moment itself"),
    "known_all": ("现在所知", "As known now"),
    "ask": ("重新倒查", "Trace again"),
    # The summary
    "lead_incident": (
        "{at}，{place}发生{name}（{level}），死亡{deaths}人、重伤{injured}人。",
        "On {at}, at {place}: {name} ({level}), {deaths} dead and {injured} seriously injured.",
    ),
    "lead_moment": ("以 {at} 为准，倒查{place}。", "{place}, traced as at {at}."),
    "lead_hazards": (
        "此前在册隐患{prior}项，当时未销号{open}项，其中超过整改期限{overdue}项。",
        "Hazards found before: {prior}; still open then: {open}; past their deadline: {overdue}.",
    ),
    "lead_cause_open": (
        "直接原因所涉隐患“{name}”（{number}）{found}发现，到当时已{days}天，仍未销号。",
        "The hazard behind the direct cause, “{name}” ({number}), was found on {found} and, {days} days later, was still open.",
    ),
    "lead_cause_closed": (
        "直接原因所涉隐患“{name}”（{number}）{found}发现，记录为{closed}销号。",
        "The hazard behind the direct cause, “{name}” ({number}), was found on {found} and is recorded as closed on {closed}.",
    ),
    "lead_duties": (
        "应履行的义务中，未履行{broken}项、迟履行{late}项、按期履行{kept}项；另有违反{breach}项。涉及{posts}个岗位。",
        "Duties not performed: {broken}; performed late: {late}; performed in time: {kept}. Breaches: {breach}. Posts concerned: {posts}.",
    ),
    "lead_afterwards": (
        "有{count}件关于此前的事实，是事后才录入的。",
        "Facts about the time before that were entered only afterwards: {count}.",
    ),
    "tile_broken": ("未履行", "Not performed"),
    "tile_late": ("迟履行", "Performed late"),
    "tile_breach": ("违反", "Breaches"),
    "tile_kept": ("按期履行", "Performed in time"),
    "tile_open": ("未销号隐患", "Open hazards"),
    "tile_open_note": ("其中超期{n}项", "{n} past the deadline"),
    "tile_afterwards": ("事后补录", "Entered afterwards"),
    # Sections
    "findings": ("谁应当做什么，记录显示了什么", "Who owed what, and what the record shows"),
    "findings_nav": ("履行情况", "Findings"),
    "swimlane": ("时间轴", "Timeline"),
    "chain": ("责任链", "Chain of responsibility"),
    "hazards": ("隐患", "Hazards"),
    "leaders": ("领导责任分工", "Who led"),
    "approvals": ("谁审批、谁发证", "Who approved and who issued"),
    "conditions_checked": ("核查条件：", "conditions checked:"),
    "not_on_record": ("不在案", "not on record"),
    "knowledge": ("谁在何时知道什么", "Who knew what, and when"),
    "knowledge_nav": ("知情", "Knowledge"),
    "afterwards": ("事后补录", "Entered afterwards"),
    "facts": ("所依据的事实", "Facts relied on"),
    "facts_nav": ("事实", "Facts"),
    "no_findings": (
        "记录中没有未履行、迟履行的义务，也没有违反。",
        "The record shows no duty unperformed or late, and no breach.",
    ),
    "line.leadership": ("领导责任", "Leadership"),
    "line.supervision": ("部门监管责任", "Supervision"),
    "line.enterprise": ("企业主体责任", "Enterprise"),
    "line.expert": ("专家责任", "Experts"),
    "line.none": ("其他行为人（名下没有义务）", "Others who acted (owing nothing here)"),
    # How a duty stands
    "standing.broken": ("未履行", "Not performed"),
    "standing.late": ("迟履行", "Late"),
    "standing.breach": ("违反", "Breach"),
    "standing.on_word": ("仅凭补录", "Late entry only"),
    "standing.kept": ("按期", "In time"),
    "standing.open": ("未到期", "Not yet due"),
    "standing.waived": ("已豁免", "Waived"),
    "badge.late": ("迟{n}天", "{n} d late"),
    "badge.late_short": ("迟办", "Late"),
    "mark.broken": ("逾期{n}天·未见履行", "{n} d overdue, none on record"),
    "mark.broken_short": ("逾期·未见履行", "overdue, none on record"),
    "mark.late": ("逾期{n}天办结", "done {n} d late"),
    "mark.late_short": ("逾期办结", "done late"),
    "mark.kept": ("按期办结", "done in time"),
    "mark.on_word": ("仅凭事后补录", "on a late entry only"),
    "mark.open": ("未到期", "not yet due"),
    "mark.no_due": ("未定期限", "no deadline set"),
    "mark.waived": ("已豁免", "waived"),
    "due_short": ("限{due}", "due {due}"),
    "said.due": ("应于 {due} 前完成。", "Due by {due}."),
    "said.no_due": ("条文和设置都未给出期限。", "Neither the text nor a setting gives a deadline."),
    "said.broken": (
        "到 {at} 未见履行记录，已逾期{n}天。",
        "No performance on record as at {at}: {n} days overdue.",
    ),
    "said.broken_short": (
        "到 {at} 未见履行记录，已逾期。",
        "No performance on record as at {at}: overdue.",
    ),
    "said.late": (
        "记录显示 {done} 履行，逾期{n}天。",
        "The record shows it done on {done}, {n} days late.",
    ),
    "said.late_short": (
        "记录显示 {done} 履行，已逾期。",
        "The record shows it done on {done}, late.",
    ),
    "said.kept": ("记录显示 {done} 履行，未逾期。", "The record shows it done on {done}, in time."),
    "said.kept_undated": ("记录显示已履行，未逾期。", "The record shows it done in time."),
    "said.open": (
        "到 {at} 尚未到期，未见履行记录。",
        "As at {at} not yet due; no performance on record.",
    ),
    "said.open_no_due": ("到 {at} 未见履行记录。", "No performance on record as at {at}."),
    "said.waived": ("已由对方豁免。", "Waived by the counterpart."),
    "said.on_word": (
        "履行情况只见于事后补录的事实。",
        "Performance shows only in facts entered afterwards.",
    ),
    "said.on_word_at": (
        "履行情况只见于事后补录的事实（{recorded} 录入）。",
        "Performance shows only in facts entered afterwards (recorded {recorded}).",
    ),
    "said.breach_at": ("{at}：", "{at}: "),
    "said.breach_span": ("{at} 至 {until}：", "{at} to {until}: "),
    "said.setting": (
        "期限依据规则设置 {value}（{source}）",
        "Deadline by rule setting {value} ({source})",
    ),
    "said.setting_since": (
        "期限依据规则设置 {value}（{source}；{since} 起）",
        "Deadline by rule setting {value} ({source}; since {since})",
    ),
    "said.inferred": ("推定规则，非条文原文", "inferred, not the text's own words"),
    "period.hours": ("{n}小时", "{n} hours"),
    "period.days": ("{n}天", "{n} days"),
    "period.working_days": ("{n}个工作日", "{n} working days"),
    "period.months": ("{n}个月", "{n} months"),
    # The clauses
    "policy": ("条款落实", "The policy, clause by clause"),
    "policy_lead": (
        "临政办发〔2014〕40号各条：规则在何处、依何设置、经何场景检验、现有多少义务。{n}条中已落实{done}条。",
        "Each clause of the policy: where its rule lives, by which settings, tried by which scenarios, and what is owed by it. {done} of {n} are in force.",
    ),
    "policy_as_of": ("义务清点至 {at}，每项义务计一次。", "Duties counted as of {at}, each once."),
    "policy_not_counted": (
        "义务尚未清点；清点用 daocha policy --count。",
        "Duties have not been counted yet; daocha policy --count does so.",
    ),
    "policy_figures": (
        "清点至 {at}：未到期 {open} 项，逾期 {overdue} 项，今年履行 {kept} 项。",
        "As of {at}: {open} open, {overdue} overdue, {kept} kept this year.",
    ),
    "policy.text": ("原文", "Operative words"),
    "policy.kind": ("方式", "Kind"),
    "policy.rules": ("规则", "Rules"),
    "policy.what": ("内容", "What"),
    "policy.where": ("所在", "Where"),
    "policy.places": ("另见", "See also"),
    "policy.scenarios": ("场景", "Scenarios"),
    "policy.scenario": ("场景", "Scenario"),
    "policy.result": ("上次结果", "Last result"),
    "policy.open": ("未到期", "Open"),
    "policy.overdue": ("逾期", "Overdue"),
    "policy.kept": ("今年履行", "Kept this year"),
    "policy.not_yet": ("未落实", "not in force yet"),
    "policy.no_settings": ("本条没有留待设定的数字。", "This clause leaves no number to be set."),
    "kind.duty": ("义务", "duty"),
    "kind.gate": ("门槛", "gate"),
    "kind.breach": ("违反", "breach"),
    "kind.record": ("记录", "record"),
    "kind.view": ("查询", "view"),
    "result.passed": ("✓ 通过", "✓ passed"),
    "result.failed": ("✗ 未通过", "✗ failed"),
    "result.not_run": ("改后未运行", "not run since it changed"),
    "documents": ("文件目录", "Documents"),
    "document": ("文件", "Document"),
    "document.number": ("文号", "Number"),
    "document.version": ("版本", "Version"),
    "document.held": ("文本", "Text"),
    "document.is_held": ("存有文本", "held"),
    "document.not_held": ("未存文本，其中的数字不予采用", "not held: no number is taken from it"),
    # What if
    "what_if": ("设想：改按另一套设置", "What if: by other settings"),
    "what_if_lead": (
        "同一份记录，改按另一日的设置或一项草案判定，哪些认定出现、消失或改变。不录入任何事项；当时的门槛不重问。",
        "The same record judged by another day's settings or by a draft: which findings appear, vanish or change. Nothing is recorded; gates are not asked again.",
    ),
    "what_if.enterprise": ("单位编码或档案编号", "The enterprise's code or id"),
    "what_if.at": ("所问时刻", "As at"),
    "what_if.settings_at": ("改按哪一日的设置", "By the settings of which day"),
    "what_if.key": ("或改一项设置", "Or change one setting"),
    "what_if.value": ("改为", "To"),
    "what_if.ask": ("设想", "Ask"),
    "what_if.found": (
        "{place}，截至{at}：现行设置下认定{now}项，按{settings}为{then}项。",
        "{place} as at {at}: {now} findings by the settings on record, {then} by {settings}.",
    ),
    "what_if.none": ("没有任何认定因此改变。", "No finding changes."),
    "what_if.change": ("变化", "Change"),
    "what_if.appears": ("出现", "appears"),
    "what_if.vanishes": ("消失", "vanishes"),
    "what_if.changes": ("改变", "changes"),
    "what_if.matter": ("事项", "Matter"),
    "what_if.by_record": ("现行设置", "On record"),
    "what_if.supposed": ("所设想", "Supposed"),
    "what_if.no_finding": ("无认定", "no finding"),
    # The rule settings
    "settings": ("规则设置", "Rule settings"),
    "settings_lead": (
        "{place} · 截至 {at} 的设置。义务按其产生时的设置判定；凡未注明文号的，是本系统默认值，不是条文。",
        "{place} · as at {at}. A duty is judged by the settings in force when it opened; what names no document is this product's default, not the text.",
    ),
    "settings_as_at": ("截至哪一日", "As at which day"),
    "setting": ("设置项", "Setting"),
    "setting.value": ("现值", "Value"),
    "setting.since": ("自何时起", "Since"),
    "setting.source": ("依据", "Source"),
    "setting.by_default": ("默认", "by default"),
    "setting.default_was": ("默认{value}", "by default {value}"),
    "setting.changed_by": (
        "第 {position} 条事实变更，{recorded} 录入",
        "changed by fact {position}, recorded {recorded}",
    ),
    "setting.off": ("停用", "switched off"),
    "setting.yearly": ("每年{month}月{day}日", "{month}-{day} of every year"),
    # The check of a document by its code
    "check": ("文书查验", "Check a document"),
    "check_lead": (
        "凭文书上的查验码或二维码，查看台账对这份文书的记载。本页不显示人员姓名。",
        "By the code on a document, see what the record says of it. No person is named here.",
    ),
    "check.state": ("现状", "How it stands"),
    "check.recorded": ("台账收录", "Recorded"),
    "check.code": ("查验码", "Check code"),
    "check.hash": ("叶散列", "Leaf hash"),
    "check.signed": ("签名", "Signatures"),
    "check.signed_as": ("{post}，{at} 签署", "{post}, signed {at}"),
    "check.withdrawn": ("已撤回", "withdrawn"),
    "check.names": (
        "签名人姓名载于交付有权人员的证据包。",
        "Who signed stands in the evidence bundle that those entitled to it are given.",
    ),
    "check.unsigned": ("没有电子签名。", "There is no electronic signature."),
    "check.proof": ("证明", "Proof"),
    "check.covered": (
        "这份文书载于透明日志已公布的前 {size} 条之中，树根 {root}。",
        "This document stands among the first {size} facts of the published log, whose root is {root}.",
    ),
    "check.not_covered": (
        "尚无已公布的检查点覆盖这份文书，请稍后再查。",
        "No published checkpoint covers this document yet; look again in a moment.",
    ),
    "check.bundle": (
        "下载证据包（不含姓名），可离线核验",
        "Download the evidence bundle (without names), to be verified offline",
    ),
    "check.verify": ("打开核验网页", "Open the verifier"),
    "check.enter": ("查验码", "Check code"),
    "check.look": ("查验", "Check"),
    "tag.imported": ("导入，日期无法核验", "imported; its dates cannot be checked"),
    "tag.imported_short": ("导入", "imported"),
    "tag.afterwards": ("事后补录", "entered afterwards"),
    "tag.direct_cause": ("直接原因", "direct cause"),
    "tag.concerns_cause": ("涉及直接原因隐患", "concerns the hazard behind the cause"),
    "tag.listed": ("挂牌", "listed"),
    "tag.corrected": ("已更正", "corrected"),
    "tag.overdue": ("超期", "overdue"),
    "tag.prior": ("事前", "before"),
    "owed_to": ("对方：{name}", "owed to {name}"),
    # Who
    "erased": ("〔已删除〕", "〔erased〕"),
    "vacant": ("〔空缺〕", "〔vacant〕"),
    "vacant_answers": ("岗位空缺，由{who}答责", "vacant; {who} answers"),
    "vacant_alone": ("岗位空缺", "vacant"),
    "holder_unknown": ("任职人员未见记录", "no holder on record"),
    "acting_short": ("{name}（代理）", "{name} (acting)"),
    "two_posts": ("一人兼两岗", "two posts in one hand"),
    "at_opening": ("产生时在任", "in post when it arose"),
    "at_due": ("到期时在任", "in post when due"),
    "at_moment": ("事故时在任", "in post at the moment"),
    "between": ("期间在任", "in post in between"),
    "tenure": ("{since} 起", "since {since}"),
    "tenure_until": ("{since} 至 {until}", "{since} to {until}"),
    "and_others": ("等{n}人", "and others, {n} in all"),
    "appointment_afterwards": ("任职事后补录", "appointment entered afterwards"),
    # The people of a line
    "people": ("各岗位履行情况", "Post by post"),
    "count.kept": ("已履行 {n} 项", "performed {n}"),
    "count.late": ("迟履行 {n} 项", "late {n}"),
    "count.broken": ("未履行 {n} 项", "not performed {n}"),
    "count.breach": ("违反 {n} 项", "breaches {n}"),
    "count.on_word": ("仅凭补录 {n} 项", "late entry only {n}"),
    "count.open": ("未到期 {n} 项", "not yet due {n}"),
    "count.waived": ("豁免 {n} 项", "waived {n}"),
    "count.handed_on": ("离任时未到期 {n} 项", "handed on before due {n}"),
    "all_kept": ("到期的全部按期履行", "everything due was performed in time"),
    "matters": ("{n} 项", "{n}"),
    "see_facts": ("依据事实", "Facts"),
    # Figures
    "scroll_hint": ("可左右滑动查看全图", "Scroll sideways to see the whole figure"),
    "legend": ("图例", "Legend"),
    "legend.kept": ("按期履行", "performed in time"),
    "legend.late": ("期限内 | 期限 | 逾期", "in time | deadline | overdue"),
    "legend.order": ("指令、督办", "order or listing"),
    "legend.done": ("签收、办结", "receipt or completion"),
    "legend.event": ("一般事实", "other fact"),
    "legend.breach": ("违反", "breach"),
    "legend.serving": ("送达、报告", "served or reported"),
    "legend.number": ("①＝上文事项序号", "① = number of the finding above"),
    "legend.end": ("✓ 已履行　✗ 未见履行", "✓ performed　✗ none on record"),
    "legend.chain": (
        "红色粗线＝未履行、迟履行或违反的路径；灰色细线＝已履行。义务由岗位直接连出。",
        "Thick red: unperformed, late or breached. Thin grey: performed. Duties start from the post.",
    ),
    "accident_flag": ("事故 {day}", "accident {day}"),
    "moment_flag": ("所问时刻 {day}", "moment {day}"),
    "deaths": ("死亡{n}人", "{n} dead"),
    "injured": ("重伤{n}人", "{n} seriously injured"),
    "axis.month_year": ("{year}年{month}月", "{name} {year}"),
    "axis.month": ("{month}月", "{name}"),
    "axis.day": ("{month}月{day}日", "{day} {name}"),
    "axis.day_year": ("{year}年{month}月{day}日", "{day} {name} {year}"),
    "axis.year": ("{year}年", "{year}"),
    "axis.quarter": ("{numeral}季度", "Q{quarter}"),
    "more.against": (
        "另有 {n} 项未履行、迟履行或违反",
        "{n} more unperformed, late or breached",
    ),
    "more.on_word": ("另有 {n} 项仅凭事后补录", "{n} more on a late entry only"),
    "more.kept": ("另有 {n} 项按期履行", "{n} more performed in time"),
    "more.other": ("另有 {n} 项未到期或豁免", "{n} more not yet due or waived"),
    "fold.on_word": ("仅凭补录 {n}", "late entry only {n}"),
    "fold.kept": ("按期 {n}", "in time {n}"),
    "fold.other": ("未到期或豁免 {n}", "open or waived {n}"),
    "more_people": ("另有 {n} 人", "{n} more people"),
    "more_events": ("另有 {n} 件事实未画出", "{n} more facts not drawn"),
    "more_posts": ("另有 {n} 个岗位", "{n} more posts"),
    "more_hazards": ("另有 {n} 项隐患", "{n} more hazards"),
    "more_hazards_open": ("其中未销号 {n} 项", "{n} of them open"),
    "see_table": ("见文字表格", "see the table"),
    "not_drawn": (
        "图上未画：{what}；均见“所依据的事实”。",
        "Not drawn: {what}; all are under “Facts relied on”.",
    ),
    "not_drawn.later": ("所问时刻之后的事实 {n} 件", "{n} facts after the moment"),
    "not_drawn.background": (
        "任职、设岗、监管关系等背景事实 {n} 件",
        "{n} background facts (posts, appointments, assignments)",
    ),
    "not_drawn.imported": ("导入的台账行 {n} 行", "{n} imported ledger rows"),
    "not_drawn.unplaced": ("无行为人或岗位的事实 {n} 件", "{n} facts without a person or post"),
    "not_drawn.early": ("图示区间之前的事实 {n} 件", "{n} facts before the period drawn"),
    "nothing_to_draw": ("没有可画的义务和违反。", "There is no duty or breach to draw."),
    "swimlane_desc": (
        "{lanes}个岗位的时间轴，自{start}至{end}；画出义务{duties}项、违反{breaches}项。内容与下方表格相同。",
        "Timeline of {lanes} posts from {start} to {end}: {duties} duties and {breaches} breaches drawn. The table below holds the same.",
    ),
    "chain_desc": (
        "由单位、人员、岗位到义务、隐患和事故的责任链，共{posts}个岗位、{duties}项。内容与下方表格相同。",
        "From organisations, people and posts to duties, hazards and the accident: {posts} posts, {duties} items. The table below holds the same.",
    ),
    "swimlane_table": ("时间轴的文字表格（全部 {n} 项）", "The timeline as a table (all {n})"),
    "chain_table": ("责任链的文字表格（全部 {n} 个岗位）", "The chain as a table (all {n} posts)"),
    "no_direct_cause": (
        "记录中尚无认定为直接原因的隐患。",
        "No hazard on record is established as the direct cause.",
    ),
    "column.organisations": ("单位", "Organisations"),
    "column.people": ("人员", "People"),
    "column.posts": ("岗位", "Posts"),
    "column.duties": ("义务与违反", "Duties and breaches"),
    "column.hazards": ("隐患", "Hazards"),
    "column.incident": ("事故", "Accident"),
    "column.moment": ("所问时刻", "Moment"),
    "badge.not_kept": ("未按期 {n}", "{n} not kept"),
    "badge.kept": ("按期 {n}", "{n} kept"),
    "badge.on_word": ("仅凭补录 {n}", "late entry {n}"),
    "badge.handed_on": ("离任时未到期 {n}", "left before due {n}"),
    "badge.open": ("未销号", "Open"),
    "badge.overdue": ("超期未销号", "Open, overdue"),
    "badge.closed": ("已销号", "Closed"),
    # Tables
    "col.position": ("序号", "No."),
    "col.post": ("岗位", "Post"),
    "col.part": ("责任", "Part"),
    "col.person": ("人员", "Person"),
    "col.organisation": ("单位", "Organisation"),
    "col.what": ("义务或违反", "Duty or breach"),
    "col.clause": ("条款", "Clause"),
    "col.arose": ("产生", "Arose"),
    "col.due": ("期限", "Due"),
    "col.done": ("履行", "Done"),
    "col.standing": ("状态", "State"),
    "col.hazard": ("隐患编号", "Hazard no."),
    "col.description": ("隐患内容", "Description"),
    "col.hazard_level": ("级别", "Level"),
    "col.found": ("发现", "Found"),
    "col.deadline": ("整改期限", "Deadline"),
    "col.state": ("当时状态", "State then"),
    "col.facts": ("依据", "Facts"),
    "col.approved": ("审批、发证事项", "What was approved"),
    "col.when": ("时间", "When"),
    "col.who": ("何人", "Who"),
    "col.knew": ("知道什么", "What"),
    "col.how": ("何以知道", "How that is known"),
    "col.happened": ("发生", "Happened"),
    "col.recorded": ("录入", "Recorded"),
    "col.by": ("录入者", "Recorded by"),
    "col.fact": ("事实", "Fact"),
    "col.count": ("件数", "Count"),
    "col.duties": ("义务与违反", "Duties and breaches"),
    "col.hazards": ("所涉隐患", "Hazards concerned"),
    "col.authentication": ("认证方式", "Authenticated by"),
    "hazards_lead": (
        "此前在册 {prior} 项；当时未销号 {open} 项，其中超期 {overdue} 项。",
        "Found before: {prior}. Open then: {open}; past the deadline: {overdue}.",
    ),
    "hazards_shown": (
        "下表列出与本次讲述有关的 {n} 项。",
        "The {n} that concern this trace are listed below.",
    ),
    "all_listed": ("全部未销号编号", "Numbers of all open hazards"),
    "no_hazards": ("记录中没有隐患。", "There is no hazard on record."),
    "no_knowledge": (
        "没有送达、报告、签字或参加的记录。",
        "No service, report, signature or attendance on record.",
    ),
    "no_afterwards": (
        "没有在所问时刻之后才录入的、关于此前的事实。",
        "Nothing about the time before was entered afterwards.",
    ),
    "afterwards_lead": (
        "以下事实关于此前，却在此后才录入。录入时间由台账记下；发生时间只是录入者所述。",
        "These facts are about the time before and were recorded only after it. The ledger set the time of recording; the time of happening is by the word of whoever entered it.",
    ),
    "no_facts": ("没有事实。", "There are no facts."),
    "found_by.enterprise": ("企业自查", "the enterprise"),
    "found_by.employee": ("从业人员", "an employee"),
    "found_by.department": ("监管部门", "the department"),
    "found_by.expert": ("专家", "an expert"),
    "found_by.public": ("群众举报", "the public"),
    "state.found": ("已发现", "found"),
    "state.assessed": ("已评估", "assessed"),
    "state.reported": ("已报告", "reported"),
    "state.disclosed": ("已公示", "disclosed"),
    "state.rectified": ("已治理", "rectified"),
    "state.accepted": ("已验收", "accepted"),
    "state.closed": ("已销号", "closed"),
    "state.open": ("未销号", "open"),
    "hazard_level.general": ("一般", "general"),
    "hazard_level.major": ("重大", "major"),
    "hazard_level.none": ("未定", "not set"),
    "accident_level.general": ("一般事故", "general accident"),
    "accident_level.larger": ("较大事故", "larger accident"),
    "accident_level.major": ("重大事故", "major accident"),
    "accident_level.extraordinary": ("特别重大事故", "extraordinary accident"),
    "authentication.cli": ("命令行", "command line"),
    "authentication.token": ("令牌", "token"),
    "authentication.passkey": ("通行密钥", "passkey"),
    "authentication.import": ("导入", "import"),
    "authentication.system": ("系统", "system"),
    "none": ("—", "—"),
    # The list of accidents
    "incidents": ("事故", "Accidents"),
    "incidents_lead": (
        "选一起事故，看谁应当做什么，哪些按期、迟办、未办，哪些是事后才补记的。",
        "Choose an accident and see who owed what: what was done in time, late, never, or written down only afterwards.",
    ),
    "col.accident": ("事故", "Accident"),
    "open_trace": ("倒查", "Trace"),
    "no_incidents": ("台账中没有事故。", "There is no accident on the ledger."),
    "no_incidents_todo": (
        "可按单位和时刻倒查；或用 daocha import ledger 文件 --accidents 文件 导入事故。",
        "Trace an organisation at a moment, or bring accidents in with: daocha import ledger FILE --accidents FILE.",
    ),
    "ask_place": ("按单位和时刻倒查", "Trace an organisation at a moment"),
    "enterprise_code": ("单位编码", "Code of the organisation"),
    "at": ("时刻", "Moment"),
    # Errors
    "error": ("没有办成", "That did not work"),
    "error_clause": ("依据条款", "Clause"),
    **PUBLIC_WORDS,
    **SIGNING_WORDS,
    **SYSTEM_WORDS,
    **ORDER_WORDS,
    **EXPERT_WORDS,
    **INSPECTION_WORDS,
    **SITE_WORDS,
    **ACCESS_WORDS,
    **REPORT_WORDS,
    **LIST_WORDS,
    **HAZARD_WORDS,
    **DUTY_WORDS,
}
"""Key to Chinese and English; ``{n}`` and its like are filled in by :class:`Speech`."""


def _by_name(group: str, name: str | None) -> tuple[str, str] | None:
    named = (words for key, words in WORDS.items() if key.startswith(f"{group}."))
    return next((words for words in named if words[0] == name), None)


class Speech:
    """The interface's words in one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self._index = 0 if lang == "zh" else 1

    def __call__(self, key: str, **values: object) -> str:
        """Return the words of ``key`` with ``values`` filled in; ``KeyError`` for an unknown key."""
        words = WORDS[key][self._index]
        return words.format(**values) if values else words

    def name(self, group: str, code: str | None) -> str:
        """Return the words for a code such as ``larger``, or for its Chinese name.

        What is neither comes back as it is.
        """
        found = WORDS.get(f"{group}.{code}") or _by_name(group, code)
        return found[self._index] if found else (code or self("none"))

    def of(self, words: Words | None) -> str:
        """Return what the record holds in both languages in this one."""
        if words is None:
            return ""
        return words.zh if self.lang == "zh" else words.en

    def pick(self, zh: str, en: str) -> str:
        """Return the one of two texts that is in this language."""
        return zh if self.lang == "zh" else en

    @property
    def other(self) -> Lang:
        """The other language."""
        return "en" if self.lang == "zh" else "zh"

    @property
    def html(self) -> str:
        """The language as HTML's ``lang`` names it."""
        return "zh-CN" if self.lang == "zh" else "en"
