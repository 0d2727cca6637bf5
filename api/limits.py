"""Limits 限制: how large, how deep, how slow and how frequent a request may be.

All are asked before anything else looks at a request. Whoever shows a token or a session is counted
by it, and together with everybody else by where they come from; this machine's owner is not.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter, OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from api.problems import BadRequest, TooLarge, TooManyHeaders, TooOften, too_slow
from api.settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.types import Message, Receive, Scope

    from api.settings import Settings

MOST_HEADERS = 64
MOST_HEADER_BYTES = 16 * 1024
MOST_QUERY_BYTES = 8 * 1024
DEEPEST = 32
MOST_MEMBERS = 20_000
_MOST_TOKENS = 6 * MOST_MEMBERS
MOST_ON_THEIR_WAY, MOST_FROM_ONE = 256, 16
"""Bodies that may be coming at once, in all and from one address beyond this machine."""
SECONDS_FOR_A_BODY = 30.0
"""A body that is longer on its way is not waited for,"""
SLOWEST = 32 * 1024
"""but for what comes at so many bytes a second: photographs over a slow line."""
_KEPT = 20_000
"""Most callers that are counted at once; who was not heard of for longest is forgotten."""
_TOKENS_OF_JSON = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{},]', re.DOTALL)
_OPENING, _CLOSING = b"[{", b"]}"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests at once, then so many a second."""

    burst: float
    a_second: float


OF_A_CALLER = Rate(1000, 100)
OF_AN_ADDRESS = Rate(3000, 300)
OF_THE_PUBLIC = Rate(60, 1)
"""For what anybody may ask and takes work: a code, a tip; by address."""
OF_INFORMANTS = ("follow", "inbox", "additions", "proof", "offices")
"""What informants ask below ``/api/v1/tips``: no line of the log and no count tells of it."""
PRICE_OF_A_REFUSAL = 20
"""Requests that one with a bad token or session counts for, so that trying them out is slow."""
PUBLIC = ("/check/", "/tips", *(f"/api/v1/tips/{each}" for each in OF_INFORMANTS))


class Allowances:
    """How many requests everybody has left, in this process; asked from its event loop alone."""

    def __init__(self) -> None:
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, kind: str, who: str, rate: Rate, now: float, count: float = 1) -> float:
        """Take a request off an allowance; return for how many seconds there is none, or 0.

        Args:
            kind: of which kind of allowance.
            who: whose.
            rate: how large it is.
            now: seconds on a clock that never goes back.
            count: how many requests this one counts for.
        """
        key = (kind, who)
        left, at = self._left.pop(key, (rate.burst, now))
        left = min(rate.burst, left + (now - at) * rate.a_second)
        short = max(0.0, 1 - left)
        self._left[key] = (left if short else left - count, now)
        if len(self._left) > _KEPT:
            self._left.popitem(last=False)
        return short / rate.a_second


def is_an_informants(path: str) -> bool:
    """Tell whether a request may be an informant's: of it no moment is kept (decision 15)."""
    below = path.removeprefix("/api/v1/tips/")
    return path.startswith("/tips") or (below != path and below in OF_INFORMANTS)


def address_of(request: Request, settings: Settings) -> str:
    """Return where a request comes from: its peer, or what a proxy that is trusted says of it."""
    peer = request.client.host if request.client else ""
    if peer and _is_in(peer, settings.proxies):
        lines = request.headers.getlist("x-forwarded-for")
        said = lines[-1].rpartition(",")[2].strip() if lines else ""
        return _network(said if _is_address(said) else peer)
    return _network(peer)


def _network(address: str) -> str:
    """Return what is counted for an address: of IPv6 the /64, of which one customer has all."""
    if ":" not in address or not _is_address(address):
        return address
    known = ip_address(address.partition("%")[0])
    mapped = getattr(known, "ipv4_mapped", None)
    return str(mapped or ip_network((known, 64), strict=False).network_address)


def _is_in(address: str, networks: tuple[str, ...]) -> bool:
    return _is_address(address) and any(
        ip_address(address) in ip_network(each, strict=False) for each in networks
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def check_head(scope: Scope) -> None:
    """Refuse a request whose headers or query are larger than any that is meant.

    Raises:
        TooManyHeaders, TooLarge: they are.
    """
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(n) + len(v) for n, v in headers) > MOST_HEADER_BYTES:
        raise TooManyHeaders(
            "请求标头过多或过长",
            "the request's headers are too many or too long",
            todo_zh=f"至多 {MOST_HEADERS} 个、{MOST_HEADER_BYTES} 字节",
            todo_en=f"at most {MOST_HEADERS} of them, {MOST_HEADER_BYTES} bytes in all",
        )
    if len(scope.get("query_string", b"")) > MOST_QUERY_BYTES:
        raise TooLarge(
            "地址中的查询过长",
            "the query in the address is too long",
            todo_zh=f"至多 {MOST_QUERY_BYTES} 字节",
            todo_en=f"at most {MOST_QUERY_BYTES} bytes",
        )


