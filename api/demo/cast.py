"""Who there is in the demo county: bodies, enterprises, their posts. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from domain.organisation import Level, OrgKind
from domain.people import PostKind

COUNTY = "沂川县"


class Seat(NamedTuple):
    """A post and, where the story needs one, the name of who holds it as the year begins."""

    role: str
    kind: PostKind
    title: str
    name: str = ""


class Body(NamedTuple):
    """A government, department, zone or expert body; ``prompt`` is how often it acts in time."""

    key: str
    name: str
    kind: OrgKind
    level: Level | None
    parent: str
    seats: tuple[Seat, ...]
    prompt: float = 1.0


def _department(
    key: str, name: str, *, heads: str = "局长", prompt: float = 0.9, more: tuple[Seat, ...] = ()
) -> Body:
    """Return a department of the county with the usual seats."""
    seats = (
        Seat("principal", PostKind.PRINCIPAL, heads),
        Seat("deputy", PostKind.DEPUTY, f"副{heads}（分管安全）"),
        Seat("section", PostKind.SECTION_HEAD, "安全监管科科长"),
        Seat("officer", PostKind.INSPECTOR, "安全监管科监管员"),
        Seat("second", PostKind.INSPECTOR, "执法大队执法员"),
    )
    own = {seat.role for seat in more}
    kept = tuple(seat for seat in seats if seat.role not in own)
    return Body(
        key, COUNTY + name, OrgKind.DEPARTMENT, Level.COUNTY, "county", (*kept, *more), prompt
    )


BODIES = (
    Body(
        "city",
        "沂州市人民政府",
        OrgKind.GOVERNMENT,
        Level.CITY,
        "",
        (
            Seat("principal", PostKind.PRINCIPAL, "市长"),
            Seat("deputy", PostKind.DEPUTY, "副市长（分管安全生产）"),
        ),
    ),
    Body(
        "office",
        "沂州市安全生产委员会办公室",
        OrgKind.DEPARTMENT,
        Level.CITY,
        "city",
        (
            Seat("principal", PostKind.PRINCIPAL, "主任", "祁宏业"),
            Seat("deputy", PostKind.DEPUTY, "副主任（分管督办）", "邵庆余"),
            Seat("section", PostKind.SECTION_HEAD, "督办处处长"),
        ),
    ),
    Body(
        "city_bureau",
        "沂州市应急管理局",
        OrgKind.DEPARTMENT,
        Level.CITY,
        "city",
        (
            Seat("principal", PostKind.PRINCIPAL, "局长"),
            Seat("deputy", PostKind.DEPUTY, "副局长（分管矿山）"),
        ),
    ),
    Body(
        "experts",
        "沂州市安全生产专家库",
        OrgKind.EXPERT_BODY,
        Level.CITY,
        "city",
        (
            Seat("chemist", PostKind.EXPERT, "化工工艺与仪表专家", "周牧野"),
            Seat("miner", PostKind.EXPERT, "采矿与尾矿库专家"),
            Seat("duster", PostKind.EXPERT, "粉尘防爆专家"),
        ),
    ),
    Body(
        "county",
        COUNTY + "人民政府",
        OrgKind.GOVERNMENT,
        Level.COUNTY,
        "city",
        (
            Seat("party", PostKind.PARTY_HEAD, "县委书记", "程伯远"),
            Seat("principal", PostKind.PRINCIPAL, "县长", "陆景昌"),
            Seat("deputy", PostKind.DEPUTY, "常务副县长（分管安全生产）", "方砚清"),
            Seat("line", PostKind.DEPUTY_LINE, "副县长（分管工业）", "柴明礼"),
        ),
    ),
    Body(
        "zone",
        "沂川经济开发区管理委员会",
        OrgKind.ZONE,
        None,
        "county",
        (
            Seat("principal", PostKind.PRINCIPAL, "管委会主任"),
            Seat("deputy", PostKind.DEPUTY, "管委会副主任（分管安全）"),
            Seat("section", PostKind.SECTION_HEAD, "安全环保部部长"),
            Seat("officer", PostKind.INSPECTOR, "安全环保部专员"),
            Seat("second", PostKind.INSPECTOR, "安全环保部巡查员"),
        ),
        0.85,
    ),
    _department(
        "bureau",
        "应急管理局",
        prompt=0.95,
        more=(
            Seat("principal", PostKind.PRINCIPAL, "局长", "贺长庚"),
            Seat("deputy", PostKind.DEPUTY, "副局长（分管危化品）", "魏兆麟"),
            Seat("section", PostKind.SECTION_HEAD, "危化品监管科科长", "高秉文"),
            Seat("chem", PostKind.INSPECTOR, "危化品监管科监管员", "林晓雁"),
            Seat("mine", PostKind.INSPECTOR, "矿山监管科监管员"),
            Seat("officer", PostKind.INSPECTOR, "工贸监管科监管员"),
            Seat("second", PostKind.INSPECTOR, "执法大队执法员", "纪望川"),
        ),
    ),
    _department("industry", "工业和信息化局", prompt=0.8),
    _department("housing", "住房和城乡建设局", prompt=0.9),
    _department("transport", "交通运输局", prompt=0.75),
    _department("market", "市场监督管理局", prompt=0.85),
    _department("commerce", "商务局", prompt=0.4),
    _department("fire", "消防救援大队", heads="大队长", prompt=0.95),
)


class Character(Enum):
    """What kind of enterprise it is: how often it does a thing in time, and how often at all.

    The numbers: chance that a step is in time; that a month's report is late, is missing, lacks a
    signature; that disclosure or funding is forgotten; hazards that it finds itself in a month.
    """

    DILIGENT = (0.99, 0.00, 0.00, 0.00, 0.00, 1.7)
    ORDINARY = (0.93, 0.05, 0.01, 0.01, 0.02, 1.1)
    TARDY = (0.70, 0.22, 0.06, 0.05, 0.10, 0.7)
    CARELESS = (0.45, 0.25, 0.20, 0.08, 0.30, 0.35)

    def __init__(
        self,
        prompt: float,
        late: float,
        missing: float,
        unsigned: float,
        forgets: float,
        finds: float,
    ) -> None:
        self.prompt = prompt
        self.late = late
        self.missing = missing
        self.unsigned = unsigned
        self.forgets = forgets
        self.finds = finds


_D, _O, _T, _C = Character


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise as the year begins.

    ``regulator`` and ``officer`` are the department that supervises its industry and the role of
    whoever is named for it there; an empty regulator leaves it to nobody. ``inspected`` is how
    often a year it is on the department's plan. Months are those in which it opens and closes.
    """

    key: str
    name: str
    industry: str
    trade: str
    employees: int
    character: Character
    regulator: str
    officer: str = "officer"
    area: str = "白河街道"
    zone: bool = False
    risk: bool = False
    inspected: int = 2
    opens: str = ""
    closes: str = ""


