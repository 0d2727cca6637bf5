"""What can be wrong with a cell or a row of somebody else's ledger, and what to do about it.

A value that cannot be read has a :class:`Flaw`; a flaw at a place in a row is a :class:`Problem`.
Every sentence stands here once, in Chinese and in English, in one plain table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

Cell = str | int | float | date | datetime | None
"""What a cell can hold; text files hold only ``str``, spreadsheets any of these."""

_EXCERPT = 80


class Sentence(NamedTuple):
    """What is wrong and what to do, in both languages; ``{}`` stands for the flaw's detail."""

    zh: str
    en: str
    todo_zh: str
    todo_en: str


_DATE_FORM = ("请写成 2024-05-03 或 2024-05-03 14:30", "write 2024-05-03 or 2024-05-03 14:30")
_AS_TEXT = (
    "请在表格软件中先把该列设为“文本”格式，从原始资料重新填写完整的编码",
    "set the column to the format 'text' and enter the full code from the original papers",
)
_LOOK = ("请核对原始资料", "compare with the original papers")
_SHAPE = (
    "请检查该行的引号、分隔符和换行；建议另存为 .xlsx 后再导入",
    "check quotes, separators and line breaks in this line, or save the file as .xlsx",
)
_COUNT = ("请填写不小于 0 的整数", "give a whole number, 0 or more")

