"""The words of the pages that the public reads 面向社会的页面文字."""
# ruff: noqa: E501 - a sentence of the interface stands on one line

from api.pages.words_of_tips import TIP_WORDS

PUBLIC_WORDS: dict[str, tuple[str, str]] = {
    "tips": ("举报查询", "Follow a report"),
    "tips.lead": (
        "凭举报时得到的查询码，查看办理状态和答复。这里不显示举报内容，也不显示举报人。",
        "With the receipt code you were given: how your report stands, and the answer. Neither what was reported nor by whom is shown here.",
    ),
    "tips.received": ("接到", "Received"),
    "tips.since": ("现状自", "So since"),
    "tips.office": ("承办单位", "Handled by"),
    "tips.answer": ("答复", "Answer"),
    "tips.reward": ("奖励", "Reward"),
    "tips.code": ("查询码", "Receipt code"),
    "tips.look": ("查询", "Look up"),
    "exposures": ("公开曝光", "Exposed units"),
    "exposures.lead": (
        "对隐患排查治理不认真、走过场的单位公开曝光（五（二）），写明事由和依据。",
        "Units that were not in earnest about finding and remedying hazards, with the grounds (clause 5.2e).",
    ),
    "exposures.ground": ("事由", "Ground"),
    "exposures.text": ("依据", "What it rests on"),
    "exposures.by": ("曝光单位", "Exposed by"),
    "exposures.since": ("公开时间", "Since"),
    "exposures.until": ("至{day}", "until {day}"),
    "exposures.none": ("现在没有公开曝光的单位。", "No unit is exposed now."),
    "exposure_ground.not_earnest": ("不认真", "Not in earnest"),
    "exposure_ground.going_through_motions": ("走过场", "Going through the motions"),
    "exposure_ground.not_reported": ("不报告", "Hazards not reported"),
    "exposure_ground.not_rectified": ("不整改", "Hazards not rectified"),
    "exposure_ground.concealed": ("瞒报", "Hazards concealed"),
    **TIP_WORDS,
}
