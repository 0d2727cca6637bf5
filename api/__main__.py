"""``daocha``: what the command starts. The witness, a program of its own, loads no ledger."""

from __future__ import annotations

import sys

import typer

from domain.errors import DaochaError


def main() -> None:
    """Run the command line."""
    if sys.argv[1:2] == ["witness"]:
        _witness()
    else:
        from api.cli import main as run  # noqa: PLC0415 - it loads the ledger's half

        run()


def _witness() -> None:
    from rich.console import Console  # noqa: PLC0415

    from api import telling  # noqa: PLC0415
    from api.cli_witness import witness  # noqa: PLC0415

    program = typer.Typer(name="daocha", pretty_exceptions_enable=False)
    program.add_typer(witness, name="witness")
    program.callback()(lambda: None)
    try:
        program()
    except DaochaError as error:
        telling.refusal(Console(markup=False, emoji=False, stderr=True), error)
        sys.exit(2)


if __name__ == "__main__":
    main()
