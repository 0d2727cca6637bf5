"""What the scenarios of section five leave to be shown of its code."""

from __future__ import annotations

from domain.policy.s5_4_figures import Item, indicators, quarter_figures
from domain.quarter import Figures
from domain.yearly import Key
from tests.support.book import ident


def test_enterprises_of_one_field_are_added_up_and_fields_are_in_order() -> None:
    one = Figures(area="沂南县", industry="26", charge=1, found_hazards=2, overdue_hazards=1)
    other = Figures(area="沂南县", industry="26", charge=1, found_hazards=3, unreported=1)
    elsewhere = Figures(area="沂水县", industry="06", charge=1)
    told = quarter_figures([elsewhere, one, other])
    assert [each.key for each in told] == ["沂南县 26", "沂水县 06"]
    assert (told[0].charge, told[0].found_hazards) == (2, 5)
    assert (told[0].overdue_hazards, told[0].unreported) == (1, 1)


def test_only_the_figures_asked_for_are_counted() -> None:
    items = [
        Item(key, ident("plant"), "org:x", "2024", None, "kept", (1,))
        for key in (Key.ORDERS, Key.QUARTERS)
    ]
    (figure,) = indicators(items, [Key.ORDERS])
    assert (figure.key, figure.owed, figure.kept) == (Key.ORDERS, 1, 1)