FIRMS = (
    Firm("chengxi", "沂川澄溪化工有限公司", "2614", "chem", 96, _D, "bureau", "chem",
         "青石镇化工产业园", risk=True, inspected=4),
    Firm("anhe", "沂川安合新材料有限公司", "2651", "chem", 184, _D, "bureau", "chem",
         "青石镇化工产业园", risk=True, inspected=4),
    Firm("fenggu", "沂川丰谷肥业有限公司", "2624", "chem", 226, _O, "bureau", "chem", "青石镇"),
    Firm("hongcai", "沂川虹彩涂料有限公司", "2641", "chem", 64, _T, "bureau", "chem", "青石镇",
         risk=True, inspected=3),
    Firm("hean", "沂川禾安农化有限公司", "2631", "chem", 132, _O, "bureau", "chem",
         "青石镇化工产业园", risk=True, inspected=4),
    Firm("hengqi", "沂川恒清工业气体有限公司", "2619", "chem", 41, _D, "bureau", "chem",
         "青石镇化工产业园", risk=True, inspected=4),
    Firm("yuntai", "沂川云台铁矿有限公司", "0810", "mine", 318, _D, "bureau", "mine", "云台镇",
         risk=True, inspected=4),
    Firm("bailing", "沂川白石岭石灰石矿", "1011", "mine", 75, _O, "bureau", "mine", "云台镇",
         risk=True, inspected=4),
    Firm("donggao", "沂川东皋石材开采有限公司", "1012", "mine", 38, _T, "bureau", "mine", "东皋镇",
         risk=True, inspected=4),
    Firm("hengmu", "沂川恒木板材有限公司", "2022", "dust", 152, _O, "industry", area="东皋镇",
         risk=True, inspected=3),
    Firm("linsen", "沂川林森胶合板厂", "2021", "dust", 58, _T, "industry", area="东皋镇",
         inspected=3),
    Firm("jinhua", "沂川锦桦木门有限公司", "2032", "dust", 47, _O, "industry", area="东皋镇"),
    Firm("lujiang", "沂川橹匠家具有限公司", "2110", "dust", 83, _D, "industry", zone=True),
    Firm("shuangmai", "沂川双麦面粉有限公司", "1311", "dust", 66, _O, "industry", area="柳溪镇",
         inspected=3),
    Firm("jiqing", "沂川吉庆烟花爆竹批发有限公司", "5169", "fireworks", 22, _O, "bureau", "chem",
         "柳溪镇", risk=True, inspected=4),
    Firm("hongyun", "沂川鸿韵烟花爆竹零售店", "5239", "fireworks", 4, _O, "bureau", "chem",
         "白河街道", inspected=3),
    Firm("shunda", "沂川顺途物流园有限公司", "5990", "storage", 140, _T, "transport", zone=True),
    Firm("hanyu", "沂川寒域冷链仓储有限公司", "5930", "storage", 52, _O, "transport", zone=True,
         risk=True),
    Firm("weiyun", "沂川平驿危货运输有限公司", "5435", "transport", 71, _O, "transport",
         area="青石镇", risk=True, inspected=4),
    Firm("keyun", "沂川客达汽车运输有限公司", "5431", "transport", 119, _T, "transport"),
    Firm("kaiyuan", "沂川开垣仓储有限公司", "5990", "storage", 19, _O, "", zone=True,
         opens="05-20"),
    Firm("baihui", "沂川百荟购物广场有限公司", "5211", "mall", 310, _D, "commerce"),
    Firm("huimin", "沂川惠邻超市有限公司", "5212", "mall", 88, _O, "commerce", area="龙湾街道"),
    Firm("jiahe", "沂川家禾建材市场管理有限公司", "7222", "mall", 45, _C, "commerce",
         area="龙湾街道"),
    Firm("laojie", "沂川老街里饭店", "6210", "catering", 26, _T, "market"),
    Firm("xuefu", "沂川学府路餐饮店", "6210", "catering", 18, _O, "market", area="龙湾街道"),
    Firm("yujia", "沂川渔家湾酒楼", "6210", "catering", 34, _C, "market", area="柳溪镇"),
    Firm("binguan", "沂川白河宾馆有限公司", "6110", "mall", 97, _D, "fire"),
    Firm("jinggong", "沂川菁工机械有限公司", "3484", "machine", 165, _D, "industry", zone=True),
    Firm("zhucheng", "沂川铸诚铸造有限公司", "3391", "machine", 112, _O, "industry",
         area="柳溪镇", risk=True, inspected=4),
    Firm("xinyuan", "沂川鑫垣钢结构有限公司", "3311", "machine", 74, _T, "industry", zone=True),
    Firm("lingdong", "沂川翎动车业配件有限公司", "3752", "machine", 90, _O, "industry", zone=True),
    Firm("chengjian", "沂川县第一建筑工程有限公司", "4710", "build", 420, _O, "housing",
         inspected=4),
    Firm("anju", "沂川安榭建设有限公司", "4710", "build", 260, _T, "housing", inspected=4),
    Firm("ranqi", "沂川蓝炬燃气有限公司", "4511", "gas", 103, _D, "housing", risk=True,
         inspected=4),
    Firm("dongyao", "沂川东窑砖厂", "3031", "materials", 36, _C, "industry", area="东皋镇",
         inspected=3, closes="10-18"),
    Firm("zhuzhi", "沂川筑志水泥制品有限公司", "3021", "materials", 58, _O, "industry",
         area="柳溪镇"),
    Firm("runhe", "沂川润穗食品有限公司", "1353", "ammonia", 270, _O, "industry", zone=True,
         risk=True, inspected=4),
    Firm("baicao", "沂川百蔓制药有限公司", "2730", "chem", 156, _D, "market", area="龙湾街道"),
    Firm("zhijin", "沂川织霁纺织有限公司", "1711", "dust", 205, _O, "industry", zone=True),
    Firm("xinrui", "沂川昕锐电池材料有限公司", "3841", "machine", 128, _O, "bureau", zone=True,
         risk=True, inspected=3, opens="04-15"),
)  # fmt: skip

