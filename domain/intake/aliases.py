"""The names that the columns of real ledgers go by, as one table.

Each line gives a canonical name and, after the colon, names that mean the same; a canonical name
may take several lines. Left out on purpose are names that often stand *beside* the canonical column
in one ledger and mean something else there, such as 整改措施 beside 整改要求 or 销号日期 beside
整改完成日期: where a ledger does mean them so, its mapping file says it.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["hazards", "accidents"]

SERIAL = "序号"

LOSS_UNITS: dict[str, int | None] = {
    "直接经济损失(元)": 1,
    "直接经济损失(万元)": 10_000,
    "直接经济损失": None,
}
"""The columns that can hold the loss and the yuan that 1 means there; None: not said."""

REQUIRED: dict[Kind, tuple[str, ...]] = {
    "hazards": ("单位编码", "检查时间"),
    "accidents": ("单位编码", "事故时间", "事故编号"),
}

_BOTH = """
序号: 序 No No.
单位编码: 统一社会信用代码 社会信用代码 统一信用代码 信用代码 单位代码 企业编码 企业代码 机构代码
单位编码: 组织机构代码 单位统一社会信用代码 企业统一社会信用代码
单位编码: 被检查单位编码 被检查单位统一社会信用代码
单位名称: 企业名称 单位 企业 公司名称 被检查单位 被检查单位名称 受检单位 受检单位名称
单位名称: 生产经营单位 生产经营单位名称
"""
_HAZARDS = """
隐患编号: 编号 隐患编码 隐患号 隐患ID 问题编号 台账编号
检查时间: 检查日期 排查时间 排查日期 发现日期 发现时间 隐患发现时间 隐患发现日期
检查时间: 隐患排查时间 隐患排查日期
检查单位: 检查部门 检查机构 排查单位 排查部门 执法单位 执法部门 督查单位
检查人: 检查人员 排查人 排查人员 发现人 执法人员
检查项目: 项目名称 工程名称 受检项目
检查工点: 工点 检查地点 检查部位 隐患地点 隐患部位 隐患位置 隐患所在位置
隐患问题描述: 隐患描述 隐患内容 隐患情况 隐患问题 问题描述 问题隐患 存在问题 存在的问题
隐患问题描述: 存在隐患 存在的隐患 存在的主要问题 主要问题 检查问题 发现问题 发现的问题
隐患类型: 隐患类别 隐患分类 问题类型 问题类别
隐患等级: 隐患级别 隐患分级 隐患程度 等级 级别
整改要求: 整改要求(措施) 整改要求及措施 整改意见 整改建议
整改期限: 整改时限 整改限期 完成时限 完成期限 整改完成时限 整改完成期限 整改截止日期
整改期限: 整改截止时间 限期整改时间 限期整改日期 要求完成时间 要求完成日期 要求整改完成时间
整改期限: 计划完成时间 计划完成日期 治理期限 治理时限
整改责任单位: 责任单位 整改单位
整改责任人: 责任人 整改负责人 隐患整改责任人 治理责任人 整改人
整改完成日期: 整改完成时间 完成日期 完成时间 实际完成日期 实际完成时间 实际整改完成日期
整改完成日期: 实际整改完成时间 隐患整改完成日期 隐患整改完成时间
销号情况: 是否销号 销号状态 是否已销号 整改状态 是否整改 是否已整改 是否完成整改
销号情况: 是否整改完成 闭环情况 是否闭环
"""
_ACCIDENTS = """
事故编号: 编号 事故编码
事故时间: 事故发生时间 事故发生日期 事故日期 发生时间 发生日期 事发时间
事故类别: 事故类型 事故种类
死亡人数: 死亡 死亡数
重伤人数: 重伤 重伤数
直接经济损失(元): 直接经济损失/元 直接经济损失元
直接经济损失(万元): 直接经济损失/万元 直接经济损失万元
直接经济损失: 经济损失
简要情况: 事故简要情况 事故简况 事故概况 事故简述 事故经过 简要经过
"""


def _table(text: str) -> dict[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for line in text.strip().splitlines():
        canonical, _, aliases = line.partition(":")
        names[canonical] = (*names.get(canonical, (canonical,)), *aliases.split())
    return names


ALIASES: dict[Kind, dict[str, tuple[str, ...]]] = {
    "hazards": _table(_BOTH + _HAZARDS.lstrip()),
    "accidents": _table(_BOTH + _ACCIDENTS.lstrip()),
}
"""For each kind of ledger: the canonical names, each with every name it is known by."""
