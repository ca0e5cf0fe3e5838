"""Counters and a histogram in Prometheus' text format; few enough to need no library."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator

BUCKETS_S = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What the application counts; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS_S) + 1))
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._errors: Counter[str] = Counter()

    def observe(self, operation: str, seconds: float, error_codes: list[str]) -> None:
        """Count one request: ``operation`` must come from a closed list, or the series never end."""
        with self._lock:
            self._buckets[operation][bisect_left(BUCKETS_S, seconds)] += 1
            self._seconds[operation] += seconds
            self._errors.update(error_codes)

    def text(self, revision: int | None) -> str:
        """Write everything down; ``revision`` is the store's, None where it does not answer."""
        with self._lock:
            return "\n".join([*self._histogram(), *self._counters(revision), ""])

    def _histogram(self) -> Iterator[str]:
        name = "kg_request_seconds"
        yield f"# HELP {name} Time to answer a GraphQL request, by its root field."
        yield f"# TYPE {name} histogram"
        for operation, counts in sorted(self._buckets.items()):
            total = 0
            for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), counts, strict=True):
                total += count
                yield f'{name}_bucket{{operation="{operation}",le="{bound}"}} {total}'
            yield f'{name}_sum{{operation="{operation}"}} {self._seconds[operation]:.6f}'
            yield f'{name}_count{{operation="{operation}"}} {total}'

    def _counters(self, revision: int | None) -> Iterator[str]:
        yield "# HELP kg_errors_total Errors in GraphQL answers, by code."
        yield "# TYPE kg_errors_total counter"
        for code, count in sorted(self._errors.items()):
            yield f'kg_errors_total{{code="{code}"}} {count}'
        yield "# HELP kg_store_up Whether the store answers."
        yield "# TYPE kg_store_up gauge"
        yield f"kg_store_up {int(revision is not None)}"
        if revision is not None:
            yield "# HELP kg_store_revision Number of the published graph."
            yield "# TYPE kg_store_revision gauge"
            yield f"kg_store_revision {revision}"
