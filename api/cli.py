"""``daocha``: the command line."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api import cli_audit, cli_backup, home, telling
from api.asking import ask_trace, ask_what_if, find_incident
from api.cli_bundle import bundle
from api.cli_enterprise import enterprise as enterprises
from api.cli_figures import figures
from api.cli_log import log
from api.cli_looks import looks
from api.cli_paper import paper
from api.cli_personal import personal
from api.cli_policy import policy
from api.cli_reminders import reminders
from api.cli_rolls import roll
from api.cli_settings import settings as rule_settings
from api.cli_sign_in import sign_in
from api.cli_tips import tip
from api.cli_upgrade import upgrade
from api.cli_verifier import verifier
from api.cli_verify import verify_bundle
from api.cli_witness import witness
from api.drafts import of_day, of_draft, read_draft
from api.examine import examine
from api.importing.importer import Importer, checked_source
from api.importing.report import ImportReport
from api.importing.tables import open_table, read_mapping
from api.questions import read_questions
from api.settings import Settings
from api.terminal import BY, AsJson, err, now, out, print_json, progress_bar
from api.when import read_known_at, read_when
from domain.access import token_id
from domain.errors import DaochaError, Invalid, NotFound
from domain.moment import local_day
from domain.organisation import organisation_id
from domain.trace import LOOK_BACK, Question

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.questions import Asked
    from domain.answer import Trace
    from domain.intake.aliases import Kind
    from domain.ledger import Ledger
    from domain.trace import JudgedBy

app = typer.Typer(
    name="daocha",
    help="倒查：安全生产监管与责任台账 · a ledger from which responsibility can be traced",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
importing = typer.Typer(help="导入已有台账 · bring in ledgers kept elsewhere", no_args_is_help=True)
app.add_typer(importing, name="import")
tokens = typer.Typer(help="访问令牌 · access tokens", no_args_is_help=True)
app.add_typer(tokens, name="token")
app.add_typer(sign_in, name="sign-in")
app.add_typer(log, name="log")
app.add_typer(witness, name="witness")
app.command("verifier")(verifier)

app.add_typer(rule_settings, name="settings")
app.command()(policy)
cli_audit.add_to(app)
cli_backup.add_to(app)
app.add_typer(roll, name="roll")
app.add_typer(tip, name="tip")
app.add_typer(looks, name="looks")
app.add_typer(personal, name="personal")
app.add_typer(reminders, name="reminders")
app.add_typer(bundle, name="bundle")
app.add_typer(enterprises, name="enterprise")
app.add_typer(figures, name="figures")
app.command("verify")(verify_bundle)
app.command()(paper)
app.command()(upgrade)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What ``trace`` is asked, read from its options."""

    incident: str | None
    enterprise: str | None
    at: date | datetime | None
    known_at: datetime | None
    look_back: timedelta


@app.callback()
def choose(
    context: typer.Context,
    ledger: Annotated[
        str | None,
        typer.Option(help="台账（数据库中的模式名）；demo 指演示台账 · which ledger"),
    ] = None,
) -> None:
    """Read the settings once; ``--ledger demo`` names the demo's ledger."""
    if context.invoked_subcommand == "verify":
        return  # needs none, however they are set here
    name = {"demo": home.DEMO, None: None}.get(ledger, ledger)
    context.obj = Settings(ledger=name) if name else Settings()


