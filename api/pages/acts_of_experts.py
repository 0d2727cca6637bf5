"""What is done about experts and their inspections 专家的办理: a form an act, as described here."""

from __future__ import annotations

from api.pages.acts import ActForm, Ask

TITLES = {
    "senior": ("高级职称", "Senior"),
    "intermediate": ("中级职称", "Intermediate"),
    "junior": ("初级职称", "Junior"),
}
REGISTRATIONS = {
    "safety_engineer": ("注册安全工程师", "Registered safety engineer"),
    "safety_assessor": ("注册安全评价师", "Registered safety assessor"),
}
POOLS = {
    "national": ("国家专家库", "National"),
    "provincial": ("省专家库", "Provincial"),
    "municipal": ("市专家库", "Municipal"),
}
OUTCOMES = {
    "commended": ("表彰奖励", "Commended"),
    "kept": ("继续聘用", "Kept"),
    "taken_out": ("调出专家库", "Taken out"),
}
NOT_SIGNING = {"unable": ("不能签字", "Unable"), "refused": ("拒绝签字", "Refused")}
PASSED, FAILED = ("合格", "Passed"), ("不合格", "Not passed")
_REASON = Ask("reason", "理由", "Reason", "words", needed=True)
_ITEM = Ask("item", "问题", "Finding", "choice", "items", needed=True, number=True)

EXPERT_ACTS = (
    ActForm(
        "expert.admitted",
        "聘入专家库",
        "Admit to the pool",
        (
            Ask("pool", "专家库层级", "Pool", "choice", "pools", needed=True),
            Ask(
                "specialties",
                "专业（用顿号分开）",
                "Specialties, separated by 、",
                "list",
                needed=True,
            ),
            Ask("title", "职称", "Title", "choice", "titles"),
            Ask("registration", "执业资格", "Registration", "choice", "registrations"),
            Ask("years", "从事安全工作年数", "Years in the field", "number", needed=True),
            Ask("healthy", "身体健康", "Healthy", "yes", needed=True),
            Ask("retired", "是否退休", "Retired", "yes"),
            Ask("born", "出生日期", "Born", "day"),
            Ask("area", "地域", "Area", "line"),
            Ask("exception", "超龄聘用的理由", "Reason, if over the age limit", "words"),
        ),
        body="authority",
        side="any",
        happened=True,
        zh_hint="入库条件见二（三）：职称或执业资格、年限、健康、年龄",
        en_hint="Conditions of 2.3b: title or registration, years, health, age",
    ),
    ActForm(
        "expert.published",
        "发文公布",
        "Publish the admission",
        (Ask("document", "文件", "Document", "line", needed=True),),
        body="authority",
        side="any",
    ),
    ActForm(
        "expert.letter_issued",
        "发放聘书",
        "Issue the letter",
        (Ask("document", "聘书编号", "Letter", "line", needed=True),),
        body="authority",
        side="any",
    ),
    ActForm(
        "expert.appraised",
        "年度考核",
        "Appraise for a year",
        (
            Ask("year", "年度", "Year", "number", needed=True),
            Ask("outcome", "考核结果", "Outcome", "choice", "outcomes", needed=True),
            Ask("reason", "理由", "Reason", "words"),
        ),
        body="authority",
        side="any",
    ),
    ActForm(
        "expert.suspended",
        "暂停资格",
        "Suspend",
        (_REASON,),
        body="authority",
        side="any",
        happened=True,
    ),
    ActForm(
        "expert.restored",
        "恢复资格",
        "Restore",
        (_REASON,),
        body="authority",
        side="any",
        happened=True,
    ),
    ActForm(
        "expert.left",
        "调出专家库",
        "Take out of the pool",
        (_REASON, Ask("falsity", "因弄虚作假除名", "Struck off for falsity", "yes")),
        body="authority",
        side="any",
        happened=True,
    ),
)

