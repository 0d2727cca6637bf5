"""The demo as a real process, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

from api.demo.aftermath import INCIDENT_NUMBER
from tests.e2e.engines import Engine, harness
from tests.support.firefox import find_firefox, firefox
from tests.support.server import shared_demo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

    from tests.support.firefox import Firefox

FLAGS = [
    "--no-sandbox",  # the tests may run as root; only our own pages are opened
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TRACE = f"/incidents/{INCIDENT_NUMBER}/trace"
REFUSED = """addEventListener("securitypolicyviolation", (event) =>
    console.error("refused by policy: " + event.violatedDirective + " " + event.blockedURI));"""


@pytest.fixture(scope="session")
def demo() -> Iterator[str]:
    """The address of the demo; all workers share one."""
    with shared_demo(Path(os.environ["DAOCHA_TEST_STATE"]) / "demo") as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("there is no chromium here; as root, `make system-deps` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def fox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Debian's Firefox, without a window."""
    program = find_firefox()
    if program is None:
        pytest.skip("there is no firefox here; as root, `make system-deps` installs it")
    with firefox(program, tmp_path_factory.mktemp("firefox")) as started:
        yield started


@pytest.fixture(params=["chromium", "firefox"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each browser in turn, with the verifier's modules loaded from the disk."""
    page = harness(tmp_path)
    if request.param == "firefox":
        fox: Firefox = request.getfixturevalue("fox")
        fox.open(page)
        script = "return run(arguments[0])"
        yield Engine("firefox", lambda asked: str(fox.evaluate(script, asked)))
        return
    browser: Browser = request.getfixturevalue("browser")
    opened = browser.new_page()
    opened.goto(page.as_uri())
    yield Engine("chromium", lambda asked: str(opened.evaluate("asked => run(asked)", asked)))
    opened.close()


@dataclass
class Visitor:
    """Somebody who looks at pages, and notes what goes wrong behind them."""

    address: str
    context: BrowserContext
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.add_init_script(REFUSED)
        self.page = self.context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def go(self, path: str) -> Response:
        """Open a page of the demo."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        return answer

    def elsewhere(self) -> list[str]:
        """Return what was asked of other places."""
        return [url for url in self.asked if not url.startswith(f"{self.address}/")]


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Browser, demo: str) -> Iterator[Visitor]:
    """Somebody with a browser; ``@pytest.mark.parametrize("visit", [{...}], indirect=True)``.

    What is given there goes to Playwright's ``new_context``; by default a window 1440 wide.
    """
    given: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
    context = browser.new_context(**{**given, **getattr(request, "param", {})})
    yield Visitor(demo, context)
    context.close()


@pytest.fixture
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where a test may put a picture for people to look at: named after the test."""
    folder = Path(os.environ.get("DAOCHA_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", request.node.name.removeprefix("test_")).strip("-")
    return folder / f"{name}.png"
