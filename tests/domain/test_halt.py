from __future__ import annotations

from datetime import date

import pytest

from domain.errors import Contradiction
from domain.halt import (
    HaltGround,
    HaltLifted,
    HaltOrdered,
    ProductionObserved,
    ProductionResumed,
)
from domain.licence import LicenceReturned, LicenceSuspended
from tests.support.book import ident
from tests.support.plant import DEPARTMENT, HAZARD, PLANT, county, found

DAY = date(2024, 3, 5)
LICENCE = ident("许可证")


def test_a_licence_is_returned_only_where_it_was_suspended() -> None:
    book = county()
    book.act(HAZARD, found(), DAY)
    returned = LicenceReturned(enterprise=PLANT, by_org=DEPARTMENT)
    with pytest.raises(Contradiction, match="发还证照"):
        book.act(LICENCE, returned, DAY)
    suspended = LicenceSuspended(
        enterprise=PLANT, by_org=DEPARTMENT, licence="安全生产许可证", hazard=HAZARD
    )
    entry = book.act(LICENCE, suspended, DAY)
    assert f"hazard:{HAZARD}" in entry.tags
    assert book.act(LICENCE, returned, DAY).version == 2


def test_a_halt_tags_every_hazard_in_its_scope() -> None:
    ordered = HaltOrdered(
        enterprise=PLANT,
        by_org=DEPARTMENT,
        ground=HaltGround.MAJOR_HAZARD,
        hazards=(HAZARD, ident("另一隐患")),
    )
    assert set(ordered.tags()) == {
        f"org:{PLANT}",
        f"hazard:{HAZARD}",
        f"hazard:{ident('另一隐患')}",
    }


def test_no_halt_is_lifted_that_nobody_ordered() -> None:
    with pytest.raises(Contradiction, match="准予恢复生产经营"):
        county().act(ident("停产"), HaltLifted(enterprise=PLANT, by_org=DEPARTMENT), DAY)


@pytest.mark.parametrize(
    "fact",
    [ProductionObserved(enterprise=PLANT, by_org=DEPARTMENT), ProductionResumed(enterprise=PLANT)],
)
def test_production_is_recorded_however_unlawful(
    fact: ProductionObserved | ProductionResumed,
) -> None:
    book = county()
    ordered = HaltOrdered(enterprise=PLANT, by_org=DEPARTMENT, ground=HaltGround.PENALTY)
    book.act(ident("停产"), ordered, DAY)
    assert book.act(ident("生产"), fact, DAY).fact is fact