APPOINT = ActForm(
    "expert_inspection.panel_appointed",
    "聘请专家组",
    "Appoint the panel",
    (
        Ask(
            "members",
            "专家组成员",
            "Members",
            "rows",
            needed=True,
            parts=(
                Ask("person", "专家", "Expert", "told", "experts"),
                Ask("specialty", "以何专业聘请", "For which specialty", "choice", "specialties"),
                Ask("special_reason", "库外聘请的特殊理由", "Special reason", "line"),
            ),
        ),
        Ask("few_reason", "少于三人的理由", "Reason for fewer than three", "words"),
        Ask("document", "聘请文件", "Document", "line"),
    ),
    body="",
    side="enterprise",
    happened=True,
    zh_hint="不少于三人，专业不重复，并覆盖重点工艺流程（2.1d–2.1g）",
    en_hint="At least three, no specialty twice, the key processes covered (2.1d–2.1g)",
)
EXPERT_INSPECTION_ACTS = (
    ActForm(
        "expert_inspection.held",
        "登记专家检查",
        "Record the inspection",
        (
            Ask(
                "experts",
                "参加的专家",
                "Experts",
                "rows",
                needed=True,
                parts=(
                    Ask("person", "专家", "Expert", "told", "members"),
                    Ask("specialty", "专业（未到场的留空）", "Specialty", "line"),
                ),
            ),
            Ask("subjects", "检查的重点内容", "Subjects", "many", "subjects"),
            Ask("agreed", "与专家商定的检查内容", "What was agreed", "words"),
        ),
        body="",
        side="any",
        happened=True,
    ),
    ActForm(
        "expert_inspection.report_delivered",
        "提交检查报告",
        "Deliver the report",
        (
            Ask(
                "findings",
                "发现的问题",
                "Findings",
                "rows",
                parts=(
                    Ask("item", "序号", "No.", "told", number=True),
                    Ask("text", "问题", "Finding", "words"),
                    Ask("recommendation", "整改意见或建议", "Recommendation", "words"),
                    Ask("at_once", "能否迅速整改", "Can be put right at once", "yes"),
                    Ask("endangers_production", "危及生产安全", "Endangers production", "yes"),
                ),
            ),
            Ask("text", "报告正文", "Text", "words"),
        ),
        body="",
        side="any",
    ),
    ActForm(
        "expert_inspection.measure_set",
        "制订整改措施",
        "Set a measure",
        (
            _ITEM,
            Ask("measure", "整改措施", "Measure", "words", needed=True),
            Ask("plan", "作为整改计划（须五落实）", "As a plan, with all five", "yes"),
            Ask("responsible", "责任岗位", "Responsible post", "choice", "posts"),
            Ask("deadline", "期限", "Deadline", "day"),
            Ask("funding", "资金来源", "Funding", "line"),
            Ask("emergency_plan", "应急预案", "Emergency plan", "line"),
        ),
        body="",
        side="enterprise",
        happened=True,
    ),
    ActForm(
        "expert_inspection.safeguarded",
        "采取安全保障措施",
        "Safeguard",
        (_ITEM, Ask("measures", "措施", "Measures", "words", needed=True)),
        body="",
        side="enterprise",
        happened=True,
    ),
    ActForm(
        "expert_inspection.rectified",
        "登记整改完成",
        "Record it as rectified",
        (_ITEM, Ask("result", "整改结果", "Result", "words")),
        body="",
        side="enterprise",
        happened=True,
    ),
    ActForm(
        "expert_inspection.ready_for_recheck",
        "报请复查",
        "Declare ready for recheck",
        (Ask("items", "问题", "Findings", "many", "items", needed=True, number=True),),
        body="",
        side="enterprise",
    ),
    ActForm(
        "expert_inspection.rechecked",
        "登记复查",
        "Record a recheck",
        (
            Ask("number", "第几次", "Number", "number", needed=True),
            Ask(
                "experts",
                "复查的专家",
                "Experts",
                "rows",
                needed=True,
                parts=(
                    Ask("person", "专家", "Expert", "told", "members"),
                    Ask("specialty", "专业（未参加的留空）", "Specialty", "line"),
                ),
            ),
            Ask(
                "items",
                "逐项复查",
                "Item by item",
                "rows",
                needed=True,
                parts=(
                    Ask("item", "序号", "No.", "told", number=True),
                    Ask("passed", "结论", "Result", "yes", yes=PASSED, no=FAILED),
                    Ask("remarks", "复查情况", "Remarks", "words"),
                ),
            ),
        ),
        body="",
        side="any",
        happened=True,
    ),
    ActForm(
        "expert_inspection.signed",
        "专家签字",
        "Sign",
        (
            Ask("part", "0为检查记录，n为第n次复查", "Part (0: the inspection)", "number"),
            Ask("person", "专家", "Expert", "choice", "members", needed=True),
        ),
        body="",
        side="any",
    ),
    ActForm(
        "expert_inspection.unsigned",
        "登记未签字",
        "Record why one has not signed",
        (
            Ask("part", "0为检查记录，n为第n次复查", "Part (0: the inspection)", "number"),
            Ask("person", "专家", "Expert", "choice", "members", needed=True),
            Ask("manner", "情形", "How", "choice", "not_signing", needed=True),
            _REASON,
        ),
        body="",
        side="any",
    ),
    ActForm(
        "expert_inspection.file_closed",
        "记录存档",
        "Close the file",
        (Ask("part", "0为检查记录，n为第n次复查", "Part (0: the inspection)", "number"),),
        body="",
        side="enterprise",
        zh_hint="全体专家签字，或写明未签字的理由后存档（2.1m）",
        en_hint="Closed once every member has signed, or is recorded as not signing (2.1m)",
    ),
)
