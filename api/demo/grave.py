"""The other major hazards of the year, each with an end of its own; the accident's is apart."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from api.demo.calendar import day, when
from api.demo.major import Major
from api.demo.scribe import ident
from domain.licence import LicenceReturned, LicenceSuspended

if TYPE_CHECKING:
    from datetime import date

    from api.demo.county import County
    from api.demo.year import Year


class Grave:
    """Puts the year's other major hazards on the agenda."""

    def __init__(self, county: County, year: Year) -> None:
        self.county = county
        self.year = year
        self.scribe = county.scribe

    def plan(self) -> None:
        """Put all of them on the agenda."""
        self._tailings_dam()
        self._ammonia()
        self._fireworks()
        self._dust()
        self._quarry()

    def _major(self, key: str, place: str, text: str, measures: str, deadline: date) -> Major:
        at = self.county.firms[key]
        return Major(self.county, self.year.hazards, at, place, text, measures, deadline)

    def _tailings_dam(self) -> None:
        """云台铁矿: listed by the city and done well, through both acceptances."""
        case = self._major(
            "yuntai",
            "尾矿库",
            "初期坝下游坡面出现集中渗流，浸润线高于控制值",
            "降低库水位，坝坡贴坡反滤并增设排渗盲沟",
            day("07-10"),
        )
        case.on("04-09 11:00", partial(case.found, "04-09 10:10"))
        case.on("04-09 14:20", case.safeguard, case.report)
        case.on("04-09 17:10", case.determine)
        case.on("04-10 09:00", partial(case.halt_production, "选矿生产，停止向尾矿库排放尾矿"))
        case.on("04-11 10:30", case.propose)
        case.on("04-11 16:00", case.plan, case.disclose)
        case.on("04-12 09:20", case.report_specially)
        case.on("04-15 15:00", partial(case.list, day("07-15")))
        case.on("04-16 10:10", case.serve_listing)
        case.on("04-18 09:00", case.start)
        case.on("04-22 16:30", case.plan_listed)
        case.on("05-09 11:00", partial(case.check_listed, "排渗盲沟施工过半，库水位已降1.8米"))
        case.on("06-06 15:20", partial(case.check_listed, "渗流量明显减小，监测数据逐日上报"))
        case.on("07-02 16:00", case.rectify)
        case.on("07-03 09:30", case.apply)
        case.on("07-05 10:40", case.accept)
        case.on("07-08 15:00", case.accept_first)
        case.on("07-09 09:10", case.apply_delisting)
        case.on("07-11 10:00", partial(case.check_listed, "现场复核整改质量"))
        case.on("07-12 16:00", case.accept_second, case.delist)
        case.on("07-15 08:40", case.lift)

    def _ammonia(self) -> None:
        """润穗食品: proposed for listing; the authority declines, with its reason."""
        case = self._major(
            "runhe",
            "制冷机房",
            "快速冻结装置与作业间未有效隔离，作业人数超过9人",
            "增设隔断和独立疏散门，快速冻结装置单独隔间",
            day("06-05"),
        )
        case.on("05-08 10:00", partial(case.found, "05-08 09:20"))
        case.on("05-08 13:30", case.safeguard, case.report)
        case.on("05-08 16:30", case.determine)
        case.on("05-09 10:00", case.propose)
        case.on("05-10 09:40", case.plan, case.disclose, case.report_specially)
        case.on("05-13 08:30", case.start)
        reason = "企业已停用该装置并隔断施工，预计两周内完成，由县级督办，暂不列入市级挂牌"
        case.on("05-13 15:00", partial(case.decline, reason))
        case.on("05-27 16:00", case.rectify)
        case.on("05-28 10:00", case.apply)
        case.on("05-30 14:00", case.accept, case.close)

    def _fireworks(self) -> None:
        """吉庆烟花: put right before its listing fell due; a licence is suspended."""
        case = self._major(
            "jiqing",
            "2号库",
            "库房超量储存，实存量为核定量的1.4倍",
            "超量部分当日转运至具备资质的库房，恢复核定药量",
            day("06-20"),
        )
        licence = ident("licence jiqing")
        bureau = self.county.offices["bureau"]
        post = bureau.posts["section"]

        def suspend() -> None:
            fact = LicenceSuspended(
                enterprise=case.at.id,
                by_org=bureau.id,
                licence="烟花爆竹经营（批发）许可证",
                hazard=case.id,
            )
            self.scribe.write(post, (licence, fact))

        def give_back() -> None:
            fact = LicenceReturned(enterprise=case.at.id, by_org=bureau.id)
            self.scribe.write(post, (licence, fact))

        case.on("06-18 09:40", partial(case.found, "06-18 09:00"))
        case.on("06-18 10:30", case.safeguard, case.report, case.determine)
        case.on("06-18 11:30", case.plan, case.disclose, suspend)
        case.on("06-18 13:00", case.start)
        case.on("06-19 16:30", case.rectify)
        case.on("06-19 17:00", case.report_specially, case.apply)
        case.on("06-20 10:00", case.accept, case.close)
        self.scribe.at(when("06-28 09:30"), give_back)

    def _dust(self) -> None:
        """恒木板材: reported a day late, the proposal later still; all of it done in the end."""
        case = self._major(
            "hengmu",
            "砂光车间",
            "干式除尘系统未设置锁气卸灰装置，除尘器灰仓积灰",
            "加装星型锁气卸灰阀并与除尘风机联锁",
            day("11-05"),
        )
        case.on("10-10 15:30", partial(case.found, "10-10 14:50"))
        case.on("10-11 09:00", case.safeguard)
        case.on("10-12 10:20", case.report)
        case.on("10-12 15:00", case.determine)
        case.on("10-14 11:00", case.plan, case.disclose, case.report_specially)
        case.on("10-15 08:20", case.start)
        case.on("10-22 16:10", case.propose)
        reason = "企业已停用砂光线，卸灰阀已到货安装，由县级跟踪验收"
        case.on("10-25 10:00", partial(case.decline, reason))
        case.on("10-30 16:00", case.rectify)
        case.on("11-01 09:00", case.apply)
        case.on("11-05 14:30", case.accept, case.close)

    def _quarry(self) -> None:
        """东皋石材: halted in November, and still being rectified as the year ends."""
        case = self._major(
            "donggao",
            "采场北帮",
            "最终边坡角大于设计值，局部出现张裂缝",
            "停止北帮开采，自上而下削坡减载，布设位移监测点",
            day("02-28").replace(year=2025),
        )
        case.on("11-18 11:00", partial(case.found, "11-18 10:00"))
        case.on("11-18 15:00", case.safeguard, case.report)
        case.on("11-19 09:00", case.determine)
        case.on("11-19 14:00", partial(case.halt_production, "北帮采区"))
        case.on("11-20 10:00", case.propose)
        case.on("11-21 16:00", case.plan, case.disclose, case.report_specially)
        case.on("11-25 08:30", case.start)
        case.on("11-25 10:30", partial(case.decline, "由县政府挂牌督办，市安委办跟踪"))
