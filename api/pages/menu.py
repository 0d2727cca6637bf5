"""The menu 菜单 beside every page: one row a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = "/"
"""Where the product's name leads."""


@dataclass(frozen=True, slots=True)
class Item:
    """A page in the menu: its address, the name of the words for it, and whether all may see it."""

    path: str
    word: str
    public: bool = False


INCIDENTS = "/incidents"
"""Where the list of accidents stands."""
MENU: dict[str, tuple[Item, ...]] = {
    "menu.work": (
        Item(HOME, "desk"),
        Item("/duties", "duties"),
        Item("/hazards", "menu.hazards"),
        Item("/reports", "menu.reports"),
        Item("/reminders", "remind"),
    ),
    "menu.field": (
        Item("/inspections", "inspections"),
        Item("/inspections/site", "site.title"),
        Item("/orders", "orders"),
        Item("/listings", "listings"),
        Item("/halts", "halts"),
        Item("/experts", "experts"),
    ),
    "menu.tracing": (Item(INCIDENTS, "home"), Item("/what-if", "menu.what_if")),
    "menu.rules": (
        Item("/policy", "policy"),
        Item("/settings", "settings"),
        Item("/permissions", "permissions"),
        Item("/system", "system"),
    ),
    "menu.public": (
        Item("/check", "check", public=True),
        Item("/tips/new", "tips.new", public=True),
        Item("/tips", "tips", public=True),
        Item("/exposures", "exposures", public=True),
    ),
}
"""The pages by group, in the order in which they are shown."""


def menu(path: str, *, inside: bool) -> Iterator[tuple[str, list[tuple[Item, bool]]]]:
    """Yield the groups that somebody is shown, each item with whether it is the page they are on.

    Args:
        path: the address of the page.
        inside: whether they may see more than the public.
    """
    everything = [item for group in MENU.values() for item in group]
    here = max((item.path for item in everything if _leads_to(item, path)), key=len, default=None)
    for group, items in MENU.items():
        shown = [(item, item.path == here) for item in items if inside or item.public]
        if shown:
            yield group, shown


def _leads_to(item: Item, path: str) -> bool:
    if item.path == HOME:
        return path in (HOME, "/workbench")
    return path == item.path or path.startswith(f"{item.path}/")
