"""Papers 文书: that a document was made out on paper, and what its file hashes to."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from domain.fact import EnterpriseFact

if TYPE_CHECKING:
    from uuid import UUID


class PaperIssued(
    EnterpriseFact,
    topic="paper.issued",
    zh="出具文书",
    en="Document issued on paper",
    starts=True,
    of_record=True,
):
    """The paper of the fact at ``document``, as PDF/A-3 with its evidence inside.

    Whoever holds the file can tell by ``digest`` whether it is the one that was issued. It was
    filled in from the facts that the checkpoint of its evidence covers, and set by ``layout``;
    ``address`` is what its QR code leads to.
    """

    document: int = Field(ge=1, description="文书所依据的事实在台账中的序号")
    checkpoint: int = Field(ge=1, description="证据包所据检查点的序号")
    layout: int = Field(ge=1, description="版式版本")
    address: str = Field(max_length=200, description="二维码的内容")
    digest: str = Field(pattern=r"^[0-9a-f]{64}$", description="PDF 文件的 SHA-256")


_PAPERS = uuid5(NAMESPACE_URL, "https://daocha.example/papers")


def paper_id(digest: str) -> UUID:
    """Return the record id of a paper (UUIDv5): the same file is issued once.

    Args:
        digest: the SHA-256 of the file, in hex.
    """
    return uuid5(_PAPERS, digest)
