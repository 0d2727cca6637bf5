"""Rule settings 规则设置: every number and period that the policy leaves to be set.

Each has a default with its source; a jurisdiction changes it by a dated fact with an author. A duty
is judged by the setting in force on the day it opened, and a trace says which that was. A value of
``None`` switches a rule off, which is meant for what goes beyond the words of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, cast

from domain.errors import Invalid
from domain.moment import Period, last_day, no_later, start
from domain.record import facts_of, moment_of
from domain.setting import SettingChanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from domain.fact import Entry

DEFAULT = "本系统默认值，条文未给出数字 (this product's default; the text gives no number)"
TEXT = "条文 (the text)"
DRAFT = "设想的设置 (a draft)"
_PERIOD = re.compile(r"(\d{1,4}) (hours|days|working_days|months)")
_NUMBER = re.compile(r"\d{1,6}")
_YEARLY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting and its default.

    ``value`` is a period such as ``24 hours``, a number such as ``3`` (``1`` for on), or a day of
    every year such as ``01-31``; what it is changed to is of the same form.

    ``inferred`` marks what goes beyond the words of the text: only that can be switched off.
    ``repeats`` marks a period that begins anew when it has run out.
    """

    key: str
    clause: str
    value: str | None
    zh: str
    source: str = DEFAULT
    inferred: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """The value that held on a day, since when (None: by default) and from what source.

    ``entry`` is the fact that set it; None for a default.
    """

    setting: Setting
    value: str | None
    since: date | None
    source: str
    entry: Entry | None = None

    @property
    def period(self) -> Period | None:
        """The value as a length of time; None where it is none, or the rule is switched off."""
        return parse_period(self.value) if self.value and _PERIOD.fullmatch(self.value) else None

    @property
    def number(self) -> int | None:
        """The value as a number; None where the rule is switched off."""
        return parse_number(self.value) if self.value else None

    def day_in(self, year: int) -> date | None:
        """Return the value as a day of ``year``; None where the rule is switched off."""
        return parse_yearly(self.value, year) if self.value else None


def parse_number(text: str) -> int:
    """Read ``3``."""
    if not _NUMBER.fullmatch(text):
        raise Invalid(
            f"不是数目: {text}",
            f"not a number: {text}",
            todo_zh="写作“3”",
            todo_en="write it as '3'",
        )
    return int(text)


def parse_yearly(text: str, year: int) -> date:
    """Read ``01-31`` as a day of ``year``; 29 February is the 28th where there is none."""
    match = _YEARLY.fullmatch(text)
    if match:
        last = last_day(f"{year:04d}-{match[1]}")
        day = int(match[2])
        if day <= last.day or match[0] == "02-29":
            return last.replace(day=min(day, last.day))
    raise Invalid(
        f"不是每年的日期: {text}",
        f"not a day of the year: {text}",
        todo_zh="写作“01-31”",
        todo_en="write it as '01-31'",
    )


def parse_period(text: str) -> Period:
    """Read ``24 hours``, ``10 days``, ``3 working_days`` or ``1 months``."""
    match = _PERIOD.fullmatch(text)
    if not match:
        raise Invalid(
            f"不是期限: {text}",
            f"not a period: {text}",
            todo_zh="写作“24 hours”“10 days”“3 working_days”或“1 months”",
            todo_en="write it as '24 hours', '10 days', '3 working_days' or '1 months'",
        )
    unit = cast('Literal["hours", "days", "working_days", "months"]', match[2])
    return Period(int(match[1]), unit)