SENTENCES: dict[str, Sentence] = {
    # the whole row
    "not_a_row": Sentence(
        "不是数据行（合计、签字、重复表头或空白序号行）",
        "not a row of data (a total, a signature, a repeated header or an empty numbered line)",
        "无需处理",
        "nothing to do",
    ),
    "surplus_cells": Sentence(
        "该行比表头多出单元格: {}", "the line has more cells than the header: {}", *_SHAPE
    ),
    "short_line": Sentence(
        "该行比表头少单元格", "the line has fewer cells than the header", *_SHAPE
    ),
    "too_much": Sentence(
        "该行内容过多，一条事实容纳不下",
        "the row says more than one fact can hold",
        "请删去与隐患或事故无关的列，或在列名对照表中把它们写成“忽略”",
        "remove columns that do not belong to it, or map them to 'ignore'",
    ),
    # any text
    "control_characters": Sentence(
        "含有不可见的控制字符，已去除: {}",
        "invisible control characters were removed: {}",
        *_LOOK,
    ),
    "overlong": Sentence(
        "内容过长，只保留前 {} 个字",
        "the text is too long; its first {} characters are kept",
        "请把全文作为附件另存",
        "keep the full text as an attachment",
    ),
    # codes and numbers
    "missing_code": Sentence(
        "缺少单位编码，不知是哪个单位",
        "no enterprise code: it is not known whose row this is",
        "请补填单位编码后再导入",
        "fill in the enterprise code and import again",
    ),
    "float_code": Sentence(
        "编码被存成小数或科学记数，末几位可能已丢失",
        "the code was stored as a decimal number; its last digits may be lost",
        *_AS_TEXT,
    ),
    "numeric_code_may_lack_zeros": Sentence(
        "编码被存成数字，开头的 0 可能已丢失",
        "the code was stored as a number; leading zeros may be lost",
        *_AS_TEXT,
    ),
    "numeric_code": Sentence(
        "编码被存成数字，已按 15 位注册号读取",
        "the code was stored as a number; it was read as a registration number of 15 digits",
        "建议把该列设为“文本”格式",
        "set the column to the format 'text'",
    ),
    "several_codes": Sentence(
        "一个单元格里有多个编码或含空白",
        "the cell holds several codes, or a blank within a code",
        "请一行只写一个单位",
        "give one enterprise a row",
    ),
    "overlong_code": Sentence(
        "编码超过 {} 个字", "the code has more than {} characters", *_LOOK
    ),
    "personal_id_as_code": Sentence(
        "单位编码是一个居民身份证号码，不能进入台账",
        "the enterprise code is a resident identity number, which must not enter the ledger",
        "请改用统一社会信用代码或营业执照注册号",
        "use the unified social credit code or the number of the business licence",
    ),
    "uscc_letters": Sentence(
        "统一社会信用代码含有不使用的字母 {}（GB 32100）",
        "the credit code holds letters that are never used: {} (GB 32100)",
        *_LOOK,
    ),
    "uscc_check": Sentence(
        "统一社会信用代码校验位不符，应为 {}（GB 32100）",
        "the credit code's check character should be {} (GB 32100)",
        *_LOOK,
    ),
    "uscc_organisation_check": Sentence(
        "统一社会信用代码中主体标识码的校验位不符，应为 {}（GB 11714）",
        "the check character of the organisation code within should be {} (GB 11714)",
        *_LOOK,
    ),
    "missing_number": Sentence(
        "缺少编号",
        "the row has no number",
        "建议补填编号，以便再次导入时对应同一行",
        "number the rows, so that a later import finds the same ones",
    ),
    "float_number": Sentence(
        "编号被存成小数或科学记数，不作编号使用",
        "the number was stored as a decimal number and is not used",
        *_AS_TEXT,
    ),
    "overlong_number": Sentence(
        "编号超过 {} 个字，不作编号使用",
        "the number has more than {} characters and is not used",
        *_LOOK,
    ),
    # dates
    "missing_date": Sentence("缺少日期", "the date is missing", *_DATE_FORM),
    "impossible_date": Sentence(
        "没有这一天或这一时刻", "there is no such day or time", *_DATE_FORM
    ),
    "ambiguous_date": Sentence(
        "年月日的次序或世纪不明确",
        "the order of day and month, or the century, is not clear",
        *_DATE_FORM,
    ),
    "incomplete_date": Sentence("日期缺少年、月或日", "year, month or day is missing", *_DATE_FORM),
    "unreadable_date": Sentence("不是能识别的日期", "not a date that can be read", *_DATE_FORM),
    "year_out_of_range": Sentence(
        "年份不在 1949—2100 之间", "the year is not between 1949 and 2100", *_DATE_FORM
    ),
    "deadline_time_dropped": Sentence(
        "整改期限按整日计（当日 24:00 止），时刻只保留在原文中",
        "a deadline is a whole day (until 24:00); its time is kept in the original text only",
        "无需处理",
        "nothing to do",
    ),
    # words and amounts
    "unknown_level": Sentence(
        "不能识别的隐患等级，按未定级导入",
        "unknown level; imported without one",
        "请改为“一般”或“重大”",
        "write 一般 or 重大",
    ),
    "unknown_status": Sentence(
        "不能识别的销号情况，只保留原文",
        "unknown status; kept as text only",
        "请改为“已销号”或“整改中”",
        "write 已销号 or 整改中",
    ),
    "unreadable_count": Sentence("不是人数", "not a number of people", *_COUNT),
    "unreadable_loss": Sentence(
        "不是金额", "not an amount of money", "请只填写数字，单位为元", "give a number, in yuan"
    ),
    "approximate_loss": Sentence(
        "金额是约数，按 {} 元读取", "the amount is approximate; read as {} yuan", *_LOOK
    ),
    "loss_unit_unstated": Sentence(
        "表头和单元格都没有写明金额单位，按元读取",
        "neither the header nor the cell names the unit; read as yuan",
        "请把列名写成“直接经济损失(元)”或“直接经济损失(万元)”",
        "name the column 直接经济损失(元) or 直接经济损失(万元)",
    ),
    "loss_rounded": Sentence(
        "金额不足一分的部分已四舍六入", "the amount was rounded to a whole fen", *_LOOK
    ),
    # contradictions within the row
    "closed_before_found": Sentence(
        "整改完成日期早于检查时间", "closed before it was found", *_LOOK
    ),
    "deadline_before_found": Sentence(
        "整改期限早于检查时间", "the deadline lies before the finding", *_LOOK
    ),
    "found_in_future": Sentence(
        "检查时间晚于导入之日", "found after the day of the import", *_LOOK
    ),
    "closed_in_future": Sentence(
        "整改完成日期晚于导入之日", "closed after the day of the import", *_LOOK
    ),
    "occurred_in_future": Sentence(
        "事故时间晚于导入之日", "occurred after the day of the import", *_LOOK
    ),
    "closed_without_date": Sentence(
        "写明已销号但没有可读的整改完成日期，按未整改完成计",
        "said to be closed but with no readable closing date: it counts as not closed",
        "请补填整改完成日期",
        "fill in 整改完成日期",
    ),
    "open_with_date": Sentence(
        "有整改完成日期，销号情况却写明未完成；按已整改完成计",
        "it has a closing date but is said to be open: it counts as closed",
        *_LOOK,
    ),
    # other rows
    "repeated_row": Sentence(
        "与第 {} 行完全相同", "the same as row {}", "无需处理", "nothing to do"
    ),
    "number_used_again": Sentence(
        "同一单位的这个编号已在第 {} 行出现，内容不同，按另一条导入",
        "this number of the unit stands in row {} with other content; imported as another one",
        "请确认是否应编为不同的编号",
        "see whether they should have different numbers",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a row.

    Args:
        code: the name of the problem, a key of ``SENTENCES``; safe to store, as it holds no value.
        column: the column concerned, or empty for the row as a whole.
        value_excerpt: the beginning of the value as it stands in the file. It may be personal:
            for the person who imports, never for a fact.
        zh, en: what is wrong.
        todo_zh, todo_en: what to do.
    """

    code: str
    column: str
    value_excerpt: str
    zh: str
    en: str
    todo_zh: str
    todo_en: str


class Flaw(NamedTuple):
    """Why a value cannot be taken as it stands: a key of ``SENTENCES`` and what it speaks of."""

    code: str
    detail: str = ""

    def at(self, column: str, cell: Cell) -> Problem:
        """Return this flaw as the problem of ``cell`` in ``column``."""
        zh, en, todo_zh, todo_en = SENTENCES[self.code]
        return Problem(
            code=self.code,
            column=column,
            value_excerpt=excerpt(cell),
            zh=zh.format(self.detail),
            en=en.format(self.detail),
            todo_zh=todo_zh,
            todo_en=todo_en,
        )


def as_text(cell: Cell) -> str:
    """Return a cell as text: a number without an added ``.0``, a date in ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return str(cell)


def excerpt(cell: Cell, length: int = _EXCERPT) -> str:
    """Return the beginning of a cell as visible text; what cannot be seen is shown as U+FFFD."""
    text = as_text(cell)
    shown = "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in text[:length])
    return shown + "…" if len(text) > length else shown