def check_rate(request: Request, settings: Settings, allowances: Allowances, now: float) -> None:
    """Refuse a request of somebody who sends too many.

    Raises:
        TooOften: says when to try again.
    """
    credential = request.headers.get("authorization") or request.headers.get("cookie")
    address = address_of(request, settings)
    if credential is None and settings.trusts_this_machine and is_loopback(address):
        return
    waits = [allowances.take("address", address, OF_AN_ADDRESS, now)]
    if credential is not None:
        who = hashlib.blake2b(credential.encode(), digest_size=16).hexdigest()
        waits.append(allowances.take("caller", who, OF_A_CALLER, now))
    if request.url.path.startswith(PUBLIC):
        waits.append(allowances.take("public", address, OF_THE_PUBLIC, now))
    seconds = int(max(waits)) + 1
    if max(waits):
        raise TooOften(
            f"请求过于频繁，请 {seconds} 秒后再试",
            f"too many requests: try again in {seconds} seconds",
            seconds=seconds,
            todo_zh="放慢请求；批量录入用 /api/v1/commands",
            todo_en="send fewer; to record many acts at once use /api/v1/commands",
        )


def count_refusal(request: Request, settings: Settings, allowances: Allowances, now: float) -> None:
    """Let a request that showed a bad token or session count for more."""
    if request.headers.get("authorization") or request.headers.get("cookie"):
        address = address_of(request, settings)
        allowances.take("address", address, OF_AN_ADDRESS, now, PRICE_OF_A_REFUSAL)


def in_time(receive: Receive) -> Receive:
    """Return what receives a request's body, and gives it up when it comes too slowly."""
    clock = asyncio.get_running_loop().time
    until = clock() + SECONDS_FOR_A_BODY
    whole = False

    async def receive_in_time() -> Message:
        nonlocal until, whole
        if whole:
            return await receive()  # for the end of the connection one waits as long as it takes
        try:
            message = await asyncio.wait_for(receive(), max(0.0, until - clock()))
        except TimeoutError:
            raise too_slow() from None
        until += len(message.get("body", b"")) / SLOWEST
        whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return receive_in_time


async def whole_body(receive: Receive) -> Receive:
    """Wait for a request's body, and return what hands it on."""
    messages: list[Message] = []
    more = True
    while more:
        message = await receive()
        messages.append(message)
        more = message["type"] == "http.request" and message.get("more_body", False)
    messages.reverse()

    async def handed_on() -> Message:
        return messages.pop() if messages else await receive()

    return handed_on


class Arrivals:
    """Bodies that are on their way: so many in all, and so many from one address."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def arriving(self, address: str) -> Iterator[None]:
        """Count a body while it comes.

        Raises:
            TooOften: too many are on their way.
        """
        own = 0 if is_loopback(address) else self._under_way[address]
        if own >= MOST_FROM_ONE or self._under_way.total() >= MOST_ON_THEIR_WAY:
            raise TooOften(
                "同时上传的请求太多，请稍后再试",
                "too many requests are being sent at once: try again in a moment",
                seconds=2,
                todo_zh="等前面的请求送完再发",
                todo_en="wait until those before it have been sent",
            )
        self._under_way[address] += 1
        try:
            yield
        finally:
            self._under_way[address] -= 1
            if not self._under_way[address]:
                del self._under_way[address]


def check_json(body: bytes) -> None:
    """Refuse JSON that is deeper or has more members than any that is meant, before it is read.

    Raises:
        BadRequest: it is.
    """
    depth = members = 0
    for tokens, token in enumerate(_TOKENS_OF_JSON.finditer(body)):
        sign = token[0]
        if sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
        elif sign == b",":
            members += 1
        if depth > DEEPEST or members > MOST_MEMBERS or tokens > _MOST_TOKENS:
            raise BadRequest(
                "JSON 嵌套过深或成员过多",
                "the JSON is nested too deeply or has too many members",
                todo_zh=f"至多 {DEEPEST} 层、{MOST_MEMBERS} 个成员；分几次提交",
                todo_en=f"at most {DEEPEST} levels and {MOST_MEMBERS} members: send it in parts",
                where="body",
            )