_ALL = (
    Setting("1.1a.grace", "1.1a", "0 days", "岗位空缺宽限期"),
    Setting("1.1c.meeting", "1.1c", "3 months", "主要领导召开会议的周期", repeats=True),
    Setting("1.1e.assign", "1.1e", "30 days", "系统性风险明确责任部门和单位期限"),
    Setting("1.2a.unassigned", "1.2a", "0 days", "无监管部门宽限期", inferred=True),
    Setting("1.2b.plan_by", "1.2b", "30 days", "年度监督检查计划制定期限（自1月1日起算）"),
    Setting(
        "1.2e.inspectors",
        "1.2e",
        "2",
        "每次检查的持证执法人员数",
        "行政处罚法第四十二条、山东省安全生产条例第四十二条",
    ),
    Setting("1.2f.recheck", "1.2f", "10 days", "期限届满后复查期限", inferred=True),
    Setting("1.3d.assess", "1.3d", "12 months", "复杂工艺装备、安全防护设施评估周期", repeats=True),
    Setting("1.3d.finding", "1.3d", "24 hours", "评估发现的问题登记为隐患期限"),
    Setting("3.1a.idle", "3.1a", "1", "停产日是否免除班组、车间检查（1是0否）"),
    Setting("2.1a.grade1", "2.1a", "1", "一级标准化企业每年排查次数", TEXT),
    Setting("2.1a.grade2", "2.1a", "2", "二级标准化企业每年排查次数", TEXT),
    Setting("2.1a.grade3", "2.1a", "3", "三级标准化企业每年排查次数", TEXT),
    Setting("2.1a.no_grade", "2.1a", "3", "未达标企业每年排查次数"),
    Setting("2.1a.downgrade", "2.1a", "90 days", "等级降低后增补排查期限"),
    Setting("2.1e.minimum", "2.1e", "3", "每次排查聘用专家人数", TEXT),
    Setting("2.1h.report", "2.1h", "10 days", "专家提交检查报告期限"),
    Setting("2.1i.measure", "2.1i", "7 days", "逐一制订整改措施期限"),
    Setting("2.1j.safeguard", "2.1j", "24 hours", "一时难以整改的采取安全保障措施期限"),
    Setting("2.1j.plan", "2.1j", "7 days", "一时难以整改的制定整改计划期限"),
    Setting("2.1k.halt", "2.1k", "2 hours", "危及生产安全的重大隐患停产期限"),
    Setting("2.1l.recheck", "2.1l", "15 days", "整改完毕后专家复查期限"),
    Setting("2.2c.decide", "2.2c", "30 days", "排查、整改不力处理期限"),
    Setting("2.3a.fill", "2.3a", "12 months", "专家库补充人员期限"),
    Setting("2.3b.years", "2.3b", "5", "入选专家实际工作年数", TEXT),
    Setting("2.3b.age", "2.3b", "65", "退休专家年龄上限（周岁）", TEXT),
    Setting("2.3c.publish", "2.3c", "10 days", "发文公布和发放聘书期限"),
    Setting("2.4a.tie", "2.4a", "1", "与企业有利害关系的专家不得聘请", inferred=True),
    Setting("2.4c.appraise_by", "2.4c", "12-31", "专家年度考核期限", TEXT),
    Setting("3.1c.organise", "3.1c", "24 hours", "一般隐患组织整改期限"),
    Setting("3.1d.determine", "3.1d", "24 hours", "重大隐患认定期限"),
    Setting("3.1e.special_report", "3.1e", "3 days", "整改方案和专项报告期限"),
    Setting("3.1f.safeguard", "3.1f", "24 hours", "采取安全措施期限"),
    Setting("3.2b.report", "3.2b", "24 hours", "重大隐患即查即报期限"),
    Setting("3.2c.overtaken", "3.2c", "24 hours", "零报告后发现隐患的补报期限"),
    Setting(
        "3.2c.unsigned",
        "3.2c",
        "0",
        "未经电子签名的签字是否使零报告生效（0否，1是）",
        "条文；电子签名法第十三、十四条",
    ),
    Setting("3.2d.apply", "3.2d", "5 days", "整改结束后申请验收期限"),
    Setting("3.2f.assess", "3.2f", "15 days", "季度评估分析期限（自季末起算）"),
    Setting("3.2g.decide", "3.2g", "30 days", "决定是否专项整治期限"),
    Setting("3.2g.per_hundred", "3.2g", "200", "隐患集中：每百家企业当季发现隐患数超过"),
    Setting("3.2g.major", "3.2g", "3", "危险性较大：当季发现重大隐患数达到（0为不计）"),
    Setting("3.2h.assess", "3.2h", "12 months", "系统性风险评估周期", repeats=True),
    Setting("3.2i.open", "3.2i", "7 days", "立案期限"),
    Setting("3.2i.decide", "3.2i", "90 days", "立案后作出决定期限", "行政处罚法第六十条"),
    Setting("3.2i.bar", "3.2i", "24 months", "处罚时效", "行政处罚法第三十六条"),
    Setting(
        "3.2i.bar_if_harmed",
        "3.2i",
        "60 months",
        "处罚时效（涉及生命健康安全且有危害后果）",
        "行政处罚法第三十六条",
    ),
    Setting("3.2j.answer", "3.2j", "30 days", "月报反馈期限"),
    Setting("3.3a.propose", "3.3a", "3 days", "提请挂牌期限"),
    Setting("3.3b.plan", "3.3b", "10 days", "挂牌隐患整改方案期限"),
    Setting("3.3d.check", "3.3d", "1 months", "督办检查周期", repeats=True),
    Setting("3.3e.accept", "3.3e", "10 days", "整改后组织验收期限"),
    Setting("3.3e.apply", "3.3e", "10 days", "验收合格后申请销号期限"),
    Setting("3.3f.accept", "3.3f", "10 days", "督办单位验收期限"),
    Setting("3.3f.two_bodies", "3.3f", "1", "责任单位与督办单位不得为同一单位", inferred=True),
    Setting("3.3g.list", "3.3g", "5 days", "决定是否挂牌期限"),
    Setting("4.2a.decide", "4.2a", "30 days", "未按期达标处理决定、提请关闭期限"),
    Setting("4.2c.notify", "4.2c", "10 days", "通报达标评价结果期限"),
    Setting("4.2c.extract", "4.2c", "1", "出具可供银行核验的摘要", inferred=True),
    Setting("4.3d.by", "4.3d", "12-31", "培训情况专项检查每年截止日", TEXT),
    Setting("4.3e.decide", "4.3e", "7 days", "对未经培训、无证上岗作出处理决定期限"),
    Setting("4.3f.grace", "4.3f", "1 months", "订立劳动合同宽限期"),
    Setting("4.4b.current", "4.4b", "12 months", "应急预案报备、评估周期"),
    Setting(
        "4.4b.half_yearly",
        "4.4b",
        "6 months",
        "高危单位和人员密集场所演练周期",
        "山东省安全生产条例第六十三条",
        repeats=True,
    ),
    Setting(
        "4.4b.special",
        "4.4b",
        "24 months",
        "高危单位和人员密集场所专项预案演练周期",
        "山东省安全生产条例第六十三条",
        repeats=True,
    ),
    Setting(
        "4.4b.on_site",
        "4.4b",
        "6 months",
        "高危单位和人员密集场所现场处置方案演练周期",
        "山东省安全生产条例第六十三条",
        repeats=True,
    ),
    Setting("4.4b.yearly", "4.4b", "12 months", "其他单位和政府部门演练周期", repeats=True),
    Setting("5.1b.inspect", "5.1b", "3 months", "实名责任人监督检查周期", repeats=True),
    Setting("5.1c.enter", "5.1c", "3 days", "录入期限"),
    Setting("5.2b.accept", "5.2b", "1 days", "决定是否受理举报、提请政府核查期限"),
    Setting("5.2b.check", "5.2b", "15 days", "受理后现场核查期限"),
    Setting("5.2b.answer", "5.2b", "30 days", "受理后答复期限"),
    Setting("5.2d.custodians", "5.2d", "1", "共同封存举报人身份的保管岗位数（1或2）"),
    Setting("5.2g.set_up", "5.2g", "0 days", "举报渠道和制度空缺宽限期"),
    Setting("5.3a.fund", "5.3a", "12 months", "安排专项资金的周期", repeats=True),
    Setting("5.4c.assess_by", "5.4c", "01-31", "年度考核截止日（次年）"),
    Setting("5.4d.review", "5.4d", "3 days", "启动倒查期限"),
)
SETTINGS: dict[str, Setting] = {setting.key: setting for setting in _ALL}
"""Every setting by its key."""


