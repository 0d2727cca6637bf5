"""Signing: what is put before a signer, and passkeys made in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from api.access import TheCaller, actor
from api.authority import Authority
from api.documentation import ERRORS, ERRORS_OF_QUESTIONS, HEADERS_OF_COMMANDS
from api.routes.commands import CommandId, Recorded
from api.routes.strict import StrictRoute
from api.sent import Sent
from api.serving import TheServing
from api.sessions import own_origin
from api.signing import Prepared, prepare, read_passkey, registration_challenge
from domain.people import PostKind
from domain.proof.encoding import read_base64, write_base64, write_base64url
from domain.proof.signature import PublicKey
from domain.proof.statement import Statement
from domain.recording import Act, record
from domain.signing import KeyId, KeyRegistered, Vouching, key_record

if TYPE_CHECKING:
    from api.serving import Serving

signing = APIRouter(route_class=StrictRoute, tags=["电子签名 · Personal signatures"])
_LARGEST_POSITION = 2**53 - 1
_ES256, _EDDSA = -7, -8
_TIMEOUT = 120_000
Base64 = Annotated[str, Field(min_length=1, max_length=8192, examples=["eyJ0eXBlIjoi"])]


class StatementPrepared(BaseModel):
    """A statement to be signed, and what to send when it is."""

    statement: Statement
    canonical: str = Field(
        description="声明的规范 JSON（base64） · the statement in canonical JSON (RFC 8785)"
    )
    digest: str = Field(
        description=(
            "要签名的 32 字节（base64）：SHA-256(“daocha.signature/v1\\n” ‖ 声明)"
            " · the 32 bytes to be signed"
        )
    )
    enterprise: UUID
    document: int
    role: PostKind
    passkey: dict[str, Any] | None = Field(
        default=None, description="通行密钥的签名请求 · what to hand to navigator.credentials.get"
    )


@signing.get(
    "/facts/{position}/statement",
    summary="取得待签署的声明 · The statement to sign under a document",
    response_model_exclude_none=True,
    responses=ERRORS_OF_QUESTIONS,
)
def prepare_statement(
    *,
    position: Annotated[
        int, Path(ge=1, le=_LARGEST_POSITION, description="文书的序号 · the document's position")
    ],
    person: Annotated[UUID, Query(description="签署人 · who signs")],
    post: Annotated[UUID, Query(description="签署岗位 · in which post")],
    key: Annotated[KeyId, Query(description="签署所用密钥的编号 · the id of the key to sign with")],
    here: TheServing,
    _: TheCaller,
) -> StatementPrepared:
    """Return exactly what is to be signed; what could not be recorded is refused here already.

    Sign ``digest`` with the private key and post ``statement`` and signature to ``/signatures``,
    together with ``enterprise``, ``document`` and ``role`` as they stand here. A zero report takes
    effect only with the signatures of both posts' holders (3.2c).
    """
    prepared = prepare(here, position, person, post, key)
    statement = prepared.statement
    return StatementPrepared(
        statement=statement,
        canonical=write_base64(statement.canonical()),
        digest=write_base64(statement.digest()),
        enterprise=statement.organisation,
        document=position,
        role=prepared.made.role,
        passkey=_request_of(prepared),
    )


def _request_of(prepared: Prepared) -> dict[str, Any] | None:
    """Return the options of navigator.credentials.get (WebAuthn §5.5), binary as base64url."""
    registered = prepared.key
    if registered.key.rp_id is None:
        return None
    known = registered.credential
    return {
        "challenge": write_base64url(prepared.statement.digest()),
        "rpId": registered.key.rp_id,
        "allowCredentials": [{"type": "public-key", "id": known}] if known else [],
        "userVerification": "required",
        "timeout": _TIMEOUT,
    }


@signing.get(
    "/persons/{person}/passkey",
    summary="取得登记通行密钥的请求 · What a browser needs to make a passkey",
    responses=ERRORS_OF_QUESTIONS,
)
def passkey_options(
    person: UUID, request: Request, here: TheServing, _: TheCaller
) -> dict[str, Any]:
    """Return the options of navigator.credentials.create (WebAuthn §5.4), binary as base64url.

    They hold for about an hour, for this person, on this server.
    """
    return {
        "challenge": write_base64url(registration_challenge(here, person)),
        "rp": {"id": _rp_id(request), "name": "倒查 daocha"},
        "user": {
            "id": write_base64url(person.bytes),
            "name": str(person),
            "displayName": str(person),
        },
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in (_ES256, _EDDSA)],
        "authenticatorSelection": {"userVerification": "required", "residentKey": "preferred"},
        "attestation": "none",
        "timeout": _TIMEOUT,
    }


class PasskeyMade(Sent):
    """What a browser answered when a passkey was made, and for whom."""

    person: UUID = Field(
        description="密钥所属人员", examples=["01900a00-0001-7000-8000-000000000002"]
    )
    client_data: Base64 = Field(description="response.clientDataJSON（base64）")
    authenticator_data: Base64 = Field(description="response.getAuthenticatorData()（base64）")
    manner: Vouching = Field(default=Vouching.IN_PERSON, description="核验方式")
    replaces: KeyId | None = Field(default=None, description="所替换的密钥")
    by_post: UUID | None = Field(default=None, description="登记人的岗位")


_EXAMPLE = {
    "person": "01900a00-0001-7000-8000-000000000002",
    "client_data": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0=",
    "authenticator_data": "SZYN5YgOjGh0NBcPZHZgW4/krrmihjLHmVzzuoMdl2M=",
}


@signing.post(
    "/keys/passkey",
    summary="登记通行密钥 · Register a passkey",
    status_code=201,
    responses={201: {"headers": HEADERS_OF_COMMANDS}, **ERRORS},
    openapi_extra={"requestBody": {"content": {"application/json": {"example": _EXAMPLE}}}},
)
def register_passkey(
    *,
    body: PasskeyMade,
    request: Request,
    command: CommandId,
    caller: TheCaller,
    here: TheServing,
    response: Response,
) -> Recorded:
    """The registrar, known by their token, vouches that the passkey is this person's alone."""
    answer = (read_base64(body.client_data), read_base64(body.authenticator_data))
    credential, passkey = read_passkey(here, body.person, answer, _rp_id(request), _origin(request))
    fact = KeyRegistered(
        person=body.person,
        key=PublicKey.of_passkey(passkey),
        manner=body.manner,
        replaces=body.replaces,
        credential=write_base64url(credential),
    )
    return _registered(here, caller, command, fact, body.by_post, response)


def _registered(
    here: Serving,
    caller: TheCaller,
    command: UUID,
    fact: KeyRegistered,
    by_post: UUID | None,
    response: Response,
) -> Recorded:
    now = here.now()
    by = actor(here.ledger, caller, by_post, [now])
    act = Act(key_record(fact.key.id), fact, now)
    Authority(here, caller).do([act], by_post)
    receipt = record(here.ledger, [act], command=command, by=by, received=now)
    (entry,) = here.ledger.range(receipt.positions[0] - 1, 1, open_sealed=False)
    response.headers["ETag"] = f'"{entry.version}"'
    response.headers["Location"] = f"/api/v1/facts/{entry.position}"
    return Recorded(
        command=command,
        recorded=receipt.recorded,
        position=entry.position,
        topic=entry.topic,
        record=entry.record,
        version=entry.version,
    )


def _rp_id(request: Request) -> str:
    return urlsplit(own_origin(request)).hostname or ""


def _origin(request: Request) -> str:
    """Return the page's own origin: what the browser says must be that of this very host."""
    said = request.headers.get("origin", "")
    same = urlsplit(said).hostname == _rp_id(request)
    return said if same else own_origin(request)