TITLES = {
    "chem": ("总经理", "安全副总经理", "安全科科长", "二车间主任"),
    "mine": ("矿长", "安全副矿长", "安全科科长", "采区区长"),
    "dust": ("厂长", "生产安全副厂长", "安全员", "砂光车间主任"),
    "fireworks": ("经理", "副经理", "仓库安全员", "仓库保管员"),
    "storage": ("总经理", "运营副总经理", "安全主管", "仓储部经理"),
    "transport": ("总经理", "安全副总经理", "安全科科长", "车队队长"),
    "mall": ("总经理", "物业副总经理", "安保部经理", "工程部经理"),
    "catering": ("经理", "副经理", "安全员", "厨师长"),
    "machine": ("总经理", "生产副总经理", "安环科科长", "车间主任"),
    "build": ("总经理", "安全副总经理", "安全总监", "项目经理"),
    "gas": ("总经理", "安全副总经理", "安全部部长", "管网所所长"),
    "materials": ("厂长", "副厂长", "安全员", "车间主任"),
    "ammonia": ("总经理", "安全副总经理", "安全科科长", "制冷车间主任"),
}
"""Titles of an enterprise's posts by trade: principal, deputy, safety manager, workshop head."""

ENTERPRISE_SEATS = (
    ("principal", PostKind.PRINCIPAL),
    ("deputy", PostKind.DEPUTY),
    ("safety", PostKind.SAFETY_MANAGER),
    ("workshop", PostKind.WORKSHOP_HEAD),
)
"""The posts whose titles ``TITLES`` gives, in its order."""

KNOWN_PEOPLE = {
    ("chengxi", "principal"): "郑启荣",
    ("chengxi", "deputy"): "孙茂林",
    ("chengxi", "safety"): "许静宜",
    ("chengxi", "workshop"): "马广仁",
}
"""Those of an enterprise whom the story names."""
TWO_POSTS = frozenset({"donggao", "hongyun"})
"""Enterprises without a deputy of their own: the principal holds both posts."""
