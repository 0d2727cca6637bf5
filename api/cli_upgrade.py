"""``daocha upgrade``: the tables of an older version, changed while it still serves."""

from __future__ import annotations

import typer

from api import home
from api.terminal import AsJson, out, print_json


def upgrade(context: typer.Context, as_json: AsJson = False) -> None:
    """升级：把旧版的表改为本版所需；旧版程序在此期间照常可用，事实不动。"""
    from domain.ledger.upgrading import LAYOUT
    from domain.ledger.upgrading import upgrade as run

    with home.database(context.obj) as url:
        reached = run(url, context.obj.ledger)
    if as_json:
        print_json({"layout": LAYOUT, "reached": reached})
    elif reached:
        out.print(f"已升级到 {reached[-1]} · upgraded to {reached[-1]}")
    else:
        out.print(f"已是 {LAYOUT}，无须升级 · {LAYOUT} already, nothing to do")
