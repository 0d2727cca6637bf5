"""The page and the program say the same of a bundle: verdict for verdict, claim for claim."""

from __future__ import annotations

import json
import os
import random
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from domain.errors import Invalid
from domain.fact import canonical, leaf_hash
from domain.proof import ed25519, sm2
from domain.proof.bundle import open_bundle
from domain.proof.claims import Claim, claims_of
from domain.proof.cosignature import MlDsaCosigner
from domain.proof.encoding import write_base64
from domain.proof.note import write_note
from domain.proof.signature import PersonalSignature, PublicKey
from domain.proof.statement import Statement
from domain.proof.trust import read_trust
from domain.proof.webauthn import Assertion, Passkey
from tests.domain.proof.test_webauthn import KEY, ORIGINS, RP_ID, SEED, answer, client_data, data
from tests.support.corpus import Opened, collect
from tests.support.evidence import (
    DEPUTY,
    DISCLOSED,
    ENTERPRISE,
    LOG,
    POLICY,
    SHOWN,
    TIME,
    Log,
    dump,
    known_signers,
    zero_report,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.e2e.engines import Engine

UNLOCKED = f"log {LOG.key}\nquorum none\n"
"""The policy for bundles that nobody cosigned."""
CHANGES = int(os.environ.get("DAOCHA_CHANGES", "300"))
"""How many random changes are tried in each browser."""


def tell(claim: Claim) -> list[object]:
    return [claim.key, list(claim.facts), claim.words("zh"), claim.words("en")]


def program(opened: Opened) -> dict[str, Any] | None:
    """Return what the program says is proved and open; None where it refuses."""
    try:
        claims = claims_of(open_bundle(opened.data, read_trust(opened.policy)))
    except Invalid:
        return None
    return {name: list(map(tell, getattr(claims, name))) for name in ("proved", "open")}


def compare(engine: Engine, bundles: Sequence[Opened]) -> int:
    """Check that both say the same of each bundle, and return how many are good."""
    answers = engine.call("whole", "told", bundles)
    expected = list(map(program, bundles))
    for bundle, said, told in zip(bundles, answers, expected, strict=True):
        assert said.value == told, (said.refused, bundle.data[:300])
    return sum(told is not None for told in expected)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[Opened]:
    """Every bundle that other tests open."""
    return collect(tmp_path_factory.mktemp("corpus"))


def test_every_bundle_that_other_tests_open(engine: Engine, corpus: list[Opened]) -> None:
    good = compare(engine, corpus)
    assert good > 20
    assert len(corpus) - good > 50


@pytest.fixture(scope="module")
def small() -> bytes:
    """A bundle as small as it gets: a report that nobody signed, and no witness."""
    log = Log()
    log.open()
    log.organisation(ENTERPRISE, "沂河化工有限公司")
    log.report()
    content = json.loads(log.bundle(1, 2, 3).write())
    content["checkpoint"] = write_note(
        content["checkpoint"].partition("\n\n")[0] + "\n",
        [LOG.sign(content["checkpoint"].partition("\n\n")[0] + "\n")],
    ).decode()
    return canonical(content)


def test_every_single_character(engine: Engine, small: bytes) -> None:
    chance = random.Random(1)  # noqa: S311 - which letter is no secret
    text = small.decode()
    step = 1 if engine.name == "firefox" else 8
    changed = []
    for at in range(0, len(text), step):
        letter = chance.choice([each for each in 'aA0/+9"\\{},: é' if each != text[at]])
        changed.append(Opened((text[:at] + letter + text[at + 1 :]).encode(), UNLOCKED))
    assert compare(engine, [Opened(small, UNLOCKED)]) == 1
    assert compare(engine, changed) == 0


def test_random_changes(engine: Engine) -> None:
    """Characters and bytes changed, left out, put in, moved; numbers and texts exchanged."""
    chance = random.Random(2)  # noqa: S311
    good = zero_report().bundle(*SHOWN, disclosed=DISCLOSED).write()
    changed = [Opened(distorted(good, chance), POLICY) for _ in range(CHANGES)]
    assert compare(engine, changed) == 0


def distorted(good: bytes, chance: random.Random) -> bytes:
    """Return something else than ``good``, but close to it."""
    at, other = chance.randrange(len(good)), chance.randrange(len(good))
    made = [
        good[:at] + bytes([chance.randrange(256)]) + good[at + 1 :],
        good[:at] + good[at + chance.randint(1, 4) :],
        good[:at] + bytes([chance.choice(b'aA0"{}[],: ')]) + good[at:],
        good[:at] + good[other : other + 1] + good[at + 1 :],
        exchanged(good, chance),
    ]
    found = chance.choice(made)
    return found if found != good else distorted(good, chance)


def exchanged(good: bytes, chance: random.Random) -> bytes:
    """Return a bundle in canonical form in which one value is another value of it."""
    content = json.loads(good)
    places = list(walk(content))
    parent, name = chance.choice(places)
    source, other = chance.choice(places)
    parent[name] = source[other]
    try:
        return canonical(content)
    except (Invalid, RecursionError):  # it holds itself now
        return good


def walk(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any JSON
    """Yield every place in a value: what holds it, and its name there."""
    names = list(value) if isinstance(value, dict) else range(len(value))
    for name in names:
        yield value, name
        if isinstance(value[name], dict | list):
            yield from walk(value[name])


# Every suite, and what passes elsewhere but not here.


def signed_with(key: PublicKey, *signatures: PersonalSignature) -> Iterator[Opened]:
    """Yield a bundle with each signature under one and the same statement."""
    for signature in signatures:
        log, report = ready(key)
        log.sign(DEPUTY, report, {"signature": dump(signature)}, key=key.id)
        positions = [n for n in range(1, len(log.leaves) + 1) if n not in {7, 8, 9, 10}]
        yield Opened(log.bundle(*positions).write(), POLICY)


def ready(key: PublicKey) -> tuple[Log, bytes]:
    log = known_signers()
    record = UUID(int=99)
    changes = {"key": dump(key), "person": str(DEPUTY)}
    log.append("key.registered", record, changes, [f"person:{DEPUTY}"])
    return log, log.report()


def statement_for(key: PublicKey) -> Statement:
    log, report = ready(key)
    return log.statement(DEPUTY, report, key=key.id)


def passkey(passkey: Passkey, *answers: Assertion) -> list[Opened]:
    key = PublicKey.of_passkey(passkey)
    signatures = (
        PersonalSignature(
            value=write_base64(each.signature),
            authenticator_data=write_base64(each.authenticator_data),
            client_data=write_base64(each.client_data),
        )
        for each in answers
    )
    return list(signed_with(key, *signatures))


def test_passkeys(engine: Engine) -> None:
    challenge = statement_for(PublicKey.of_passkey(KEY)).digest()
    good = answer(data(), client_data(challenge=challenge))
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    high = order - int.from_bytes(good.signature[32:])
    bad = [
        good._replace(signature=good.signature[:32] + high.to_bytes(32)),
        answer(data(0x01), client_data(challenge=challenge)),  # not verified
        answer(data(0x04), client_data(challenge=challenge)),  # not present
        answer(data(0x15), client_data(challenge=challenge)),  # backed up, yet not eligible
        answer(data(rpid := 0x05, "else.org"), client_data(challenge=challenge)),
        answer(data(), client_data(challenge=challenge, rest=',"crossOrigin":true}')),
        answer(
            data(),
            client_data(
                challenge=challenge, rest=',"crossOrigin":false,"topOrigin":"https://x.org"}'
            ),
        ),
        answer(data(), client_data(challenge=challenge, origin="https://evil.org")),
        answer(data(), client_data()),
        answer(data(), client_data("webauthn.create", challenge)),
        answer(data(0x45), client_data(challenge=challenge)),
        answer(data(rpid, rest=b"x"), client_data(challenge=challenge)),
    ]
    assert compare(engine, passkey(KEY, good)) == 1
    assert compare(engine, passkey(KEY, *bad)) == 0


def test_passkeys_with_ed25519(engine: Engine) -> None:
    key = Passkey("eddsa", ed25519.public_key(SEED), RP_ID, ORIGINS)
    challenge = statement_for(PublicKey.of_passkey(key)).digest()
    client = client_data(challenge=challenge)
    value = ed25519.sign(SEED, data() + sha256(client).digest())
    assert compare(engine, passkey(key, Assertion(data(), client, value))) == 1


def test_sm2(engine: Engine) -> None:
    library = pytest.importorskip("gmssl_pyx")
    public, private = library.sm2_key_generate()
    key = PublicKey(suite="sm2", public=write_base64(b"\x04" + public))
    digest = statement_for(key).digest()
    value = sm2.normal_form(library.sm2_sign(private, public, digest, sm2.SIGNER_ID))
    good = PersonalSignature(value=write_base64(value))
    swapped = PersonalSignature(value=write_base64(value[32:] + value[:32]))
    assert compare(engine, list(signed_with(key, good))) == 1
    assert compare(engine, list(signed_with(key, swapped))) == 0


def test_a_witness_that_signs_with_ml_dsa(engine: Engine) -> None:
    witness = MlDsaCosigner("province.example/witness", bytes([9]) * 32)
    policy = f"log {LOG.key}\nwitness province {witness.key}\nquorum province\n"
    content = json.loads(zero_report().bundle(*SHOWN).write())
    text = content["checkpoint"].partition("\n\n")[0] + "\n"
    signatures = sorted([LOG.sign(text), witness.cosign(text, TIME)])
    content["checkpoint"] = write_note(text, signatures).decode()
    good = canonical(content)
    assert compare(engine, [Opened(good, policy)]) == 1
    assert compare(engine, [Opened(good, POLICY)]) == 0
    other = text.replace(str(313 + 1), str(313 + 2))
    content["checkpoint"] = write_note(other, signatures).decode()
    assert compare(engine, [Opened(canonical(content), policy)]) == 0


def test_documents_are_named_by_their_leaf(engine: Engine) -> None:
    """A check of these tests themselves: what is compared is not empty."""
    log = zero_report()
    good = Opened(log.bundle(*SHOWN, disclosed=DISCLOSED).write(), POLICY)
    (said,) = engine.call("whole", "told", [good])
    assert len(said.value["proved"]) == 10
    assert leaf_hash(log.leaves[10]).hex() in good.data.decode()
