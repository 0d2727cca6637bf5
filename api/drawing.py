"""Figures drawn from the record 数据从台账提取: whoever assesses cannot say them otherwise.

Of a yearly assessment (5.4c) and of support (5.3b) they are always drawn. Of a quarter (3.2f) they
are drawn where they are left out; figures that were sent are recorded as said, not as drawn.
"""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from api.charges import figures_of_enterprise, read_charge, read_enterprise
from domain.public_fund import SupportGiven
from domain.quarter import QuarterAssessed
from domain.yearly import YearAssessed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.serving import Serving
    from domain.fact import Fact


def drawn(here: Serving, kind: type[Fact], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a fact that are drawn from the record; none of most kinds.

    Args:
        here: the ledger, its read models, the clock.
        kind: the class of the fact that is asked for.
        said: its fields so far.

    Raises:
        NotFound: the body is not on record.
    """
    if kind is YearAssessed:
        return _of_year(here, said)
    if kind is SupportGiven:
        charge = read_enterprise(here.ledger, said["enterprise"])
        figures = figures_of_enterprise(charge, said["year"], here.now().astimezone(UTC))
        return {"upto": charge.upto, "figures": figures}
    if kind is QuarterAssessed and "figures" not in said and "upto" not in said:
        charge = read_charge(here.ledger, here.views, here.runner, said["body"])
        figures_of_quarter = charge.quarter(said["quarter"])
        return {"upto": charge.upto, "figures": figures_of_quarter, "drawn": True}
    return {}


def _of_year(here: Serving, said: Mapping[str, Any]) -> dict[str, Any]:
    charge, year = read_charge(here.ledger, here.views, here.runner, said["body"]), said["year"]
    return {
        "upto": charge.upto,
        "figures": charge.yearly(year, here.now().astimezone(UTC)),
        "charge": len(charge.enterprises(date(year, 1, 1), date(year, 12, 31))),
    }
