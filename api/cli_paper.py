"""``daocha paper``: make a document out on paper, as PDF/A-3 with its evidence inside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from uuid_utils.compat import uuid7

from api import home
from api.cli_bundle import caught_up, write
from api.terminal import BY, AsJson, now, out, print_json
from projections.log import Log, Tiles


def paper(
    context: typer.Context,
    document: Annotated[
        int | None, typer.Argument(help="文书在台账中的序号 · its position", min=1)
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="写入哪个文件 · where to")
    ] = None,
    check_at: Annotated[
        str, typer.Option(help="二维码通向的查验页，{code} 处为查验码 · what the QR code says")
    ] = "{code}",
    as_json: AsJson = False,
) -> None:
    """出具文书（PDF/A-3，内附证据包），其摘要记入台账；不给序号则列出可出具的文书。"""
    from api.documents.forms import FORMS
    from api.documents.issuing import issue, make

    if document is None:
        told = [{"topic": form.topic, "zh": form.zh, "en": form.en} for form in FORMS.values()]
        if as_json:
            print_json(told)
        for form in () if as_json else FORMS.values():
            out.print(f"{form.topic}  {form.zh}  {form.en}")
        return
    with home.opened(context.obj) as ledger:
        caught_up(ledger, [Tiles()])
        made = make(ledger, Log(ledger), document, check_at)
        entry = issue(made, ledger, command=uuid7(), by=BY, now=now())
    where = output or Path(made.name)
    write(made.file, where)
    if as_json:
        print_json({"file": str(where), "record": str(entry.record), "digest": made.fact.digest})
    else:
        out.print(f"{where}：{len(made.file):,} 字节，摘要载于第 {entry.position} 条事实")
