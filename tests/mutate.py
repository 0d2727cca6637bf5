"""Mutation 变异: changes the rules one at a time and sees whether a test notices.

::

    python -m tests.mutate s3_2_systemic        the module domain/policy/s3_2_systemic.py
    python -m tests.mutate                      every module, one after the other
    python -m tests.mutate --again s3_2_systemic    only what nobody noticed the last time

What can be changed, and into what, is mutmut's word. How it is tried is our own: mutmut starts
pytest anew for every change and asks every scenario that passes through it, which takes days here,
where each trace runs every rule. One pytest collects once and learns which test runs which line.
For each change it forks: the child puts the changed code into the function and runs the tests that
run this line, the likeliest first, until the first that fails.

Asked are the scenarios of the clauses that the module's rules belong to, and the unit tests of the
policy: whoever reads the policy looks for a rule's proof there. Where all rules share a module, all
scenarios are asked. Fewer tests can only make the score worse than it is.

The outcome is written into ``docs/mutation.md``, which keeps the reason given there for each change
that nobody notices, as long as the change is the same.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

import coverage
import libcst as cst
import pytest
from _pytest.runner import runtestprotocol
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import create_mutations

from domain.policy.rules import BREACHES, DUTIES, GATES
from tests.mutations_told import Outcome, write_report
from tests.support.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OPTION = "--mutate"
SECTIONS = (
    *("1_responsibility", "2_experts", "3_workflow", "4_foundations", "5_assurance", "stories"),
)
TESTS = ("tests/domain/policy", *(f"tests/features/test_{n}.py" for n in SECTIONS))
RESULTS = ROOT / "mutants" / "results.json"
_POLICY = ROOT / "domain" / "policy"
_FEWEST_SECONDS = 5
"""What a change may take of the processor, beside ten times what its tests take without it."""


def modules() -> list[str]:
    """Return the modules of the policy, by their names."""
    return sorted(file.stem for file in _POLICY.glob("*.py") if file.stem != "__init__")


def clauses_of(module: str) -> set[str]:
    """Return the clauses whose rules live in a module; none for what all rules share."""
    rules = [
        *((rule.clause, rule.opens) for rule in DUTIES),
        *((rule.clause, rule.finds) for rule in BREACHES),
        *((rule.clause, rule.check) for rule in GATES),
    ]
    name = f"domain.policy.{module}"
    return {clause for clause, function in rules if function.__module__ == name}


# changes


@dataclass(frozen=True)
class Change:
    """One change of one function of a module: where, from what to what, and the module with it."""

    module: str
    function: str
    lines: range
    whole: range
    old: str
    new: str
    number: int
    source: str

    @property
    def key(self) -> str:
        """What tells it from every other change, and stays the same while the function does."""
        digest = sha256(f"{self.function}\n{self.old}\n{self.new}".encode()).hexdigest()[:12]
        return f"{self.function}/{digest}/{self.number}"

    @property
    def told(self) -> str:
        """The change on one line."""
        return " ".join(f"{self.old} → {self.new}".split())


def changes(module: str) -> Iterator[Change]:
    """Yield every change that mutmut makes of a module's functions."""
    file = _POLICY / f"{module}.py"
    code = file.read_text("utf-8")
    lines = code.splitlines(keepends=True)
    tree, mutations, _, _ = create_mutations(str(file), code)
    wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)
    places = wrapper.resolve(PositionProvider)
    owners = {
        child: f"{node.name.value}.{child.name.value}"
        for node in tree.body
        if isinstance(node, cst.ClassDef)
        for child in node.body.body
        if isinstance(child, cst.FunctionDef)
    }
    seen: dict[tuple[str, str, str], int] = defaultdict(int)
    for each in mutations:
        function = each.contained_by_top_level_function
        if not isinstance(function, cst.FunctionDef):
            continue
        name = owners.get(function, function.name.value)
        changed = function.deep_replace(each.original_node, each.mutated_node)
        place, whole = places[each.original_node], places[function]
        old = tree.code_for_node(each.original_node).strip()
        new = tree.code_for_node(each.mutated_node).strip()
        seen[name, old, new] += 1
        indent = "" if function in tree.body else "    "
        text = tree.code_for_node(changed.with_changes(leading_lines=()))
        text = text if text.startswith(indent + "def") else indent + text.lstrip()
        before, after = lines[: whole.start.line - 1], lines[whole.end.line :]
        yield Change(
            module=module,
            function=name,
            lines=range(place.start.line, place.end.line + 1),
            whole=range(whole.start.line, whole.end.line + 1),
            old=old,
            new=new,
            number=seen[name, old, new],
            source="".join((*before, text, *after)),
        )


def codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a function's code and those of the functions in it, in the order of the text."""
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from codes(each)


@dataclass
class Patient:
    """The functions of one module as they are in this process, into which a change is put."""

    module: str
    functions: dict[CodeType, list[FunctionType]]

    @classmethod
    def of(cls, module: str) -> Patient:
        """Find every function of a module, those that closures left behind included."""
        functions: dict[CodeType, list[FunctionType]] = defaultdict(list)
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__module__ == f"domain.policy.{module}":
                functions[each.__code__].append(each)
        return cls(module, functions)

    def change(self, change: Change) -> None:
        """Put a change in place; for good, so in a child only."""
        space: dict[str, object] = dict(vars(sys.modules[f"domain.policy.{self.module}"]))
        file = str(_POLICY / f"{self.module}.py")
        exec(compile(change.source, file, "exec"), space)  # noqa: S102 - our own text
        first, *rest = change.function.split(".")
        made = space[first]
        for name in rest:
            made = vars(made)[name]
        made = getattr(made, "__func__", made)
        assert isinstance(made, FunctionType)
        original = next(c for c in self.functions if c.co_qualname == change.function)
        for old, new in zip(codes(original), codes(made.__code__), strict=False):
            for function in self.functions.get(old, ()):
                if len(function.__closure__ or ()) == len(new.co_freevars):
                    function.__code__ = new
        for function in self.functions[original]:
            function.__defaults__, function.__kwdefaults__ = made.__defaults__, made.__kwdefaults__


# the plugin: one pytest that tries every change


