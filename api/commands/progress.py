"""How far long work has come, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from api.commands.output import say


class Progress(Protocol):
    """Told how far long work has come."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take the name of the stage and how many of how many are done; a total of 0 is not known."""


_AGAIN_S = 10.0


@contextmanager
def showing_progress() -> Iterator[Progress]:
    """Give a callback that draws bars on a terminal, and elsewhere says each stage once."""
    if not sys.stderr.isatty():
        yield _Stages()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield progress


class _Stages:
    """Says each stage when it begins, and again every ten seconds that it lasts."""

    def __init__(self) -> None:
        self._stage = ""
        self._said = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage == self._stage and now - self._said < _AGAIN_S:
            return
        self._stage, self._said = stage, now
        say(f"{stage} {done}/{total}" if total else stage)
