"""What a personal signature must satisfy 签名的效力, at its place in the ledger and for ever.

:func:`fault_of` is asked before a signature is recorded, and again by whoever audits the ledger:
the same facts before the same place give the same answer. It holds a signature to 电子签名法 arts.
13 and 14 (the signer's own key, over this very content) and to clause 3.2c (the post held at the
moment of signing, one and the same text).

Whether the tree that the signer saw was truly this log's is for who can read the whole log to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import GateClosed, NotProved
from domain.fact import EnterpriseFact
from domain.labels import POST_KINDS
from domain.proof.signature import verify_statement
from domain.proof.statement import Statement
from domain.record import facts_of
from domain.signable import signable
from domain.signing import KeyRegistered, SignatureMade, SignatureWithdrawn, key_of, key_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from domain.case import Case
    from domain.fact import Entry
    from domain.proof.statement import TreeHead
    from domain.signable import Signable


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a signature does not count, and what to do; ``clause`` is that of what was signed.

    ``unsigned``: all else is right, and only the signature itself does not hold.
    """

    zh: str
    en: str
    todo_zh: str
    todo_en: str
    clause: str = "3.2c"
    unsigned: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """A signature with what it is about, as the checks below take them."""

    made: SignatureMade
    case: Case
    document: Entry
    kind: Signable

    def fault(self, zh: str, en: str, todo_zh: str, todo_en: str) -> Fault:
        return Fault(zh, en, todo_zh, todo_en, self.kind.clause)


def fault_of(made: SignatureMade, case: Case) -> Fault | None:
    """Return what is wrong with a signature, or None where it holds.

    Args:
        made: the signature.
        case: what stood before its place in the ledger: the first fact, the document, the
            signatures on it, the facts about the post and those about the key (more does no harm);
            its ``head`` is that place less one.

    Raises:
        Unavailable: it is SM2, and the extra ``daocha[gm]`` is not installed.
    """
    document = case.at_position(made.document)
    kind = signable(document.fact) if document else None
    if document is None or kind is None:
        return Fault(
            f"第{made.document}条不是可以签署的文书",
            f"what stands at {made.document} is not a document that people sign",
            "核对文书的序号",
            "check the document's position",
        )
    asked = _Asked(made, case, document, kind)
    return next((fault for check in _CHECKS if (fault := check(asked))), None)


def fault_before_signing(made: SignatureMade, case: Case) -> Fault | None:
    """Return what would be wrong with a signature that is yet to be made; else as above.

    Args:
        made: the signature, whose ``signature`` itself is not looked at.
        case: what stands on record.
    """
    fault = fault_of(made, case)
    return None if fault and fault.unsigned else fault


def statement_of(
    case: Case, document: Entry, signer: tuple[UUID, UUID, str], seen: TreeHead
) -> Statement:
    """Return what somebody states by signing a document as things stand.

    Args:
        case: what stands on record: the first fact, the document and the signatures on it.
        document: what is to be signed.
        signer: who signs, in which post, and the id of their key.
        seen: the newest tree that they have seen.

    Raises:
        GateClosed: it is no document that people sign.
    """
    kind, opened = signable(document.fact), case.opened
    if kind is None or opened is None or not isinstance(document.fact, EnterpriseFact):
        raise not_signable(document)
    person, post, key = signer
    earlier = signatures_on(case, document)
    return Statement(
        log=opened[1].origin,
        document=document.hash.hex(),
        organisation=document.fact.enterprise,
        period=getattr(document.fact, "month", None),
        person=person,
        post=post,
        key=key,
        meaning=kind.meaning(document.fact),
        seen=seen,
        after=earlier[-1][0].hash.hex() if earlier else None,
    )


def not_signable(document: Entry) -> GateClosed:
    """Return the error that a fact is no document that people sign."""
    return GateClosed(
        f"第{document.position}条“{document.fact.topic.zh}”不是可以签署的文书",
        f"what stands at {document.position} is not a document that people sign",
        todo_zh="核对文书的序号",
        todo_en="check the document's position",
        clause="3.2c",
    )


