"""What is done about inspections 监督检查的办理: a form an act, as described here."""

from __future__ import annotations

from api.pages.acts import ActForm, Ask

KINDS = {
    "routine": ("日常检查", "Routine"),
    "special": ("专项检查", "Special"),
    "unannounced": ("暗查暗访", "Unannounced"),
    "recheck": ("复查", "Recheck"),
    "expert": ("专家检查", "With experts"),
}
DISPOSITIONS = {
    "on_spot": ("当场整改", "Put right on the spot"),
    "order": ("下达责令限期整改指令书", "Order with a deadline"),
    "listing": ("提请挂牌督办", "Listing proposed"),
    "case": ("立案查处", "Case opened"),
    "transfer": ("移送有关部门", "Transferred to another department"),
}
_HELD = (
    Ask("kind", "检查类别", "Kind", "choice", "kinds", needed=True),
    Ask(
        "officers",
        "执法人员",
        "Officers",
        "many",
        "officers",
        zh_hint="不少于两名持证执法人员",
        en_hint="At least two with certificates",
    ),
    Ask("place", "检查场所", "Place", "line"),
    Ask("attended_by", "到场的企业人员", "Who of the enterprise attended", "many", "people"),
    Ask("check_list", "检查表", "Check list", "line"),
)
HOLD = ActForm(
    "inspection.held",
    "登记检查",
    "Record the inspection",
    (
        *_HELD,
        Ask(
            "findings",
            "发现的问题",
            "Findings",
            "rows",
            parts=(
                Ask("item", "序号", "No.", "told", number=True),
                Ask("text", "问题", "What was found", "words"),
                Ask("unlawful_act", "违法行为", "An unlawful act", "yes"),
            ),
        ),
    ),
    happened=True,
    aside=("findings",),
    zh_hint="没有网络时，请用“现场检查”页。",
    en_hint="With no connection, use the page for inspecting on site.",
)
SCHEDULE = ActForm(
    "inspection.scheduled",
    "列入检查计划",
    "Plan an inspection",
    (
        Ask("planned", "计划检查日期", "By which day", "day", needed=True),
        Ask("post", "负责检查的岗位", "By which post", "choice", "own_posts"),
    ),
    body="department",
)
INSPECTION_ACTS = (
    ActForm("inspection.held", "登记已开展检查", "Record that it was held", _HELD, happened=True),
    ActForm(
        "inspection.finding_recorded",
        "补录问题",
        "Add a finding",
        (
            Ask("item", "序号", "No.", "number", needed=True),
            Ask("text", "问题", "What was found", "words", needed=True),
            Ask("hazard", "所涉隐患", "Hazard on record", "choice", "hazards"),
            Ask("unlawful_act", "违法行为", "An unlawful act", "yes"),
        ),
        body="",
        happened=True,
    ),
    ActForm(
        "inspection.finding_disposed",
        "处置问题",
        "Dispose of a finding",
        (
            Ask("item", "问题", "Finding", "choice", "undisposed", needed=True, number=True),
            Ask("disposition", "处置方式", "How", "choice", "dispositions", needed=True),
            Ask("to_org", "移送单位", "Transferred to", "choice", "bodies"),
        ),
        body="",
        zh_hint="每个问题都要有处置，案卷方可归档（1.2c）",
        en_hint="Each finding needs its disposition before the file is closed (1.2c)",
    ),
    ActForm(
        "inspection.record_signed",
        "登记签字",
        "Record a signature",
        (
            Ask("person", "签字人", "Who", "choice", "signers"),
            Ask("signer", "姓名（人员未登记的）", "Name, if not on record", "line"),
            Ask("refused", "是否拒签", "Refused", "yes"),
            Ask("reason", "拒签理由", "Reason", "line"),
            Ask("witness", "见证人", "Witness", "line"),
        ),
        body="",
    ),
    ActForm(
        "inspection.file_closed",
        "案卷归档",
        "Close the file",
        (
            Ask(
                "no_expert_reason",
                "没有相应专业专家参加的理由",
                "Why no expert of the specialty took part",
                "words",
            ),
        ),
        body="",
    ),
)
ADOPT_PLAN = ActForm(
    "inspection.plan_adopted",
    "制定年度检查计划",
    "Adopt the yearly plan",
    (
        Ask("scope", "检查范围", "Scope", "words", needed=True),
        Ask("method", "检查方式", "Method", "words"),
        Ask("frequency", "检查频次", "Frequency", "words"),
        Ask("random_draw", "随机抽查办法", "Random draw", "words"),
    ),
    body="department",
    side="enterprise",
)