def check_change(change: SettingChanged) -> None:
    """Refuse a change of a setting that does not exist, or to a value that it cannot have.

    Raises:
        Invalid: with what is wrong and what can be written.
    """
    setting = SETTINGS.get(change.key)
    if setting is None:
        raise Invalid(
            f"没有设置项 {change.key}",
            f"there is no setting {change.key}",
            todo_zh="可用的设置项见规则设置一览",
            todo_en="see the list of settings",
            where="key",
        )
    if change.value is None and not setting.inferred:
        raise Invalid(
            f"“{setting.zh}”出自条文，可以调整，不能停用",
            f"{setting.key} rests on the text: it can be changed, not switched off",
            todo_zh="写明新的期限",
            todo_en="give another period",
            where="value",
        )
    if change.value is None or change.value == setting.value:
        return
    if _amount(setting, change.value) == 0 and setting.repeats:
        raise Invalid(
            f"“{setting.zh}”不能为零",
            f"{setting.key} cannot be nought: it repeats",
            todo_zh="写作“1 months”“10 days”等",
            todo_en="write it as '1 months' or '10 days'",
            where="value",
        )


def _amount(setting: Setting, value: str) -> int:
    """Return how much a value of the setting's own form is, or refuse one of another form."""
    form = setting.value or ""
    if _YEARLY.fullmatch(form):
        return parse_yearly(value, 2024).day  # a leap year: every day that a year can have
    return parse_number(value) if _NUMBER.fullmatch(form) else parse_period(value).amount