def signatures_on(case: Case, document: Entry) -> list[tuple[Entry, SignatureMade]]:
    """Return every signature on a document, withdrawn ones included, in the ledger's order."""
    made = case.signatures.get(document.position, [])
    return [each for each in made if each[1].statement.document == document.hash.hex()]


def withdrawal_of(case: Case, signature: UUID) -> Entry | None:
    """Return the fact by which a signature was withdrawn, given its record."""
    withdrawn = facts_of(case.entries, SignatureWithdrawn)
    return next((entry for entry, _ in withdrawn if entry.record == signature), None)


def _of_this_log(asked: _Asked) -> Fault | None:
    opened = asked.case.opened
    if opened and opened[1].origin == asked.made.statement.log:
        return None
    return asked.fault(
        "声明所指的是另一份台账",
        "the statement is for another log",
        "在本台账重新签署",
        "sign again for this log",
    )


def _of_this_text(asked: _Asked) -> Fault | None:
    document = asked.document
    if document.position in asked.case.corrected_by:
        return asked.fault(
            "所签文书已被更正",
            "the document has been corrected since",
            "重新提交正确的文书，再签署",
            "submit the right text, then sign that",
        )
    if asked.made.statement.document == document.hash.hex():
        return None
    return asked.fault(
        "所签的不是这一份文书：叶散列不符",
        "another text was signed: the leaf hash differs",
        "读取现行文书，核对后再签署",
        "read the document again, check it and sign that",
    )


def _about_the_same(asked: _Asked) -> Fault | None:
    made, document = asked.made, asked.document
    fact, statement = document.fact, made.statement
    enterprise = fact.enterprise if isinstance(fact, EnterpriseFact) else None
    about = f"{fact.topic.noun}:{document.record}"
    if made.about == about and made.enterprise == statement.organisation == enterprise:
        return None
    return asked.fault(
        "签名所称的单位或档案与文书不符",
        "the signature names another organisation or record than the document",
        "按文书所涉单位重新签署",
        "sign for the organisation that the document is about",
    )


def _of_this_period(asked: _Asked) -> Fault | None:
    period = getattr(asked.document.fact, "month", None)
    if asked.made.statement.period == period:
        return None
    return asked.fault(
        "声明的期间与文书不符",
        "the statement is for another period than the document",
        f"期间应为{period or '空'}",
        f"the period is {period or 'none'}",
    )


def _says_what_it_means(asked: _Asked) -> Fault | None:
    meaning = asked.kind.meaning(asked.document.fact)
    if asked.made.statement.meaning == meaning:
        return None
    return asked.fault(
        "声明的含义与文书不符",
        "the statement does not say what the document does",
        f"应逐字写明：{meaning}",
        f"it must read: {meaning}",
    )


def _in_a_fitting_post(asked: _Asked) -> Fault | None:
    made, kind = asked.made, asked.kind
    post = asked.case.directory.posts.get(made.statement.post)
    fits = (
        post is not None
        and post.kind is made.role
        and post.organisation == kind.signer(asked.document.fact)
        and (not kind.posts or post.kind in kind.posts)
    )
    if fits:
        return None
    posts = "或".join(POST_KINDS[each] for each in kind.posts) or "岗位"
    return asked.fault(
        "签署岗位不是应签署此文书的单位的相应岗位",
        "the post is not one that signs this document",
        f"由出具文书的单位的{posts}签署，并写明其类别",
        "let a post of the body whose document it is sign, and name its kind",
    )


