"""A PDF of a stranger: its one embedded file is found, and anything else is refused in words."""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime
from io import BytesIO

import pikepdf
import pytest

from api.attached import attached_to, is_pdf
from api.documents.paper import Paper
from api.documents.press import Mark, press
from domain.errors import Invalid
from domain.proof.bundle import MAX_BUNDLE

PAPER = Paper("单", "1", "局", (), date(2024, 5, 20))
AT = datetime(2024, 5, 20, tzinfo=UTC)
BUNDLE = b'{"bundle":"daocha.bundle/v1"}'


def issued(evidence: bytes | None = BUNDLE) -> bytes:
    return press(PAPER, Mark("C", "C", (1,), 2, AT, simulated=False, evidence=evidence))


def test_what_is_attached_is_found() -> None:
    assert attached_to(issued()) == BUNDLE


@pytest.mark.parametrize("compress", [True, False])
def test_also_where_another_program_saved_it(compress: bool) -> None:  # noqa: FBT001 - a parameter
    saved = BytesIO()
    with pikepdf.open(BytesIO(issued())) as pdf:
        mode = pikepdf.ObjectStreamMode.disable
        pdf.save(saved, compress_streams=compress, object_stream_mode=mode)
    assert attached_to(saved.getvalue()) == BUNDLE


def one(content: bytes, head: bytes = b"/Filter/FlateDecode") -> bytes:
    told = b"1 0 obj\n<</Length %d/Type/EmbeddedFile%s>>\nstream\n" % (len(content), head)
    return b"%PDF-1.7\n" + told + content + b"\nendstream\nendobj\n"


def test_one_that_is_not_compressed() -> None:
    assert attached_to(one(BUNDLE, b"")) == BUNDLE


@pytest.mark.parametrize(
    "data",
    [
        issued(None),
        b"%PDF-1.7",
        one(zlib.compress(BUNDLE)) + one(zlib.compress(BUNDLE)),
        one(b"no such thing"),
        one(zlib.compress(BUNDLE)[:-5]),
        one(zlib.compress(b"0" * (MAX_BUNDLE + 2))),
        one(zlib.compress(BUNDLE)).replace(b"/Length ", b"/Length 5 0 R %"),
        one(zlib.compress(BUNDLE)).replace(b"stream\n", b"strom\n"),
        one(zlib.compress(BUNDLE)).replace(b" obj", b""),
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    assert is_pdf(data)
    with pytest.raises(Invalid, match="没有可读的证据包"):
        attached_to(data)