@dataclass
class Known:
    """What the run without a change taught: who runs which line, and how long each test takes."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)


class Trier:
    """Tries the changes of some modules on the tests that pytest collected."""

    def __init__(self, items: list[pytest.Item], asked: list[str], *, again: bool) -> None:
        self.asked = asked
        self.own = {m: {f"条款-{clause}" for clause in clauses_of(m)} for m in asked}
        self.tags = {item.nodeid: {m.name for m in item.iter_markers()} for item in items}
        self.items = {
            item.nodeid: item
            for item in items
            if any(self._is_asked(item.nodeid, m) for m in asked)
        }
        self.known = self._learn()
        self.patients = {module: Patient.of(module) for module in asked}
        self.results: dict[str, dict[str, str]] = (
            json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
        )
        self.again = again
        self.killers: dict[str, list[str]] = defaultdict(list)

    def _is_asked(self, nodeid: str, module: str) -> bool:
        own = self.own[module]
        return not own or nodeid.startswith("tests/domain/") or bool(self.tags[nodeid] & own)

    def _learn(self) -> Known:
        known = Known()
        meter = coverage.Coverage(data_file=None, config_file=False, include=[f"{_POLICY}/*"])
        meter.start()
        for nodeid, item in self.items.items():
            meter.switch_context(nodeid)
            begun = time.process_time()
            reports = runtestprotocol(item, log=False, nextitem=None)
            known.seconds[nodeid] = time.process_time() - begun
            failed = [each for each in reports if each.failed]
            if failed:
                message = (
                    f"{nodeid} fails with nothing changed: mend that first\n{failed[0].longrepr}"
                )
                raise pytest.UsageError(message)
        meter.stop()
        data = meter.get_data()
        for file in data.measured_files():
            known.lines[Path(file).stem] = data.contexts_by_lineno(file)
        return known

    def try_module(self, module: str) -> None:
        """Try every change of a module and keep what came of it."""
        patient = self.patients[module]
        before = self.results.get(module, {})
        found: dict[str, str] = {}
        for change in changes(module):
            told = before.get(change.key)
            if self.again and told in ("noticed", "too slow"):
                found[change.key] = told
                continue
            found[change.key] = self._try(patient, change)
            if found[change.key] not in ("noticed", "too slow"):
                say(f"{module}.{change.function}: {found[change.key]}: {change.told}")
        self.results[module] = found
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(self.results, ensure_ascii=False, indent=1), "utf-8")
        noticed = sum(each in ("noticed", "too slow") for each in found.values())
        share = f"{noticed / len(found):.1%}" if found else "nothing to change"
        say(f"{module}: {noticed} of {len(found)} changes noticed, {share}")

    def _try(self, patient: Patient, change: Change) -> str:
        tests = self._tests(change)
        if not tests:
            return "no test runs it"
        outcome, killer = self._in_child(patient, change, tests)
        if killer is not None:
            killers = self.killers[f"{change.module}.{change.function}"]
            if killer in killers:
                killers.remove(killer)
            killers.insert(0, killer)
        return outcome

    def _tests(self, change: Change) -> list[str]:
        """Return the tests that run the changed lines, the likeliest to notice first."""
        by_line = self.known.lines.get(change.module, {})
        running = {test for line in change.lines for test in by_line.get(line, ())}
        running = running or {test for line in change.whole for test in by_line.get(line, ())}
        running = {test for test in running if self._is_asked(test, change.module)}
        killers = [t for t in self.killers[f"{change.module}.{change.function}"] if t in running]
        rest = sorted(running - set(killers), key=lambda test: self.known.seconds[test])
        return killers + rest

    def _in_child(
        self, patient: Patient, change: Change, tests: list[str]
    ) -> tuple[str, str | None]:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            _run_changed(
                patient, change, [self.items[each] for each in tests], writing, self._limit(tests)
            )
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return "too slow", None
        code = os.waitstatus_to_exitcode(status)
        if code == 1:
            return "noticed", tests[int(told)]
        if code:
            return "cannot be tried", None
        return "nobody notices", None

    def _limit(self, tests: list[str]) -> float:
        return _FEWEST_SECONDS + 10 * sum(self.known.seconds[each] for each in tests)


def _run_changed(
    patient: Patient, change: Change, items: list[pytest.Item], told: int, limit: float
) -> None:
    """Run tests on the changed code until one fails, and end this process."""
    code = 0
    try:
        signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_VIRTUAL, limit)
        patient.change(change)
        for number, item in enumerate(items):
            if any(each.failed for each in runtestprotocol(item, log=False, nextitem=None)):
                os.write(told, str(number).encode())
                code = 1
                break
    except BaseException as error:  # noqa: BLE001 - told by the parent
        say(f"{change.module}.{change.function}: {change.told}: {error!r}")
        code = 2
    os._exit(code)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, help="the modules to change, with commas between")
    parser.addoption("--again", action="store_true", help="only what was not noticed last time")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    asked = session.config.getoption(OPTION)
    if not asked:
        return None
    modules_asked = asked.split(",")
    trier = Trier(session.items, modules_asked, again=session.config.getoption("--again"))
    gc.collect()
    gc.freeze()  # a child that collects would copy all memory; from here on nothing is found by gc
    for module in modules_asked:
        trier.try_module(module)
    return True


# the command


def say(line: str) -> None:
    """Print a line of the result as soon as it is known."""
    os.write(sys.__stdout__.fileno() if sys.__stdout__ else 1, f"{line}\n".encode())


def outcomes(of: Iterable[str]) -> Iterator[Outcome]:
    """Yield what came of every change of some modules, from the results on disk."""
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for module in of:
        told = results.get(module, {})
        for change in changes(module):
            if change.key in told:
                yield Outcome(module, change.function, change.old, change.new, told[change.key])


def main(*arguments: str) -> int:
    """Change the modules that are asked for, all if none is, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate")
    parser.add_argument("modules", nargs="*", default=modules())
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--report", action="store_true", help="only write the report anew")
    asked = parser.parse_args(arguments)
    code = 0
    if not asked.report:
        options = ["--again"] if asked.again else []
        code = pytest.main(
            [
                *("-q", "-s", "-p", "no:cacheprovider", "-p", "no:cov", "-p", "no:xdist"),
                *("-p", "tests.mutate", f"{OPTION}={','.join(asked.modules)}", *options),
                *(test for test in TESTS if (ROOT / test).exists()),
            ]
        )
    write_report(outcomes(modules()))
    return int(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
