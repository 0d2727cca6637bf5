"""The box for tips over HTTP 举报箱: to whom to seal, what was sealed, and the receipts; public."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from api.documentation import ERRORS
from api.pages.render import new_tip_page
from api.routes.public import ERRORS_OF_ALL
from api.routes.shown import Shown, view_of
from api.routes.strict import StrictRoute
from api.routes.tips import Code
from api.sent import Sent
from api.serving import TheServing
from api.tip_box import SealedPart, add_to, offices, prove, put_in, write_proof
from domain.tip import DIGEST

tip_box = APIRouter(
    route_class=StrictRoute, tags=["举报 · Tips"], prefix="/tips", responses=ERRORS_OF_ALL
)
tip_box_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
_LONGEST = 48_000
"""Characters of a ciphertext: of eight thousand characters, padded and in armour."""
Ciphertext = Annotated[str, Field(min_length=1, max_length=_LONGEST, pattern=r"^[\x20-\x7e\r\n]+$")]
_AGE = "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----"
_KEY = "01900a00-0001-7000-8000-000000000002"
_ENVELOPE = {"keys": [_KEY], "commitment": "5a" * 32, "ciphertext": _AGE}


class TipKey(BaseModel):
    """A key to which something is sealed."""

    key: UUID = Field(description="密钥的档案编号 · its record")
    recipient: str = Field(description="age 公钥 · age1…")


class OfficeOfTips(BaseModel):
    """An office that takes tips sealed in a browser, and its keys."""

    body: UUID
    name: str
    content: TipKey
    identity: list[TipKey] = Field(
        description="举报人身份依次封给这些密钥，外层在前，须各保管人共同打开；为空则只受理匿名举报"
        " · who informed is sealed to these, the outermost first"
    )


class OfficesOfTips(BaseModel):
    """Every office that takes tips sealed in a browser."""

    offices: list[OfficeOfTips]


@tip_box.get("/offices", summary="可在线举报的单位及其公钥（不需账号） · To whom to seal a tip")
def list_offices(here: TheServing) -> OfficesOfTips:
    """Their keys in force; the private halves are with their keepers and never here."""
    return OfficesOfTips(
        offices=[
            OfficeOfTips(
                body=each.body,
                name=each.name,
                content=TipKey(key=each.content.id, recipient=each.content.recipient),
                identity=[TipKey(key=k.id, recipient=k.recipient) for k in each.identity],
            )
            for each in offices(here, here.now())
        ]
    )


class Enveloped(Sent):
    """Something sealed in the informant's browser."""

    keys: list[UUID] = Field(min_length=1, max_length=2, description="外层在前 · outermost first")
    commitment: str = Field(pattern=DIGEST, description="原文的加盐摘要")
    ciphertext: Ciphertext

    def part(self) -> SealedPart:
        """Return it as the box takes it."""
        return SealedPart(tuple(self.keys), self.commitment, self.ciphertext)


class SealedTip(Sent):
    """A tip as it was sealed; nothing in it can be read here."""

    body: UUID = Field(description="承办单位 · the office")
    receipt: str = Field(pattern=DIGEST, description="查询码的 SHA-256；查询码在浏览器中生成")
    content: Enveloped
    identity: Enveloped | None = None


class Promised(BaseModel):
    """A note signed with the log's key: what came in, and that it will be on record."""

    promise: str = Field(description="带签名的承诺 · a signed note")


_TIP = {"body": _KEY, "receipt": "5a" * 32, "content": _ENVELOPE}


@tip_box.post(
    "/inbox",
    status_code=202,
    summary="提交已在浏览器中加密的举报（不需账号） · Send a tip sealed in the browser",
    responses=ERRORS,
    openapi_extra={"requestBody": {"content": {"application/json": {"example": _TIP}}}},
)
def send_tip(body: SealedTip, here: TheServing) -> Promised:
    """It is on record within the hour, with others; neither address nor time is kept (5.2d)."""
    identity = body.identity.part() if body.identity else None
    return Promised(promise=put_in(here, body.body, body.receipt, body.content.part(), identity))


class Addition(Code):
    """What an informant adds, sealed to the office that handles the tip now."""

    content: Enveloped


@tip_box.post(
    "/additions",
    status_code=202,
    summary="凭查询码补充举报（不需账号） · Add to a tip by its code",
    responses=ERRORS,
    openapi_extra={
        "requestBody": {
            "content": {
                "application/json": {
                    "example": {"code": "ABCD-EFGH-IJKL-MNOP", "content": _ENVELOPE}
                }
            }
        }
    },
)
def send_addition(body: Addition, here: TheServing) -> Promised:
    """The office reads it with the tip; it is on record within the hour (5.2a)."""
    return Promised(promise=add_to(here, body.code, body.content.part()))


class TipProof(BaseModel):
    """That a tip stands in the log (RFC 9162): what proves it to anybody."""

    position: int
    leaf: str = Field(description="叶子原文（base64） · the leaf as stored")
    size: int
    proof: list[str] = Field(description="存在性证明 · the inclusion proof, base64")
    checkpoint: str = Field(description="带签名的检查点 · the signed checkpoint")


@tip_box.post(
    "/proof",
    summary="凭查询码取得入账回执（不需账号） · The proof that a tip is on record",
    openapi_extra={
        "requestBody": {
            "content": {"application/json": {"example": {"code": "ABCD-EFGH-IJKL-MNOP"}}}
        }
    },
)
def proof(body: Code, here: TheServing) -> TipProof:
    """With it the office cannot deny that the tip came."""
    return TipProof.model_validate(write_proof(prove(here, body.code)))


@tip_box_pages.get("/tips/new")
def page(request: Request, here: TheServing, _: Shown) -> HTMLResponse:
    """Return the page on which a tip is written, sealed in the browser and sent."""
    listed = list_offices(here).offices
    told = [each.model_dump(mode="json") for each in listed]
    return HTMLResponse(new_tip_page(told, *view_of(request)))
