"""One file in, its blocks out, whatever the format."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import PurePosixPath

from extract.blocks import Block, BlockKind, Loaded, SpanStyle
from extract.content import Content, LoadError
from extract.decode import decode
from extract.markdown import read_markdown
from extract.notebook import read_notebook
from extract.pdf import read_pdf
from extract.text import read_text
from extract.web_page import read_web_page

__all__ = ["SUFFIXES", "LoadError", "load"]

_READERS: dict[str, Callable[[str, str], Content]] = {
    ".htm": read_web_page,
    ".html": read_web_page,
    ".ipynb": read_notebook,
    ".markdown": read_markdown,
    ".md": read_markdown,
    ".mdx": read_markdown,
    ".rst": read_text,
    ".text": read_text,
    ".txt": read_text,
    ".xhtml": read_web_page,
}

SUFFIXES = frozenset({*_READERS, ".pdf"})
"""What a folder is searched for; a file that is named by itself is read whatever its suffix."""

_HTML = re.compile(
    # Possessive, as a page may begin with any number of comments and none of them is to be tried twice.
    r"\s*+(?:<\?xml[^>]*>\s*+)?(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HEADING = re.compile(r"^#{2,6}[ \t]+\S", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_SNIFFED = 200_000  # characters; what a text is shows early


def load(path: str, data: bytes) -> Loaded:
    """Read one file.

    Args:
        path: relative to its root, with forward slashes; its suffix says the format, unless the bytes
            are plainly of another one: a PDF, a web page or Markdown that is named otherwise.
        data: the file's bytes.

    Raises:
        LoadError: there is nothing in them that can be read; the text says why.
    """
    content, warnings = _read(path, data)
    if not content.blocks:
        raise LoadError(content.warnings[0] if content.warnings else "nothing to read in it")
    return Loaded(
        path=path,
        title=content.title,
        content_hash=hashlib.sha256(data).hexdigest(),
        blocks=tuple(block for block in content.blocks if not _is_pointer(block)),
        metadata=dict(content.metadata),
        source=content.source,
        warnings=(*warnings, *content.warnings),
    )


def _is_pointer(block: Block) -> bool:
    """Whether a block is a line of a table of contents: nothing but a link within the document."""
    return block.kind is BlockKind.ITEM and any(
        span.style is SpanStyle.LINK
        and span.target.startswith("#")
        and span.end - span.start >= len(block.text)
        for span in block.spans
    )


def _read(path: str, data: bytes) -> tuple[Content, tuple[str, ...]]:
    suffix = PurePosixPath(path).suffix.lower()
    if not data.strip():
        raise LoadError("an empty file")
    if data.startswith(b"%PDF-"):
        return read_pdf(data, path), ()
    if suffix == ".pdf":
        raise LoadError("no PDF, whatever its name says")
    text, warnings = decode(data)
    return _reader(suffix, text)(text, path), warnings


def _reader(suffix: str, text: str) -> Callable[[str, str], Content]:
    """Return what reads a text: by its suffix, unless it looks like another format."""
    if suffix == ".ipynb":
        return read_notebook
    if _HTML.match(text, 0, _SNIFFED):
        return read_web_page
    reader = _READERS.get(suffix, read_text)
    return read_markdown if reader is read_text and _is_markdown(text[:_SNIFFED]) else reader


def _is_markdown(text: str) -> bool:
    """Whether a text has Markdown's headings and fences, or so many headings that nothing else makes them."""
    headings = len(_HEADING.findall(text))
    return (headings >= 1 and len(_FENCE.findall(text)) >= 2) or headings >= 4
