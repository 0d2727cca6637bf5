"""攻击者假冒个人签名: refused when it is to be recorded, found by the audit when slipped in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.bindings import crypto_core_ed25519_add
from pytest_bdd import given, step, then, when

from domain.monthly_report import ReportFiled, report_id
from domain.people import PostKind
from domain.proof import ed25519, p256
from domain.proof.encoding import write_base64, write_base64url
from domain.proof.signature import PersonalSignature, PublicKey
from domain.proof.webauthn import Passkey
from domain.signing import (
    KeyRegistered,
    SignatureMade,
    SignatureWithdrawn,
    key_record,
    signature_record,
)
from tests.features.attack import Attack
from tests.features.phrases import phrase
from tests.support import pens
from tests.support.ledger import sealed
from tests.support.stage import DEPARTMENT, ENTERPRISE, PEOPLE, POSTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.proof.statement import Statement

_POST_OF = {"张总": "主要负责人", "李副总": "分管负责人"}
_RP, _ORIGIN = "yj.example.gov.cn", "https://yj.example.gov.cn"
_PASSKEY = ec.derive_private_key(20240531, ec.SECP256R1())


def try_statement(attack: Attack, who: str, post: str, statement: Statement, pen: str) -> None:
    """Let somebody record a signature under a statement."""
    with attack.stage.opened() as ledger:
        fact = attack.stage.made(ledger, statement, post, pen)
    attack.try_to_record(signature_record(statement), fact, who)


@when(phrase("“{who:name}”以{post:title}身份用“{pen:name}”签署零报告"))
def _(attack: Attack, who: str, post: str, pen: str) -> None:
    with attack.stage.opened() as ledger:
        statement = attack.stage.statement(ledger, who, post, pen)
    try_statement(attack, who, post, statement, pen)


@then(phrase("登记被拒绝：{said:words}"))
def _(attack: Attack, said: str) -> None:
    attack.refusal_says(said)


@step("攻击者绕过登记直接写入")
def _(attack: Attack) -> None:
    attack.refusal = None
    attack.slip_in()


_UNTRUE: dict[str, Callable[[Statement], dict[str, object]]] = {
    "文书": lambda _: {"document": "0" * 64},
    "单位": lambda _: {"organisation": DEPARTMENT},
    "月份": lambda _: {"period": "2024-06"},
    "含义": lambda _: {"meaning": "本单位2024年5月一切正常"},
    "日志": lambda _: {"log": "other.example/log"},
    "所见太旧": lambda s: {"seen": s.seen.model_copy(update={"size": 2})},
    "所见过新": lambda s: {"seen": s.seen.model_copy(update={"size": 99})},
    "所见树根": lambda s: {"seen": s.seen.model_copy(update={"root": "0" * 64})},
    "前一签名": lambda _: {"after": None},
}


@when(phrase("“{who:name}”签署的声明中{what:title}不实"))
def _(attack: Attack, who: str, what: str) -> None:
    with attack.stage.opened() as ledger:
        statement = attack.stage.statement(ledger, who, _POST_OF[who])
    untrue = statement.model_copy(update=_UNTRUE[what](statement))
    try_statement(attack, who, _POST_OF[who], untrue, who)


@given(phrase("“{who:name}”撤回了自己的签名"))
def _(attack: Attack, who: str) -> None:
    with attack.stage.opened() as ledger:
        signed = attack.stage.entries(ledger)[attack.at(f"{who}的签名") - 1]
        assert isinstance(signed.fact, SignatureMade)
        fact = SignatureWithdrawn(
            enterprise=ENTERPRISE,
            about=signed.fact.about,
            person=PEOPLE[who],
            reason=sealed("须改签", ENTERPRISE),
        )
        attack.stage.record(ledger, signed.record, fact, by=who)


@when(phrase("“{who:name}”的声明配上“{other:name}”的签名"))
def _(attack: Attack, who: str, other: str) -> None:
    with attack.stage.opened() as ledger:
        entries = attack.stage.entries(ledger)
        fresh = attack.stage.statement(ledger, who, _POST_OF[who])
    theirs = entries[attack.at(f"{other}的签名") - 1].fact
    assert isinstance(theirs, SignatureMade)
    document = entries[attack.at("零报告") - 1]
    fact = pens.made(document, POSTS[_POST_OF[who]][1], fresh, theirs.signature)
    attack.try_to_record(signature_record(fresh), fact, who)


@given("“沂河化工”又上报2024年6月的零报告")
def _(attack: Attack) -> None:
    filed = ReportFiled(enterprise=ENTERPRISE, month="2024-06", kind="zero", to_org=DEPARTMENT)
    with attack.stage.opened() as ledger:
        attack.stage.record(
            ledger,
            report_id(ENTERPRISE, "2024-06"),
            filed,
            by="李副总",
            name="六月的零报告",
            later=timedelta(days=40),
        )


@when(phrase("攻击者把“{what:name}”用于六月的零报告"))
def _(attack: Attack, what: str) -> None:
    with attack.stage.opened() as ledger:
        entries = attack.stage.entries(ledger)
    old = entries[attack.at(what) - 1].fact
    june = entries[attack.at("六月的零报告") - 1]
    assert isinstance(old, SignatureMade)
    fact = pens.made(june, PostKind.PRINCIPAL, old.statement, old.signature)
    attack.try_to_record(signature_record(old.statement), fact, "张总")


# 小阶密钥

_SMALL = {
    "全零的": bytes(32),
    "阶为一的": bytes([1]) + bytes(31),
    "阶为二的": bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    "阶为四的": bytes(31) + b"\x80",
    "阶为八的": bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    "非规范编码的": bytes.fromhex(
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
    ),
    "带小阶分量的": crypto_core_ed25519_add(
        ed25519.public_key(bytes(32)),
        bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ),
}


@when(phrase("有人登记{which:title}公钥"))
def _(attack: Attack, which: str) -> None:
    public = write_base64(_SMALL[which])
    attack.refused(
        lambda: KeyRegistered(person=PEOPLE["赵某"], key=PublicKey(suite="ed25519", public=public))
    )


@then("公钥不被接受")
def _(attack: Attack) -> None:
    attack.refusal_says("not a good public key")


# 通行密钥


def passkey() -> PublicKey:
    """Return the public half of a passkey."""
    point = _PASSKEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return PublicKey.of_passkey(Passkey("es256", point, _RP, (_ORIGIN,)))


@dataclass
class Answer:
    """What an authenticator and a browser answer; an attacker changes any of it."""

    challenge: bytes
    ceremony: str = "webauthn.get"
    origin: str = _ORIGIN
    rest: str = ',"crossOrigin":false}'
    rp_id: str = _RP
    flags: int = 0x05

    def signed(self) -> tuple[bytes, bytes, bytes]:
        """Return authenticator data, client data, and the signature in DER."""
        data = sha256(self.rp_id.encode()).digest() + bytes([self.flags]) + bytes(4)
        client = (
            f'{{"type":"{self.ceremony}","challenge":"{write_base64url(self.challenge)}",'
            f'"origin":"{self.origin}"{self.rest}'
        ).encode()
        der = _PASSKEY.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return data, client, der


_ANSWERS: dict[str, dict[str, Any]] = {
    "网页被他站嵌入": {"rest": ',"crossOrigin":true}'},
    "顶层网页是他站": {"rest": ',"crossOrigin":false,"topOrigin":"https://evil.example"}'},
    "未验证本人": {"flags": 0x01},
    "本人未在场": {"flags": 0x04},
    "网页来源是他站": {"origin": "https://evil.example"},
    "依赖方是他站": {"rp_id": "evil.example"},
    "是注册而非签署": {"ceremony": "webauthn.create"},
    "所签是另一声明": {"challenge": bytes(32)},
}


def _other_half(value: bytes) -> bytes:
    s = p256.ORDER - int.from_bytes(value[32:])
    return value[:32] + s.to_bytes(32)


_VARIANTS: dict[str, Callable[[bytes], bytes]] = {
    "换成另一个等价值": _other_half,
    "改了一位": lambda value: value[:-1] + bytes([value[-1] ^ 1]),
    "补了一个零字节": lambda value: value + b"\0",
}


@given(phrase("“{who:name}”登记了一把通行密钥"))
def _(attack: Attack, who: str) -> None:
    key = passkey()
    with attack.stage.opened() as ledger:
        fact = KeyRegistered(person=PEOPLE[who], key=key)
        attack.stage.record(ledger, key_record(key.id), fact)


def sign_with_passkey(
    attack: Attack, who: str, changes: dict[str, Any], vary: Callable[[bytes], bytes]
) -> None:
    """Let somebody sign with a passkey, the answer or the signature changed."""
    post = _POST_OF[who]
    with attack.stage.opened() as ledger:
        entries = attack.stage.entries(ledger)
    document = entries[attack.at("零报告") - 1]
    key = passkey()
    statement = pens.statement_of(entries, document, PEOPLE[who], POSTS[post][0], key)
    data, client, der = Answer(**{"challenge": statement.digest(), **changes}).signed()
    value = vary(p256.normal_form(der))
    signature = PersonalSignature(
        value=write_base64(value),
        authenticator_data=write_base64(data),
        client_data=write_base64(client),
    )
    fact = pens.made(document, POSTS[post][1], statement, signature)
    attack.try_to_record(signature_record(statement), fact, who)


@when(phrase("“{who:name}”用通行密钥签署，签名{variant:title}"))
def _(attack: Attack, who: str, variant: str) -> None:
    sign_with_passkey(attack, who, {}, _VARIANTS[variant])


@when(phrase("“{who:name}”用通行密钥签署，而{what:title}"))
def _(attack: Attack, who: str, what: str) -> None:
    sign_with_passkey(attack, who, _ANSWERS[what], lambda value: value)


_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "末尾多一字节": lambda der: der + b"\0",
    "长度写成长式": lambda der: der[:1] + b"\x81" + der[1:],
    "多一个零前缀": lambda der: (
        der[:1] + bytes([der[1] + 1]) + der[2:3] + bytes([der[3] + 1]) + b"\0" + der[4:]
    ),
    "值为零": lambda _: bytes.fromhex("3006020100020100"),
}


@when(phrase("通行密钥给出的签名编码{variant:title}"))
def _(attack: Attack, variant: str) -> None:
    der = _PASSKEY.sign(b"x", ec.ECDSA(SHA256()))
    while der[3] == 33:
        der = _PASSKEY.sign(b"x", ec.ECDSA(SHA256()))
    attack.refused(lambda: p256.normal_form(_ENCODINGS[variant](der)))


@then("签名编码不被接受")
def _(attack: Attack) -> None:
    attack.refusal_says("")
