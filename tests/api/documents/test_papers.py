"""Every document on paper: filled in from the record, PDF/A-3, with evidence that verifies."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pikepdf
import pytest

from api.attached import attached_to
from api.documents.forms import FORMS, form_of
from api.documents.issuing import make
from api.verifying import verify
from domain.errors import NotFound
from domain.fact import EnterpriseFact
from projections.log import Log
from tests.support.published import covered, trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.documents.issuing import Made
    from tests.support.web import Web

CHECK_AT = "https://check.example/check/{code}"
A4 = (595, 842)
IN_THE_STORY = [topic for topic in FORMS if topic != "accident_row.imported"]
SHOWING = {"rg", "RG", "sc", "SC", "scn", "SCN", "k", "K"}
"""The operators of a page's content that set a colour other than a grey."""


@pytest.fixture(scope="module")
def stood(web: Web) -> dict[str, int]:
    """Where the last fact of each kind that has a paper stands in the examples' story."""
    covered(web)
    return {e.topic: e.position for e in web.here.ledger.range(0, 10_000) if form_of(e)}


@pytest.fixture(scope="module")
def made(web: Web, stood: dict[str, int]) -> dict[str, Made]:
    """Every form, filled in from the examples' story."""
    log = Log(web.here.ledger)
    return {topic: make(web.here.ledger, log, at, CHECK_AT) for topic, at in stood.items()}


def opened(made: Made) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(made.file))


def test_every_form_has_an_example(made: dict[str, Made]) -> None:
    assert set(made) == set(IN_THE_STORY)


@pytest.mark.parametrize("topic", IN_THE_STORY)
def test_it_is_pdf_a_3(made: dict[str, Made], topic: str) -> None:
    with opened(made[topic]) as pdf:
        said = pdf.open_metadata()
        assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("3", "B")
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert pdf.Root.Lang == "zh-CN"
        assert not pdf.is_encrypted
        fonts = list(fonts_of(pdf))
        assert fonts
        assert all({"/FontFile2", "/FontFile3"} & set(each.keys()) for each in fonts)


def fonts_of(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Yield the descriptor of every font that a page uses."""
    for page in pdf.pages:
        for font in page.Resources.get("/Font", {}).values():
            for each in font.DescendantFonts:
                yield each.FontDescriptor


@pytest.mark.parametrize("topic", IN_THE_STORY)
def test_it_prints_on_a4_in_black_and_white(made: dict[str, Made], topic: str) -> None:
    with opened(made[topic]) as pdf:
        for page in pdf.pages:
            assert tuple(round(float(each)) for each in page.MediaBox[2:]) == A4
            for each in pikepdf.parse_content_stream(page):
                if str(each.operator) in SHOWING:
                    assert len({float(part) for part in each.operands}) <= 1, each


@pytest.mark.parametrize("topic", IN_THE_STORY)
def test_its_evidence_verifies(
    web: Web, made: dict[str, Made], stood: dict[str, int], topic: str
) -> None:
    with opened(made[topic]) as pdf:
        (attached,) = pdf.attachments.values()
        assert str(attached.obj.AFRelationship) == "/Data"
        inside = attached.get_file().read_bytes()
    assert attached_to(made[topic].file) == inside
    whole, alone = (verify(each, trust(web)) for each in (made[topic].file, inside))
    assert stood[topic] in whole.evidence.leaves
    assert whole.claims.open[0].key == "printed_words"
    assert (whole.claims.proved, whole.claims.open[1:]) == alone.claims


def test_the_same_content_gives_the_same_bytes(web: Web, made: dict[str, Made]) -> None:
    covered(web)  # a checkpoint published between the two would stand in the second
    document = made["order.issued"].fact.document
    first, again = (
        make(web.here.ledger, Log(web.here.ledger), document, CHECK_AT) for _ in range(2)
    )
    assert first.fact.checkpoint == again.fact.checkpoint
    assert first.file == again.file
    assert first.fact.digest == sha256(first.file).hexdigest()


def test_its_code_leads_to_the_check_page(web: Web, made: dict[str, Made]) -> None:
    for each in made.values():
        path = each.fact.address.removeprefix("https://check.example")
        assert web.client.get(path).status_code == 200, path


def test_what_has_no_form_is_refused_with_what_has(web: Web) -> None:
    for position in (0, 1):
        with pytest.raises(NotFound, match="不是可以出具的文书") as refused:
            make(web.here.ledger, Log(web.here.ledger), position, CHECK_AT)
        assert "责令限期整改指令书" in str(refused.value.todo_zh)


class TestOverHttp:
    def issue(self, web: Web, position: int, **headers: str) -> Any:  # noqa: ANN401 - any answer
        return web.post("/papers", {"document": position}, **headers)

    def test_it_is_issued_and_its_file_is_the_one_on_record(
        self, web: Web, stood: dict[str, int]
    ) -> None:
        answer = self.issue(web, stood["order.issued"])
        assert answer.status_code == 201, answer.text
        told = answer.json()
        file = web.client.get(told["file"])
        assert file.headers["Content-Type"] == "application/pdf"
        assert sha256(file.content).hexdigest() == told["digest"]
        (entry,) = web.here.ledger.record(told["record"])
        assert (entry.position, entry.topic) == (told["position"], "paper.issued")
        assert isinstance(entry.fact, EnterpriseFact)
        assert entry.fact.digest == told["digest"]  # type: ignore[attr-defined]

    def test_the_same_command_issues_it_once(self, web: Web, stood: dict[str, int]) -> None:
        key = {"Idempotency-Key": str(uuid4())}
        first = self.issue(web, stood["order.rechecked"], **key).json()
        covered(web)  # another checkpoint, so that it would come out as another file
        again = self.issue(web, stood["order.rechecked"], **key).json()
        assert again == first

    def test_the_forms_are_listed(self, web: Web) -> None:
        told = web.get("/papers/forms").json()["forms"]
        assert [each["topic"] for each in told] == list(FORMS)

    def test_a_paper_never_issued_is_not_there(self, web: Web) -> None:
        assert web.client.get(f"/api/v1/papers/{uuid4()}/file").status_code == 404

    def test_nobody_posts_a_hash_of_their_own(self, web: Web) -> None:
        body = {"document": 1, "digest": "0" * 64}
        assert web.post("/papers", body).status_code == 422