def _holds_the_post(asked: _Asked) -> Fault | None:
    statement = asked.made.statement
    directory = asked.case.directory
    post = directory.posts[statement.post]
    held = any(
        each.person == statement.person and each.until is None
        for each in directory.holdings(statement.post)
    )
    if held and post.abolished is None:
        return None
    title = POST_KINDS[post.kind]
    return asked.fault(
        f"签字人此刻未担任本单位{title}",
        f"the signer does not hold the post of {post.kind.value.replace('_', ' ')} at this moment",
        "由现任（含代理）人员签字；岗位空缺的先任命",
        "let the present (or acting) holder sign; fill the post if it is vacant",
    )


def _own_key(asked: _Asked) -> Fault | None:
    statement = asked.made.statement
    key = key_of(asked.case.all_entries, key_record(statement.key))
    if key.person != statement.person:
        return asked.fault(
            "这把密钥没有登记在签字人名下",
            "the key is not registered to the signer",
            "用本人登记过的密钥签署；尚无密钥的，由登记人当面核验后登记",
            "sign with a key registered to you; where there is none, have a registrar register one",
        )
    if key.ended:
        revoked = key.ended.topic == "key.revoked"
        return asked.fault(
            "这把密钥已吊销" if revoked else "这把密钥已被新密钥替换",
            "the key was revoked" if revoked else "the key was replaced by a new one",
            "用现行密钥签署",
            "sign with the key in force",
        )
    return None


def _saw_it(asked: _Asked) -> Fault | None:
    seen, head = asked.made.statement.seen, asked.case.head
    if seen.size < asked.document.position:
        return asked.fault(
            "签字人所见的日志尚不含此文书",
            "the tree that the signer saw does not hold the document yet",
            "取得含有此文书的最新检查点，再签署",
            "take a checkpoint that holds the document, then sign",
        )
    if head is not None and seen.size > head:
        return asked.fault(
            "签字人所见的日志比本台账还长",
            "the tree that the signer saw is larger than this log",
            "取得本台账的最新检查点，再签署",
            "take the latest checkpoint of this log, then sign",
        )
    return None


def _after_the_last(asked: _Asked) -> Fault | None:
    earlier = signatures_on(asked.case, asked.document)
    last = earlier[-1][0].hash.hex() if earlier else None
    if asked.made.statement.after == last:
        return None
    return asked.fault(
        "未写明此文书上的前一签名" if last else "写明了前一签名，而此文书尚无签名",
        "it does not name the signature before it" if last else "there is no signature before it",
        "重新读取文书，按其上最后一个签名的叶散列填写，再签署",
        "read the document again, name the last signature on it, then sign",
    )


def _once_a_post(asked: _Asked) -> Fault | None:
    statement = asked.made.statement
    again = any(
        (fact.statement.person, fact.statement.post) == (statement.person, statement.post)
        and withdrawal_of(asked.case, entry.record) is None
        for entry, fact in signatures_on(asked.case, asked.document)
    )
    if not again:
        return None
    return asked.fault(
        "此人以此岗位已签署这份文书",
        "this person has signed this document in this post",
        "无须再签；另一岗位另签一次",
        "once is enough; sign once more only in another post",
    )


def _signed(asked: _Asked) -> Fault | None:
    statement = asked.made.statement
    tag = key_record(statement.key)
    registered = facts_of(asked.case.all_entries, KeyRegistered)
    key = next(fact.key for entry, fact in registered if entry.record == tag)
    try:
        verify_statement(statement, key, asked.made.signature)
    except NotProved as error:
        return Fault(
            f"签名不成立：{error.zh}",
            f"the signature does not hold: {error.en}",
            "对声明的摘要重新签名，原样提交",
            "sign the statement's digest again and send it as it is",
            asked.kind.clause,
            unsigned=True,
        )
    return None


_CHECKS: tuple[Callable[[_Asked], Fault | None], ...] = (
    _of_this_log,
    _of_this_text,
    _about_the_same,
    _of_this_period,
    _says_what_it_means,
    _in_a_fitting_post,
    _holds_the_post,
    _own_key,
    _saw_it,
    _after_the_last,
    _once_a_post,
    _signed,
)
"""What is asked of a signature, in this order; the first that fails is told."""
