"""Work that goes wrong in the ways that work does; processes import it by this name."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

_HOLDS_THE_LOCK = re.compile(r"(a|aa)+$")  # runs for ages in C code, during which no other thread gets a turn


def double(job: str) -> str:
    """Do what is asked for; a name says how it goes wrong."""
    if job == "hangs":
        _HOLDS_THE_LOCK.match("a" * 200 + "b")
    if job == "is killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if job == "crashes":
        os.kill(os.getpid(), signal.SIGSEGV)
    if job == "raises":
        raise ValueError("no such thing")
    return job * 2


def die_once(marker: Path) -> str:
    """Die where the marker is not there yet, and leave it behind."""
    if marker.exists():
        return "done"
    marker.touch()
    os.kill(os.getpid(), signal.SIGKILL)
    return "not reached"


def write_much(job: int) -> bytes:
    """Give back more than a pipe holds."""
    return bytes([job]) * 5_000_000


def refuse() -> None:
    """End before the first job."""
    sys.exit(3)


def lacks_a_model() -> None:
    """Fail in words."""
    raise ValueError("no such model")
