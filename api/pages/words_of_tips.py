"""The words of the page on which a tip is sent 举报页面文字."""
# ruff: noqa: E501 - a sentence stands on one line

TIP_WORDS: dict[str, tuple[str, str]] = {
    "tips.new": ("举报事故隐患", "Report a hazard"),
    "tips.new.lead": (
        "任何人都可以举报事故隐患和安全生产违法行为。您写的内容先在您的浏览器中加密，只有承办单位的保管人能打开。",
        "Anybody may report hazards and unlawful acts. What you write is encrypted in your browser first; only the office's keepers can open it.",
    ),
    "tips.new.office": ("向哪个单位举报", "To which office"),
    "tips.new.words": ("举报内容", "What you report"),
    "tips.new.words.hint": (
        "写明单位、地点、时间和具体情况。除非愿意，不要写能看出您是谁的内容。",
        "Say which unit, where, when and what. Leave out what shows who you are, unless you want to tell.",
    ),
    "tips.new.who": ("您的姓名和联系方式（选填）", "Your name and how to reach you (optional)"),
    "tips.new.who.hint": (
        "单独加密；须由各保管人共同打开，每次查阅都记录在案。不填即为匿名举报，同样受理。",
        "Encrypted apart: its keepers open it together, and each reading is on record. Left empty, the report is anonymous and handled all the same.",
    ),
    "tips.new.code": (
        "补充以前的举报（选填）：查询码",
        "To add to an earlier report (optional): its receipt code",
    ),
    "tips.new.send": ("加密并提交", "Encrypt and send"),
    "tips.new.sealing": ("正在您的浏览器中加密……", "Encrypting in your browser…"),
    "tips.new.sending": ("正在提交。您的查询码：", "Sending. Your receipt code:"),
    "tips.new.failed": (
        "未能确认已收到，内容仍在本页，可再次提交（不会重复）。",
        "Its arrival is not confirmed; what you wrote is still here: send it again (it stays one).",
    ),
    "tips.new.closed": (
        "承办单位现在没有可用的密钥，请电话补充。",
        "The office has no key in force now: call it instead.",
    ),
    "tips.new.done": ("已提交", "Sent"),
    "tips.new.keep": (
        "请抄下查询码并妥善保管：凭它查看办理情况和答复、补充内容、领取奖励。它只在这里显示一次，任何人都不能为您找回。",
        "Write down the receipt code and keep it safe: with it you follow what is done, read the answer, add to it and receive a reward. It is shown this once, and nobody can find it for you.",
    ),
    "tips.new.promise": (
        "保存带签名的回执（一小时内登记在案后可换取入账证明）",
        "Keep the signed receipt (once it is on record, within the hour, there is proof of it)",
    ),
    "tips.new.how": ("怎样保护您", "How you are protected"),
    "tips.new.how.sealed": (
        "内容在浏览器中加密（age），服务器和管理员都读不到。",
        "The words are encrypted in the browser (age); neither the server nor its administrator can read them.",
    ),
    "tips.new.how.kept": (
        "不记录您的网络地址、浏览器和提交时刻；每小时与其他举报一起登记，只写日期。",
        "Neither your network address nor your browser nor the moment is kept; tips are put on record together each hour, with the day only.",
    ),
    "tips.new.how.apart": (
        "您是谁与举报内容分开加密，由不同的人保管。",
        "Who you are is encrypted apart from what you report, for keepers of its own.",
    ),
    "tips.new.how.device": (
        "请使用您自己的、非单位的设备和网络：单位的设备可能记录您做了什么。",
        "Use a device and network of your own, not your employer's: theirs may record what you do.",
    ),
    "tips.new.noscript": (
        "加密须在浏览器中运行脚本。如不能启用，请拨打举报电话或到场举报。",
        "Encrypting needs scripts in your browser. If you cannot allow them, call the office or go there.",
    ),
    "tips.new.none": (
        "还没有单位开通在线举报，请拨打举报电话。",
        "No office takes reports online yet: please call.",
    ),
}