@importing.command("ledger")
def import_ledger(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="隐患台账（CSV、XLSX、XLS、ODS，可 .gz）")],
    accidents: Annotated[Path | None, typer.Option(help="事故台账 · the accidents' ledger")] = None,
    mapping: Annotated[Path | None, typer.Option(help="列名对照（TOML、JSON、两列 CSV）")] = None,
    sheet: Annotated[str | None, typer.Option(help="隐患台账的工作表 · its sheet")] = None,
    accidents_sheet: Annotated[
        str | None, typer.Option(help="事故台账的工作表 · the sheet of the accidents")
    ] = None,
    source: Annotated[
        str, typer.Option(help="台账名称；同一台账每次导入须用同一名称 · the ledger's name")
    ] = "ledger",
    report: Annotated[
        Path | None, typer.Option(help="问题清单存为电子表格 · where to write the report (.xlsx)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """导入隐患台账（和事故台账）。同一文件再次导入不会重复。"""
    columns = read_mapping(mapping) if mapping else None
    source = checked_source(source)
    files: list[tuple[Path, Kind, str | None]] = [(file, "hazards", sheet)]
    files += [(accidents, "accidents", accidents_sheet)] if accidents else []
    tables = [open_table(path, kind, sheet=name, mapping=columns) for path, kind, name in files]
    reports = _reports(report, [path for path, *_ in files])
    summaries = []
    with home.opened(context.obj, create_missing=True) as ledger:
        for table, spreadsheet in zip(tables, reports, strict=True):
            importer = Importer(ledger, table, source=source, now=now, random=os.urandom)
            told = ImportReport(table, spreadsheet)
            try:
                with told, progress_bar(quiet=as_json) as progress:
                    task = progress.add_task(table.path.name, total=table.rows)
                    importer.run(told, partial(progress.advance, task))
            finally:  # an import that broke off has its report too
                summaries.append(told.summary())
                if not as_json:
                    out.print(told)
    if as_json:
        print_json(summaries)


def _reports(report: Path | None, files: list[Path]) -> list[Path | None]:
    """Return where the report on each file goes.

    Raises:
        Invalid: it would not be a spreadsheet by its name, or would overwrite what is imported.
    """
    if report is None:
        return [None for _ in files]
    if report.suffix.lower() != ".xlsx":
        raise Invalid(
            f"报告是电子表格，文件名须以 .xlsx 结尾：{report}",
            f"the report is a spreadsheet, its name must end in .xlsx: {report}",
            todo_zh="例如 --report 报告.xlsx",
            todo_en="for example --report report.xlsx",
            where="--report",
        )
    reports = [report, report.with_stem(f"{report.stem}-accidents")][: len(files)]
    for path in reports:
        if any(path.exists() and path.samefile(file) for file in files):
            raise Invalid(
                f"报告会覆盖正在导入的文件：{path}",
                f"the report would overwrite a file that is imported: {path}",
                todo_zh="请为报告另取文件名",
                todo_en="give the report another name",
                where="--report",
            )
    return [*reports]


@app.command()
def trace(
    context: typer.Context,
    incident: Annotated[str | None, typer.Option(help="事故编号 · an accident's number")] = None,
    enterprise: Annotated[str | None, typer.Option(help="单位编码 · a unit's code")] = None,
    at: Annotated[str | None, typer.Option(help="时刻，如 2024-09-18 或 2024-09-18 14:20")] = None,
    each: Annotated[
        Path | None, typer.Option(help="CSV，含 enterprise、day 两列；一行一答")
    ] = None,
    known_at: Annotated[str | None, typer.Option(help="截至何时所知 · as known on")] = None,
    look_back: Annotated[int, typer.Option(min=0, max=36500, help="讲述回溯天数")] = LOOK_BACK.days,
    settings: Annotated[
        Path | None, typer.Option(help="按设置草案（JSON、TOML）比较 · compare with a draft")
    ] = None,
    settings_at: Annotated[
        str | None, typer.Option(help="按某日的设置比较 · compare with a day's settings")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """倒查：谁应当做什么，按期、逾期、未办，何时知情，哪些是事后补录。"""
    _exactly_one(incident=incident, enterprise=enterprise, each=each)
    _together(enterprise=enterprise, at=at)
    asked = _Asked(
        incident=incident,
        enterprise=enterprise,
        at=None if at is None else read_when(at, "--at"),
        known_at=None if known_at is None else read_known_at(known_at, "--known-at"),
        look_back=timedelta(days=look_back),
    )
    questions = read_questions(each) if each else []
    supposed = _supposed(settings, settings_at, each)
    with home.opened(context.obj) as ledger:
        if supposed:
            _compare(ledger, asked, *supposed, as_json=as_json)
        elif each:
            _tell_each(ledger, questions, asked, as_json)
        else:
            _tell(_answer(ledger, asked), as_json=as_json)


def _exactly_one(**options: object) -> None:
    given = [f"--{name}" for name, value in options.items() if value is not None]
    if len(given) != 1:
        names = "、".join(f"--{name}" for name in options)
        raise Invalid(
            f"须在 {names} 中给出且只给出一项",
            f"give exactly one of {', '.join(f'--{name}' for name in options)}",
            todo_zh="详见 daocha trace --help",
            todo_en="see daocha trace --help",
        )


def _together(*, enterprise: str | None, at: str | None) -> None:
    if (enterprise is None) != (at is None):
        raise Invalid(
            "--enterprise 须与 --at 同用",
            "--enterprise and --at go together",
            todo_zh="例如 --enterprise 91371399MA3C00003U --at 2024-09-18",
            todo_en="for example --enterprise 91371399MA3C00003U --at 2024-09-18",
        )


def _answer(ledger: Ledger, asked: _Asked) -> Trace:
    unit, question = _question(ledger, asked)
    return ask_trace(ledger, unit, question, asked.enterprise)


def _question(ledger: Ledger, asked: _Asked) -> tuple[UUID, Question]:
    if asked.enterprise is not None and asked.at is not None:
        question = Question(asked.at, asked.known_at, None, asked.look_back)
        return organisation_id(asked.enterprise), question
    from api.running import accidents

    with accidents(ledger) as views:
        found = find_incident(views, asked.incident or "")
    return found.enterprise, Question(found.at, asked.known_at, found.id, asked.look_back)


def _supposed(file: Path | None, day: str | None, each: Path | None) -> tuple[JudgedBy, str] | None:
    """Return the settings that are supposed, if any are."""
    if file is None and day is None:
        return None
    given = {"settings": file, "settings-at": day, "each": each}
    _exactly_one(**given)
    if file is not None:
        return of_draft(read_draft(file), local_day(now()))
    return of_day(read_when(day or "", "--settings-at"))


def _compare(
    ledger: Ledger, asked: _Asked, judged_by: JudgedBy, told: str, *, as_json: bool
) -> None:
    unit, question = _question(ledger, asked)
    answer = ask_what_if(ledger, unit, question, judged_by, told, asked.enterprise)
    if as_json:
        sys.stdout.write(answer.model_dump_json() + "\n")
    else:
        out.print(telling.comparison(answer))


def _tell_each(ledger: Ledger, questions: Iterable[Asked], asked: _Asked, as_json: bool) -> None:
    """Print one answer a line; a unit that is not on record gets a line that says so.

    Raises:
        typer.Exit: some could not be answered.
    """
    refused = False
    for each in questions:
        question = Question(each.at, asked.known_at, None, asked.look_back)
        try:
            answer = ask_trace(ledger, organisation_id(each.enterprise), question, each.enterprise)
            _tell(answer, as_json=as_json, brief=True)
        except NotFound as error:
            refused = True
            error.where = each.where
            if as_json:
                print_json(telling.unanswered(each, error))
            else:
                telling.refusal(err, error)
    if refused:
        raise typer.Exit(2)


def _tell(answer: Trace, *, as_json: bool, brief: bool = False) -> None:
    if as_json:
        sys.stdout.write(answer.model_dump_json() + "\n")
    else:
        out.print(telling.line(answer) if brief else telling.story(answer))


@tokens.command("issue")
def issue_token(
    context: typer.Context,
    person: Annotated[UUID, typer.Argument(help="人员的档案编号 · the person's record id")],
    label: Annotated[str, typer.Option(help="用途 · what it is for")] = "api",
    until: Annotated[str | None, typer.Option(help="失效时刻 · when it runs out")] = None,
) -> None:
    """发给一个人一枚访问令牌。只显示这一次。"""
    from api.access import issue_token as issue

    ends = read_known_at(until, "--until") if until else None
    with home.opened(context.obj) as ledger:
        token = issue(ledger, person, label, until=ends, now=now(), random=os.urandom, by=BY)
    sys.stdout.write(token + "\n")


@tokens.command("revoke")
def revoke_token(
    context: typer.Context,
    token: Annotated[str, typer.Argument(help="令牌原文，或其档案编号 · the token or its id")],
    reason: Annotated[str | None, typer.Option(help="事由 · why")] = None,
) -> None:
    """撤销一枚访问令牌，即刻失效。"""
    from api.access import revoke_token as revoke

    with home.opened(context.obj) as ledger:
        revoke(ledger, _token_id(token), reason, now=now(), random=os.urandom, by=BY)


def _token_id(token: str) -> UUID:
    try:
        return UUID(token)
    except ValueError:
        return token_id(token)


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="监听地址，默认只在本机")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535)] = None,
) -> None:
    """启动服务：网页和接口。"""
    from api.running import serve as run

    run(_listening(context.obj, host, port))


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(min=1, max=65535)] = None,
    seed_only: Annotated[bool, typer.Option("--seed-only", help="只填数据，不启动服务")] = False,
) -> None:
    """演示：虚构的一个县的一年，从台账到一起较大事故的倒查。"""
    from api.running import seed_demo
    from api.running import serve as run

    settings = _listening(Settings(ledger=home.DEMO), None, port)
    with progress_bar(quiet=False) as progress:
        shown = seed_demo(settings, progress)
    out.print(telling.tour(shown, settings.port))
    if not seed_only:
        run(settings)


def _listening(settings: Settings, host: str | None, port: int | None) -> Settings:
    """Return the settings with another address to listen on, checked as a whole."""
    given = {"host": host, "port": port}
    changed = {name: value for name, value in given.items() if value is not None}
    return Settings(**{**settings.model_dump(), **changed}) if changed else settings


@app.command()
def rebuild(context: typer.Context) -> None:
    """重建各查询视图：在旁边建好再一次切换，期间照常可查。"""
    from api.running import rebuild as run

    with home.opened(context.obj) as ledger, progress_bar(quiet=False) as progress:
        run(ledger, progress)


@app.command()
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """体检：是否一切正常，若不正常该怎么办。"""
    checks = examine(context.obj, now)
    if as_json:
        print_json([check.as_dict() for check in checks])
    else:
        out.print(telling.examination(checks))
    if any(not check.well for check in checks):
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; a refusal is one clear message and exit code 2."""
    try:
        app()
    except DaochaError as error:
        telling.refusal(err, error)
        sys.exit(2)
    except BrokenPipeError:
        # whoever read our answer has had enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
