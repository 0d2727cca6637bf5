"""The evidence bundle inside a document on paper: the one file embedded in a PDF/A-3.

Nothing of the PDF is trusted: whatever is found is checked like any bundle. So this looks for the
stream that calls itself an embedded file, and leaves the rest of the format alone.
``api/verifier/pdf.js`` does the same.
"""

from __future__ import annotations

import re
import zlib

from domain.errors import Invalid
from domain.proof.bundle import MAX_BUNDLE

_BEGINS = b"%PDF-"
_EMBEDDED = re.compile(rb"/EmbeddedFile(?!s)")
_LENGTH = re.compile(rb"/Length (\d+)(?! \d+ R)")
_STREAM = re.compile(rb">>\s*stream\r?\n")


def is_pdf(data: bytes) -> bool:
    """Tell whether a file is a PDF, by how it begins."""
    return data.startswith(_BEGINS)


def attached_to(data: bytes) -> bytes:
    """Return the file that a PDF carries.

    Raises:
        Invalid: it carries none, or several, or one that cannot be read.
    """
    places = [found.start() for found in _EMBEDDED.finditer(data)]
    if len(places) != 1:
        raise _none()
    begins = data.rfind(b" obj", 0, places[0])
    stream = _STREAM.search(data, places[0])
    length = _LENGTH.search(data, max(begins, 0), stream.start()) if stream else None
    if begins < 0 or stream is None or length is None:
        raise _none()
    content = data[stream.end() : stream.end() + int(length[1])]
    if b"/FlateDecode" not in data[begins : stream.start()]:
        return content
    reader = zlib.decompressobj()
    try:
        whole = reader.decompress(content, MAX_BUNDLE + 1)
    except zlib.error as error:
        raise _none() from error
    if not reader.eof:
        raise _none()
    return whole


def _none() -> Invalid:
    return Invalid(
        "这份 PDF 里没有可读的证据包",
        "there is no evidence bundle in this PDF that can be read",
        todo_zh="请用出具时的原件；经另存、打印或扫描的，不再带有证据包",
        todo_en="use the file as it was issued: printed or scanned anew it carries none",
    )