class Settings:
    """The settings with every change among some entries.

    A change holds from the day that it names, but never from before it was recorded: what opened
    earlier is judged by what was in force then.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        changes = list(facts_of(list(entries), SettingChanged))
        self._changes = sorted(changes, key=lambda pair: (_in_force(*pair), pair[0].position))

    def at(self, key: str, moment: date | datetime) -> Applied:
        """Return the value of ``key`` in force at ``moment``."""
        setting = SETTINGS[key]
        applied = Applied(setting, setting.value, None, setting.source)
        for entry, change in self._changes:
            in_force = no_later(change.since, moment) and no_later(moment_of(entry), moment)
            if change.key == key and in_force:
                applied = Applied(setting, change.value, change.since, change.source, entry)
        return applied


class OfOneDay(Settings):
    """The settings of one day for every duty, whenever it opened: what if they had held."""

    def __init__(self, entries: Iterable[Entry], day: date | datetime) -> None:
        super().__init__(entries)
        self._day = day

    def at(self, key: str, moment: date | datetime) -> Applied:  # noqa: ARG002 - always that day
        """Return the value of ``key`` in force on the day; as known whenever it was recorded."""
        return super().at(key, self._day)


class Drafted(Settings):
    """A draft in the place of what is in force, for every duty whenever it opened.

    Args:
        entries: the facts; what the draft does not name is by their changes.
        draft: by key, the value supposed; None switches a rule off.
    """

    def __init__(self, entries: Iterable[Entry], draft: Mapping[str, str | None]) -> None:
        super().__init__(entries)
        self._draft = draft

    def at(self, key: str, moment: date | datetime) -> Applied:
        """Return the value that the draft gives ``key``, or the one in force at ``moment``."""
        if key not in self._draft:
            return super().at(key, moment)
        return Applied(SETTINGS[key], self._draft[key], None, DRAFT)


def _in_force(entry: Entry, change: SettingChanged) -> datetime:
    return max(start(change.since), start(moment_of(entry)))
