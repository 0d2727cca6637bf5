"""Making out a document on paper 出具文书: the form, the evidence inside, the file's hash.

A paper is of one fact and goes by one checkpoint: with the same two it is the same file, to the
byte, whenever and wherever it is made again, unless words in it were erased meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from api.bundling import Bundler
from api.documents.forms import FORMS, form_of
from api.documents.forms.dossier import dossier
from api.documents.forms.filling import Filling
from api.documents.paper import Text
from api.documents.press import LAYOUT, Mark, press
from domain.errors import Contradiction, NotFound, Unavailable
from domain.fact import EnterpriseFact, canonical
from domain.ledger_opened import LedgerOpened
from domain.paper import PaperIssued, paper_id
from domain.policy.duty import Docket
from domain.proof.code import short_code
from domain.reading import read_case
from domain.recording import Act, record
from domain.trace import Question, trace

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from api.documents.paper import Paper
    from domain.fact import Actor, Entry
    from domain.ledger import Ledger, Published
    from projections.log import Log

CODE_STANDS_FOR = "{code}"
"""Where in the address of the check page the code belongs."""


@dataclass(frozen=True, slots=True)
class Made:
    """A paper that was made: what stands on it, the file, and the fact that it was issued."""

    paper: Paper
    fact: PaperIssued
    file: bytes

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"{self.paper.title}-{self.paper.number}.pdf"

    @property
    def record(self) -> UUID:
        """The record of this paper."""
        return paper_id(self.fact.digest)


def make(ledger: Ledger, log: Log, document: int, check_at: str) -> Made:
    """Make the paper of a document by the newest checkpoint; nothing is recorded.

    Args:
        ledger: where the document stands.
        log: proves that it does.
        document: its position.
        check_at: the address of the check page, with ``{code}`` in the code's place; what the QR
            code says.

    Raises:
        NotFound: nothing stands there that has a paper.
        Unavailable: no checkpoint covers it yet.
    """
    published = log.latest()
    if published is None or published.size < document <= ledger.head().position:
        raise Unavailable(
            f"第{document}条尚未载入已公布的检查点，不能出具文书",
            f"no published checkpoint covers fact {document} yet",
            todo_zh="稍候再试；未运行服务时先运行 daocha log publish",
            todo_en="try again in a moment; where no server runs, run daocha log publish first",
            where="document",
        )
    return _make(ledger, log, published, document, check_at)


def issued_paper(ledger: Ledger, paper: UUID) -> PaperIssued:
    """Return what is on record of a paper that was issued.

    Raises:
        NotFound: none was under this id.
    """
    issued = next((e.fact for e in ledger.record(paper) if isinstance(e.fact, PaperIssued)), None)
    if issued is None:
        raise NotFound(
            f"没有出具过文书 {paper}",
            f"no paper {paper} was issued",
            todo_zh="核对编号，或重新出具",
            todo_en="check the id, or issue it anew",
            where="paper",
        )
    return issued


def make_again(ledger: Ledger, log: Log, issued: PaperIssued) -> Made:
    """Make a paper that was issued once more, and return it if it is the same file.

    Raises:
        Contradiction: it comes out otherwise: words in it were erased since, or the layout changed.
    """
    published = ledger.checkpoints.numbered(issued.checkpoint)
    assert published is not None  # noqa: S101 - no checkpoint is ever taken away
    made = _make(ledger, log, published, issued.document, issued.address)
    if made.fact.digest != issued.digest:
        raise Contradiction(
            "按原样重制的文书与出具时不同：其中的文字其后已被删除，或版式已改",
            "made again it is another file: words in it were erased since, or the layout changed",
            todo_zh="请用保存的原件，或重新出具",
            todo_en="use the file that was kept, or issue it anew",
            where="paper",
        )
    return made


def issue(made: Made, ledger: Ledger, *, command: UUID, by: Actor, now: datetime) -> Entry:
    """Put on record that a paper was issued, and return the fact; the same file is issued once.

    Args:
        made: the paper.
        ledger: where to.
        command: the client's id for this command: the same again gives the paper issued then.
        by: who issues it.
        now: the server's clock.
    """
    issued = ledger.record(made.record)
    if issued:
        return issued[0]
    receipt = record(
        ledger,
        [Act(made.record, made.fact, now)],
        command=command,
        by=by,
        received=now,
        # A second try goes by a newer checkpoint and is the same command all the same.
        sent=canonical({"document": made.fact.document, "address": made.fact.address}),
    )
    return ledger.range(receipt.positions[0] - 1, 1)[0]


def _make(ledger: Ledger, log: Log, published: Published, document: int, check_at: str) -> Made:
    entry = _document(ledger, document)
    code = short_code(entry.hash)
    (last,) = ledger.range_raw(published.size - 1, 1)
    fact = entry.fact
    assert isinstance(fact, EnterpriseFact)  # noqa: S101 - every document is about an enterprise
    case = read_case(ledger, fact.enterprise, upto=published.size)
    docket = Docket(fact.enterprise, case, last.recorded)
    filling = Filling(docket, entry, code)
    question = Question(entry.happened, incident=entry.record)
    bundler = Bundler(ledger, log, published)
    form = FORMS[entry.topic]
    if form.fill is None:
        told = trace(fact.enterprise, case, question).model_copy(update={"head": published.size})
        paper = dossier(filling, told)
        evidence: bytes | None = bundler.of_trace(fact.enterprise, question)
    else:
        paper = form.fill(filling)
        evidence = bundler.of_document(entry)
    address = check_at.replace(CODE_STANDS_FOR, code)
    mark = Mark(
        code=code,
        address=address,
        facts=filling.facts,
        size=published.size,
        at=last.recorded,
        simulated=_opened(ledger).clock == "simulated",
        evidence=evidence,
    )
    paper = _as_corrected(paper, docket, entry)
    file = press(paper, mark)
    issued = PaperIssued(
        enterprise=fact.enterprise,
        document=document,
        checkpoint=published.number,
        layout=LAYOUT,
        address=address,
        digest=sha256(file).hexdigest(),
    )
    return Made(paper, issued, file)


def _document(ledger: Ledger, position: int) -> Entry:
    found = ledger.range(position - 1, 1) if position > 0 else []
    if not found or form_of(found[0]) is None:
        known = "、".join(dict.fromkeys(form.zh for form in FORMS.values()))
        raise NotFound(
            f"第{position}条不是可以出具的文书",
            f"what stands at {position} has no form on paper",
            todo_zh=f"可以出具：{known}",
            todo_en="see the list of forms: GET /api/v1/papers/forms",
            where="document",
        )
    return found[0]


def _as_corrected(paper: Paper, docket: Docket, entry: Entry) -> Paper:
    """Return a paper with the notice that its fact was corrected, where it was."""
    corrected = docket.corrected_by.get(entry.position)
    if corrected is None:
        return paper
    notice = f"注意：本文书所依据的第{entry.position}条事实，已被第{corrected}条更正。"
    return replace(paper, blocks=(Text((notice,)), *paper.blocks))


def _opened(ledger: Ledger) -> LedgerOpened:
    opened = ledger.genesis().fact
    assert isinstance(opened, LedgerOpened)  # noqa: S101 - the first fact is no other
    return opened
