"""Printing: data to stdout, words to stderr; tables for people, tab-separated lines for programs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

import msgspec
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line feed


def print_json(value: object) -> None:
    """Print one JSON document."""
    written = msgspec.json.encode(value, enc_hook=_plain)
    sys.stdout.write(msgspec.json.format(written, indent=2).decode() + "\n")


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    raise TypeError(f"not written as JSON: {value!r}")


def print_text(text: str) -> None:
    """Print text as it is, but for control characters: material must not steer a terminal."""
    sys.stdout.write(_CONTROLS.sub("", text) + "\n")


def print_heading(text: str, *, gap: bool = True) -> None:
    """Print a line above what follows, with a ``gap`` to what came before."""
    if gap:
        print_text("")
    if sys.stdout.isatty():
        Console().print(_CONTROLS.sub("", text), style="bold", markup=False, highlight=False)
    else:
        print_text(text)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table on a terminal; elsewhere one line for each row, its cells separated by tabs."""
    texts = [[" ".join(_CONTROLS.sub("", _cell(value)).split()) for value in row] for row in rows]
    if not sys.stdout.isatty():
        sys.stdout.writelines("\t".join(cells) + "\n" for cells in texts)
        return
    table = Table(*columns, box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for cells in texts:
        table.add_row(*map(Text, cells))  # as plain text: brackets in it are no markup
    Console().print(table)


def say(text: str) -> None:
    """Say something about the work, to people."""
    sys.stderr.write(_CONTROLS.sub("", text) + "\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)
