"""Jupyter notebooks: the cells as one Markdown text, code fenced."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from extract.content import Content, LoadError
from extract.markdown import read_markdown
from extract.page import Lines


def read_notebook(text: str, path: str) -> Content:
    """Read a notebook.

    The source of the blocks is its cells put together, outputs left out; a block's line is that of the
    ``.ipynb`` file, which writes each line of a cell on a line of its own.
    """
    try:
        notebook = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise LoadError(f"not a notebook: {error}") from error
    written: list[str] = []
    places: list[int] = []  # for each line of the source, its line in the file
    finder = _LineFinder(text)
    for cell in _cells(notebook):
        lines = _cell_lines(cell)
        if not any(line.strip() for line in lines):
            continue
        numbers = [finder.find(line) for line in lines]
        if cell.get("cell_type") == "code":
            fence = "`" * max(
                3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
            )
            lines = [fence + _language(notebook), *lines, fence]
            numbers = [numbers[0], *numbers, numbers[-1]]
        written += [*lines, ""]
        places += [*numbers, numbers[-1]]
    content = read_markdown("\n".join(written), path)
    blocks = tuple(replace(block, line=places[block.line - 1]) for block in content.blocks)
    return replace(content, blocks=blocks)


def _cells(notebook: Any) -> Iterator[dict[str, Any]]:
    """Yield the cells with text, of format 4 or, where they are in worksheets, of format 3."""
    if not isinstance(notebook, dict):
        raise LoadError("not a notebook: no object with cells")
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        sheets = notebook.get("worksheets")
        cells = (
            [cell for sheet in sheets for cell in sheet.get("cells", ())]
            if isinstance(sheets, list)
            else None
        )
    if cells is None:
        raise LoadError("not a notebook: it has no cells")
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") in ("markdown", "code"):
            yield cell


def _cell_lines(cell: dict[str, Any]) -> list[str]:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(str(part) for part in source)
    return str(source).splitlines()


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    name = info.get("name") if isinstance(info, dict) else None
    return name if isinstance(name, str) and name.isalnum() else "python"


class _LineFinder:
    """Finds the cells' lines in the file, one after another."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = Lines(text)
        self._cursor = 0
        self._number = 1

    def find(self, line: str) -> int:
        """Return the file's line that holds a cell's line, or the last one found."""
        for ascii_only in (False, True):
            written = json.dumps(line, ensure_ascii=ascii_only)[1:-1]
            at = self._text.find(written, self._cursor) if written.strip() else -1
            if at >= 0:
                self._cursor = at + len(written)
                self._number = self._lines.number(at)
                break
        return self._number
