"""What is done about orders, listings and halts 指令、督办、停产的办理: a form an act, as described here."""
# ruff: noqa: E501 - a field with its words in both languages stands on one line

from __future__ import annotations

from api.pages.acts import ActForm, Ask

MANNERS = {
    "direct": ("直接送达", "Handed over"),
    "left": ("留置送达", "Left on the premises"),
    "mail": ("邮寄送达", "By mail"),
    "electronic": ("电子送达", "Electronically"),
    "announcement": ("公告送达", "By announcement"),
}
GROUNDS = {
    "major_hazard": ("重大事故隐患", "A major hazard"),
    "penalty": ("行政处罚", "A penalty"),
    "other": ("其他", "Other"),
}
PASSED, FAILED = ("合格", "Passed"), ("不合格", "Not passed")
_OFFICERS = Ask("officers", "执法人员", "Officers", "many", "officers")

ORDER_ITEMS = Ask(
    "items",
    "问题与整改期限",
    "Problems and deadlines",
    "rows",
    needed=True,
    parts=(
        Ask("item", "序号", "No.", "told", number=True),
        Ask("text", "问题", "Problem", "words", needed=True),
        Ask("hazard", "所涉隐患", "Hazard on record", "choice", "hazards"),
        Ask("major", "是否重大隐患", "Major hazard", "yes"),
        Ask("deadline", "整改期限", "Deadline", "day", needed=True),
    ),
)
ISSUE_ORDER = ActForm(
    "order.issued",
    "下达指令书",
    "Issue the order",
    (
        Ask(
            "number",
            "文号",
            "Number",
            "line",
            needed=True,
            zh_hint="如：沂川应急责改〔2024〕12号",
            en_hint="As on the paper",
        ),
        ORDER_ITEMS,
        _OFFICERS,
    ),
)
ORDER_ACTS = (
    ActForm(
        "order.served",
        "登记送达",
        "Record the service",
        (
            Ask("manner", "送达方式", "How", "choice", "manners", needed=True),
            Ask(
                "to_post",
                "受送达岗位",
                "Post that received it",
                "choice",
                "posts",
                zh_hint="自送达起，该岗位知悉指令内容",
                en_hint="From here on that post knew",
            ),
            Ask("to_person", "签收人", "Who received it", "choice", "people"),
        ),
        body="",
        happened=True,
    ),
    ActForm(
        "order.service_refused",
        "登记拒收",
        "Record a refusal to receive it",
        (
            Ask("by_person", "拒收人", "Who refused", "choice", "people"),
            Ask("witness", "见证人", "Witness", "line", needed=True),
            Ask(
                "left",
                "留置送达",
                "Left on the premises",
                "yes",
                zh_hint="有见证人并留置的，视为送达",
                en_hint="Left before a witness, it counts as served",
            ),
        ),
        body="",
        happened=True,
    ),
    ActForm(
        "order.complied",
        "报告整改完成",
        "Report that it is done",
        (
            Ask(
                "items",
                "已整改的项目",
                "Items done",
                "many",
                "open_items",
                needed=True,
                number=True,
            ),
        ),
        body="",
        side="enterprise",
        zh_hint="监管部门据此复查（1.2f）",
        en_hint="The department then rechecks (1.2f)",
    ),
    ActForm(
        "order.rechecked",
        "复查",
        "Recheck",
        (
            Ask("number", "复查意见书文号", "Number of the recheck opinion", "line"),
            Ask(
                "items",
                "逐项复查",
                "Item by item",
                "rows",
                needed=True,
                parts=(
                    Ask("item", "序号", "No.", "told", number=True),
                    Ask(
                        "passed",
                        "结论",
                        "Result",
                        "yes",
                        yes=PASSED,
                        no=FAILED,
                        zh_hint="未复查的留空",
                        en_hint="Leave blank what was not rechecked",
                    ),
                    Ask(
                        "remarks",
                        "复查情况；不合格的写明后续措施",
                        "Remarks; what follows where it did not pass",
                        "words",
                    ),
                ),
            ),
            _OFFICERS,
        ),
        happened=True,
    ),
    ActForm(
        "order.extended",
        "延长期限",
        "Extend a deadline",
        (
            Ask("item", "项目", "Item", "choice", "open_items", needed=True, number=True),
            Ask("deadline", "延长至", "Until", "day", needed=True),
            Ask("reason", "理由", "Reason", "words", needed=True),
        ),
        zh_hint="只有下达机关可以延长，且须在原期限届满之前；届满后的延长不改变逾期",
        en_hint="Only the issuer, and only before the deadline passes; a later grant undoes no lateness",
    ),
    ActForm(
        "order.breached",
        "认定拒不执行",
        "Find it defied",
        (Ask("grounds", "事实和理由", "Facts and grounds", "words", needed=True),),
        zh_hint="拒不执行监管指令的，应当立案（3.2i）",
        en_hint="Defying an order calls for a case (3.2i)",
    ),
    ActForm(
        "order.withdrawn",
        "撤销指令书",
        "Take it back",
        (Ask("reason", "理由", "Reason", "words", needed=True),),
    ),
)

