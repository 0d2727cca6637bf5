"""Metrics 运行指标: how many requests, how they went and how long they took; nobody's data.

In the text form that Prometheus reads (exposition format 0.0.4). Labels are the route as it is
declared, the method and the status: no id, no name, no address.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """What this process has counted since it started."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._problems: Counter[str] = Counter()
        self._took: dict[str, list[int]] = defaultdict(lambda: [0] * (len(_BOUNDS) + 1))
        self._seconds: dict[str, float] = defaultdict(float)

    def count(
        self, route: str | None, method: str, status: int, problem: str | None, seconds: float
    ) -> None:
        """Count an answer.

        Args:
            route: the address as it is declared; None: there is nothing at the address.
            method: as it was asked; one that nobody knows counts as others do.
            status: of the answer.
            problem: the kind of refusal, if it was one.
            seconds: how long it took.
        """
        told = route or "none"
        with self._lock:
            self._answers[told, method if method in _METHODS else "other", status] += 1
            self._took[told][bisect_left(_BOUNDS, seconds)] += 1
            self._seconds[told] += seconds
            if problem:
                self._problems[problem] += 1

    def lines(self, gauges: Mapping[str, float]) -> Iterable[str]:
        """Yield every figure as a line.

        Args:
            gauges: further ones, as they are now, by name.
        """
        with self._lock:
            answers, problems = dict(self._answers), dict(self._problems)
            took = {route: list(counts) for route, counts in self._took.items()}
            seconds = dict(self._seconds)
        yield "# TYPE daocha_requests_total counter"
        for (route, method, status), count in sorted(answers.items()):
            labels = f'route="{route}",method="{method}",status="{status}"'
            yield f"daocha_requests_total{{{labels}}} {count}"
        yield "# TYPE daocha_refusals_total counter"
        for problem, count in sorted(problems.items()):
            yield f'daocha_refusals_total{{problem="{problem}"}} {count}'
        yield "# TYPE daocha_request_seconds histogram"
        for route, counts in sorted(took.items()):
            upto = 0
            for bound, count in zip((*map(str, _BOUNDS), "+Inf"), counts, strict=True):
                upto += count
                yield f'daocha_request_seconds_bucket{{route="{route}",le="{bound}"}} {upto}'
            yield f'daocha_request_seconds_sum{{route="{route}"}} {seconds[route]:.6f}'
            yield f'daocha_request_seconds_count{{route="{route}"}} {upto}'
        for name, value in gauges.items():
            yield f"# TYPE daocha_{name} gauge"
            yield f"daocha_{name} {value:g}"
