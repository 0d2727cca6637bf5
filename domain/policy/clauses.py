"""The clauses 条款 of 临政办发〔2014〕40号, in the policy's order, with their operative words.

Clause 3.2c is one rule inside 三（二）. ``implemented`` turns true with the code and its scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["duty", "gate", "breach", "record", "view"]
_CHAPTERS = "一二三四五"


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule of the policy: its number, the words it rests on and how it acts.

    ``inferred`` marks what goes beyond the words of the text and can be switched off.
    """

    number: str
    text: str
    kinds: tuple[Kind, ...]
    inferred: bool = False
    implemented: bool = False

    @property
    def section(self) -> str:
        """The section as the paper numbers it: 三（二）."""
        chapter, part = self.number[0], self.number[2]
        return f"{_CHAPTERS[int(chapter) - 1]}（{_CHAPTERS[int(part) - 1]}）"


_ALL = (
    Clause("1.1a", "“一把手”负总责、分管领导具体负责", ("duty", "view"), implemented=True),
    Clause("1.1b", "“党政同责、一岗双责、齐抓共管”", ("record", "view"), implemented=True),
    Clause("1.1c", "主要领导要定期召开会议研究、解决", ("duty",), implemented=True),
    Clause("1.1d", "分管领导具体负责…部署、督促、检查和落实", ("duty", "record"), implemented=True),
    Clause(
        "1.1e",
        "系统性风险和隐患的排查治理，明确有关部门和单位的隐患排查治理责任",
        ("duty",),
        implemented=True,
    ),
    Clause("1.1f", "把安全生产纳入国民经济和社会发展总体规划", ("record",), implemented=True),
    Clause(
        "1.2a",
        "“谁主管、谁负责，谁审批、谁负责，谁发证、谁负责”; "
        "“管行业必须管安全、管业务必须管安全、管生产经营必须管安全”",
        ("record", "view"),
        implemented=True,
    ),
    Clause(
        "1.2b",
        "建立安全生产隐患排查治理监督检查制度，定期组织…监督检查",
        ("duty", "view"),
        implemented=True,
    ),
    Clause(
        "1.2c",
        "能够立即整改的，要督促企业即查即改；…难以当场整改的，要下达责令限期整改指令书；重大…挂牌督办；非法和违法行为…依法查处",
        ("duty", "gate"),
        implemented=True,
    ),
    Clause("1.2d", "必要时要依法暂扣其相关证照", ("record",), implemented=True),
    Clause("1.2e", "加强对执法人员的技术培训和设备配置", ("record", "breach"), implemented=True),
    Clause("1.2f", "限期改正", ("duty",), inferred=True, implemented=True),
    Clause(
        "1.3a", "主要负责人对本单位安全生产隐患排查治理工作全面负责", ("view",), implemented=True
    ),
    Clause(
        "1.3b", "从主要负责人到每个从业人员的隐患排查治理和监控责任制", ("view",), implemented=True
    ),
    Clause("1.3c", "保证…所需的资金，建立资金使用专项制度", ("record", "view"), implemented=True),
    Clause(
        "1.3d", "聘请技术服务机构和行业专家…进行定期的诊断和安全评估", ("duty",), implemented=True
    ),
    Clause("1.3e", "整改责任、资金、措施、时限和应急预案“五落实”", ("gate",), implemented=True),
    Clause(
        "1.3f", "建立事故隐患排查、登记、报告、整改等规章制度", ("record", "view"), implemented=True
    ),
    Clause(
        "2.1a",
        "一级标准化企业每年至少一次，二级标准化企业每年至少两次，三级标准化企业每年至少三次",
        ("duty",),
        implemented=True,
    ),
    Clause("2.1b", "检查内容要突出…", ("record",), implemented=True),
    Clause(
        "2.1c",
        "中央和省管企业总部组织的系统内部安全检查，可视为企业外聘专家进行的安全检查",
        ("record",),
        implemented=True,
    ),
    Clause(
        "2.1d",
        "原则上应从国家和省、市…专家库中选定，一些特殊专业的专家可在…高水平人员中选择",
        ("gate",),
        implemented=True,
    ),
    Clause("2.1e", "每次排查聘用专家原则上不得少于三人", ("gate", "breach"), implemented=True),
    Clause("2.1f", "选聘专家的专业类别要涵盖本单位重点工艺流程", ("gate",), implemented=True),
    Clause("2.1g", "选聘专家专业不得重复", ("gate",), implemented=True),
    Clause("2.1h", "形成检查报告…并提出整改意见或建议", ("duty",), implemented=True),
    Clause("2.1i", "逐一制订整改措施，能迅速整改的要立即整改", ("duty",), implemented=True),
    Clause(
        "2.1j",
        "一时难以整改的，要采取切实保障安全的措施，并制定整改计划，做到整改“五落实”",
        ("duty", "gate"),
        implemented=True,
    ),
    Clause(
        "2.1k", "危及生产安全的重大事故隐患，要立即停产整改", ("duty", "breach"), implemented=True
    ),
    Clause("2.1l", "隐患整改完毕后，外聘专家要对…整改情况进行复查", ("duty",), implemented=True),
    Clause("2.1m", "如实记录，记录经签字后由生产经营单位存档", ("gate",), implemented=True),
    Clause("2.1n", "建立专家安全检查台帐", ("view",), implemented=True),
    Clause("2.2a", "应安排专家库中相应专业的专家参加", ("gate",), implemented=True),
    Clause(
        "2.2b", "重点加强对…外聘专家排查隐患工作开展情况的督促检查", ("view",), implemented=True
    ),
    Clause("2.2c", "对排查、整改不力的，要依法严肃处理", ("duty",), implemented=True),
    Clause("2.2d", "指导、督促…建立健全外聘专家查隐患制度", ("record", "view"), implemented=True),
    Clause(
        "2.3a",
        "专家库专业的设置、各专业的人数要能够满足安全生产工作需要",
        ("duty", "view"),
        implemented=True,
    ),
    Clause(
        "2.3b",
        "有中高级职称（或者注册安全工程师、注册安全评价师执业资格），…5年以上…，身体健康…，退休人员年龄一般不超过65岁",
        ("gate",),
        implemented=True,
    ),
    Clause("2.3c", "及时发文公布，发放聘书", ("duty",), implemented=True),
    Clause("2.3d", "动态管理…补充、更新、调整", ("record", "gate"), implemented=True),
    Clause(
        "2.4a",
        "根据所需的专业、地域、工作时间等条件进行认真选聘",
        ("view", "gate"),
        inferred=True,
        implemented=True,
    ),
    Clause("2.4b", "保守生产经营单位的秘密", ("breach", "record"), implemented=True),
    Clause("2.4c", "每年年底前要对专家进行考核…表彰奖励…调整", ("duty",), implemented=True),
    Clause("2.4d", "对弄虚作假、提供虚假报告的要进行严肃问责", ("breach",), implemented=True),
    Clause("3.1a", "员工随时查、班组班前查、车间每日查、企业每周查", ("duty",), implemented=True),
    Clause(
        "3.1b",
        "“发现—评估—报告—公示—治理—验收—销号”流程形成闭环管理",
        ("gate", "breach"),
        implemented=True,
    ),
    Clause(
        "3.1c",
        "“四定”（定措施、定人员、定时间、定资金来源）的原则…立即组织整改，并做好记录，整理上报公司",
        ("duty", "gate", "breach"),
        implemented=True,
    ),
    Clause(
        "3.1d",
        "主要负责人应当组织安全、生产、工程设备、技术等部门…进行认定",
        ("duty", "record"),
        implemented=True,
    ),
    Clause(
        "3.1e", "制定整改方案进行整改，并向属地监管部门提交专项报告", ("duty",), implemented=True
    ),
    Clause(
        "3.1f", "在事故隐患治理过程中，要采取相应的安全措施", ("duty", "breach"), implemented=True
    ),
    Clause("3.1g", "公示", ("record",), implemented=True),
    Clause(
        "3.2a",
        "每月月底前要将本单位本月隐患自查自纠情况汇总上报至属地行业监管部门",
        ("duty",),
        implemented=True,
    ),
    Clause("3.2b", "重大事故隐患要即查即报", ("duty",), implemented=True),
    Clause(
        "3.2c",
        "未发现新的事故隐患的，经本单位分管负责人和主要负责人签字，实行“零报告”制度",
        ("gate", "breach"),
        implemented=True,
    ),
    Clause(
        "3.2d",
        "重大事故整改治理工作结束，生产经营单位应及时向行业监管部门申请验收",
        ("duty",),
        implemented=True,
    ),
    Clause("3.2e", "经验收合格后方可恢复生产经营", ("gate", "breach"), implemented=True),
    Clause("3.2f", "每季度进行评估核查和汇总分析", ("duty", "view"), implemented=True),
    Clause(
        "3.2g", "对事故隐患集中或危险性较大的领域开展专项整治", ("view", "duty"), implemented=True
    ),
    Clause(
        "3.2h",
        "油气管线、化工园区、高层建筑聚集区、矿山采空区等存在的系统性风险进行安全评估，及时修订规划、调整布局、完善措施、消除隐患",
        ("duty",),
        implemented=True,
    ),
    Clause(
        "3.2i",
        "对存在事故隐患不报告或上报不及时、隐患整改不力造成生产安全事故、隐患不整改或整改不彻底擅自生产经营、拒不执行监管监察指令等行为",
        ("breach", "duty"),
        implemented=True,
    ),
    Clause("3.2j", "整改效果评价和反馈", ("duty",), implemented=True),
    Clause(
        "3.2k",
        "《临沂市安全生产事故隐患自查自纠自报管理暂行办法》（临安办发〔2011〕38号）",
        ("record",),
        implemented=True,
    ),
    Clause(
        "3.3a", "各级各部门和单位对发现的重大事故隐患…提请挂牌督办", ("duty",), implemented=True
    ),
    Clause(
        "3.3b",
        "负责整改的市直有关部门、各县区政府（经济功能区管委会）要及时组织…制定整改方案",
        ("duty",),
        implemented=True,
    ),
    Clause("3.3c", "确保隐患按时整改到位", ("duty",), implemented=True),
    Clause("3.3d", "隐患整改督办单位要加强隐患整改的监督检查", ("duty",), implemented=True),
    Clause("3.3e", "要及时组织验收，验收合格后，提出销号申请", ("duty", "gate"), implemented=True),
    Clause(
        "3.3f",
        "督办单位要及时…进行验收，验收合格后予以销号",
        ("duty", "gate"),
        inferred=True,
        implemented=True,
    ),
    Clause(
        "3.3g",
        "按照《临沂市重大事故隐患挂牌督办暂行办法》提请挂牌督办",
        ("duty", "record"),
        implemented=True,
    ),
    Clause(
        "4.1a",
        "对未通过“三同时”审查的建设项目，有关部门不予办理行政许可手续，生产经营单位不准开工投产",
        ("gate", "breach"),
        implemented=True,
    ),
    Clause("4.1b", "不符合安全生产条件的一律不予审批", ("gate",), implemented=True),
    Clause("4.1c", "认真执行安全生产许可制度和产业政策", ("record",), implemented=True),
    Clause(
        "4.2a",
        "凡在规定时间内未实现达标的…依法暂扣其生产许可证、安全生产许可证，责令停产整顿；对整改逾期未达标的，依法予以关闭",
        ("duty",),
        implemented=True,
    ),
    Clause("4.2b", "进一步细化隐患排查标准", ("record",), implemented=True),
    Clause(
        "4.2c",
        "将评价结果向银行、证券、保险、担保等主管部门通报",
        ("duty", "view"),
        inferred=True,
        implemented=True,
    ),
    Clause("4.2d", "以岗位达标、专业达标和企业达标为内容", ("record",), implemented=True),
    Clause(
        "4.3a",
        "主要负责人和安全生产管理人员、特殊工种人员一律严格培训、严格考核，按国家有关规定持职业资格证书上岗",
        ("breach",),
        implemented=True,
    ),
    Clause("4.3b", "职工必须全部经过培训合格后上岗", ("breach",), implemented=True),
    Clause("4.3c", "把隐患排查的内容作为培训重点", ("record",), implemented=True),
    Clause("4.3d", "每年要对生产经营单位培训情况进行专项检查", ("duty",), implemented=True),
    Clause(
        "4.3e",
        "凡存在不经培训上岗、无证上岗的生产经营单位，依法停产整顿，情节严重的依法予以关闭",
        ("duty",),
        implemented=True,
    ),
    Clause("4.3f", "与职工签订劳动合同", ("breach",), implemented=True),
    Clause(
        "4.4a",
        "专兼职应急救援队伍…各类应急装备、物资储备…应急救援专家库",
        ("record",),
        implemented=True,
    ),
    Clause("4.4b", "落实安全生产预案报备制度，定期开展应急预案演练", ("duty",), implemented=True),
    Clause(
        "4.4c",
        "现场带班人员、班组长和调度人员在遇到险情时第一时间下达停产撤人命令的直接决策权和指挥权",
        ("record",),
        implemented=True,
    ),
    Clause("4.4d", "因撤离不及时导致人身伤亡事故的，要从重追究", ("breach",), implemented=True),
    Clause("4.4e", "要赋予…直接决策权和指挥权", ("duty", "breach"), implemented=True),
    Clause("5.1a", "岗位管理实名目录…不遗漏、全覆盖", ("view", "duty"), implemented=True),
    Clause("5.1b", "责任领导和责任人…监督检查", ("duty",), implemented=True),
    Clause(
        "5.1c", "将监督检查情况及时录入岗位实名制管理信息系统", ("breach", "view"), implemented=True
    ),
    Clause("5.2a", "举报电话和电子邮箱", ("record",), implemented=True),
    Clause(
        "5.2b",
        "建立完善办事程序和规章制度，明确工作职责",
        ("duty", "breach", "gate"),
        implemented=True,
    ),
    Clause("5.2c", "制定举报奖励办法", ("record",), implemented=True),
    Clause("5.2d", "依法保护举报人的合法权益", ("gate",), implemented=True),
    Clause(
        "5.2e",
        "对隐患排查治理不认真、走过场的单位要予以公开曝光",
        ("record", "view"),
        implemented=True,
    ),
    Clause(
        "5.2f",
        "发动广大从业人员参与隐患排查治理工作，建立监督和激励机制",
        ("record", "view"),
        implemented=True,
    ),
    Clause("5.2g", "要设立专门的安全生产隐患举报电话和电子邮箱", ("duty",), implemented=True),
    Clause("5.2h", "加大对隐患排查治理工作的宣传力度", ("record",), implemented=True),
    Clause(
        "5.3a", "各级政府要安排专项资金…聘请专家…政府购买服务", ("duty", "view"), implemented=True
    ),
    Clause("5.3b", "成效显著的企业，从政策上、资金上予以支持", ("record",), implemented=True),
    Clause(
        "5.4a", "将…特别是外聘专家排查隐患工作纳入安全生产考核内容", ("view",), implemented=True
    ),
    Clause("5.4b", "督查部门、监察部门、安监部门要适时开展督查", ("record",), implemented=True),
    Clause("5.4c", "纳入年度安全生产责任制考核内容", ("duty",), implemented=True),
    Clause("5.4d", "实行事故企业隐患检查整改责任倒查制度", ("duty", "view"), implemented=True),
    Clause("5.4e", "严肃追究相关责任人的责任", ("record",), implemented=True),
)
CLAUSES: dict[str, Clause] = {clause.number: clause for clause in _ALL}
"""Every clause by its number."""