PROPOSE_LISTING = ActForm(
    "listing.proposed",
    "提请挂牌督办",
    "Propose its listing",
    (
        Ask("hazard", "重大事故隐患", "Major hazard", "choice", "hazards", needed=True),
        Ask("to_org", "提请的机关", "Authority asked", "choice", "bodies", needed=True),
    ),
)
LISTING_ACTS = (
    ActForm(
        "listing.made",
        "挂牌督办",
        "List it",
        (
            Ask("number", "督办通知书文号", "Number of the notice", "line", needed=True),
            Ask(
                "responsible_body",
                "整改责任单位",
                "Responsible body",
                "choice",
                "bodies",
                needed=True,
            ),
            Ask(
                "supervising_unit",
                "督办单位",
                "Supervising unit",
                "choice",
                "bodies",
                needed=True,
                zh_hint="与责任单位不得为同一单位",
                en_hint="Another body than the responsible one",
            ),
            Ask("deadline", "整改期限", "Deadline", "day", needed=True),
        ),
    ),
    ActForm(
        "listing.declined",
        "不予挂牌",
        "Decline",
        (Ask("reason", "理由", "Reason", "words", needed=True),),
    ),
    ActForm(
        "listing.served",
        "登记送达",
        "Record the service",
        (
            Ask("to_org", "受送达单位", "Served on", "choice", "parties", needed=True),
            Ask("to_person", "签收人", "Who received it", "choice", "people"),
        ),
        body="",
        happened=True,
    ),
    ActForm(
        "listing.plan_made",
        "制定整改方案",
        "Make the plan",
        (Ask("plan", "整改方案", "Plan", "words", needed=True),),
    ),
    ActForm(
        "listing.checked",
        "登记督办检查",
        "Record a check",
        (Ask("result", "检查情况", "What was found", "words"), _OFFICERS),
        happened=True,
    ),
    ActForm(
        "listing.extended",
        "延长督办期限",
        "Extend the deadline",
        (
            Ask("deadline", "延长至", "Until", "day", needed=True),
            Ask("reason", "理由", "Reason", "words", needed=True),
        ),
    ),
    ActForm(
        "listing.first_accepted",
        "责任单位验收",
        "First acceptance",
        (
            Ask("passed", "结论", "Result", "yes", needed=True, yes=PASSED, no=FAILED),
            Ask("remarks", "验收意见", "Remarks", "words"),
        ),
    ),
    ActForm("listing.delisting_applied", "提出销号申请", "Apply for delisting"),
    ActForm(
        "listing.second_accepted",
        "督办单位验收",
        "Second acceptance",
        (
            Ask("passed", "结论", "Result", "yes", needed=True, yes=PASSED, no=FAILED),
            Ask("remarks", "验收意见", "Remarks", "words"),
        ),
    ),
    ActForm("listing.delisted", "予以销号", "Delist"),
)

ORDER_HALT = ActForm(
    "halt.ordered",
    "责令停产停业",
    "Order a halt",
    (
        Ask("ground", "停产原因", "Ground", "choice", "grounds", needed=True),
        Ask("hazards", "所涉隐患", "Hazards", "many", "hazards"),
        Ask("scope", "停产范围（空白为全部）", "Scope (blank: all of it)", "words"),
        Ask("number", "决定书文号", "Number", "line"),
    ),
    side="any",
    happened=True,
    zh_hint="因重大隐患停产的，经监管部门逐项验收合格后方可恢复（3.2e）",
    en_hint="After a halt for major hazards, production resumes once the regulator accepted each (3.2e)",
)
HALT_ACTS = (
    ActForm(
        "halt.lifted",
        "准予恢复生产",
        "Lift the halt",
        side="any",
        zh_hint="因重大隐患停产的，须所涉隐患全部验收合格（3.2e）",
        en_hint="For major hazards: each of them accepted by the regulator (3.2e)",
    ),
    ActForm(
        "production.observed",
        "登记仍在生产",
        "Record that it produces",
        (Ask("scope", "发现的部位和情况", "Where, and what was seen", "words"),),
        happened=True,
    ),
    ActForm(
        "production.resumed",
        "登记恢复生产",
        "Record that production resumed",
        (Ask("scope", "恢复的范围", "What resumed", "words"),),
        body="",
        side="enterprise",
        happened=True,
    ),
)
