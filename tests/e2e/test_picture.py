"""The picture in the README: ``make screenshots`` keeps it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.conftest import TRACE

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

HEIGHT = 2000
EXCERPT = """
    document.querySelectorAll(".people, .matter:nth-child(n + 3)").forEach(each => each.remove());
    document.querySelectorAll(".chapter").forEach(each => {
        if (!each.querySelector(".matter")) each.remove();
    });
"""
"""Leaves two findings of each line, so that headline, findings and timeline fit in a picture."""


def test_the_picture_in_the_readme(visit: Visitor, tmp_path: Path) -> None:
    folder = Path(os.environ.get("DAOCHA_SCREENSHOTS") or tmp_path)
    file = folder / "trace.png"
    visit.go(TRACE)
    visit.page.evaluate(EXCERPT)
    timeline = visit.page.locator("#swimlane").bounding_box()
    assert timeline is not None
    assert timeline["y"] < HEIGHT * 0.65, "the timeline would hardly be in the picture"
    clip = {"x": 0, "y": 0, "width": 1440, "height": HEIGHT}
    visit.page.screenshot(path=file, full_page=True, clip=clip)  # type: ignore[arg-type]
    assert 50_000 < file.stat().st_size < 600_000
