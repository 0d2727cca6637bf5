"""Every read model there is, for the runner and for ``daocha rebuild``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.charges import Charges
from projections.counts import Counts
from projections.dockets import Dockets
from projections.documents import Documents
from projections.experts import ExpertInspectionsOwed, Experts
from projections.exposures import Exposures
from projections.halts import Halts
from projections.hazards import Hazards
from projections.incidents import Incidents
from projections.inspections import Inspections
from projections.listings import Listings
from projections.log import Tiles
from projections.orders import Orders
from projections.organisations import Organisations
from projections.photos import Photos
from projections.reports import Reports
from projections.rolls import RollBook

if TYPE_CHECKING:
    from projections.build import Projection


def read_models(schema: str) -> tuple[Projection, ...]:
    """Return the read models of the ledger in the PostgreSQL schema ``schema``."""
    return (
        Tiles(),
        Counts(),
        Documents(),
        Organisations(schema),
        Charges(schema),
        Dockets(schema),
        Hazards(schema),
        Inspections(schema),
        Orders(schema),
        Listings(schema),
        Halts(schema),
        Photos(),
        Incidents(schema),
        Exposures(schema),
        Reports(schema),
        RollBook(schema),
        Experts(schema),
        ExpertInspectionsOwed(schema),
    )
