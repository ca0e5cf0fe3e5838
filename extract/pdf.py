"""PDF: text by page, without what is printed on every page, then read as plain text is."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter

from extract.content import Content, LoadError
from extract.text import read_text

MAX_PAGES = 3000
"""A longer PDF is refused: its text would take minutes to get out."""

_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]\n([^\W\d_][\w'\u2019.,;:)-]*)[ \t]*")
_PAGE_NUMBER = re.compile(
    r"(?:page\s+)?[-\u2013 ]*\d{1,4}[-\u2013 ]*(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE
)
_EDGE_LINES = 2  # at the top and bottom of a page, where headers and footers are


def read_pdf(data: bytes, path: str) -> Content:
    """Read a PDF; lines are counted through the text of all its pages.

    Raises:
        LoadError: it is damaged, locked, has no text (a scan), or pypdf is not installed.
    """
    pages = [page.replace("\x00", "").strip().splitlines() for page in _pages(data)]
    printed = _printed_everywhere(pages)
    for lines in pages:
        for number in (*range(_EDGE_LINES), *range(-_EDGE_LINES, 0)):
            if -len(lines) <= number < len(lines) and _edge_key(lines[number]) in printed:
                lines[number] = ""
    text = "\n\n".join("\n".join(lines) for lines in pages)
    if not text.strip():
        raise LoadError("no text in it; if it is a scan, run it through OCR first")
    # The rest of a broken word moves up to its beginning, so that no line changes its number.
    return read_text(_BROKEN_WORD.sub(r"\1\n", text), path)


def _pages(data: bytes) -> list[str]:
    try:
        import pypdf
        import pypdf.errors
    except ImportError as error:
        raise LoadError('reading PDF needs pypdf: pip install "guidegraph[pdf]"') from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it reports each oddity of a file, line by line
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise LoadError("locked with a password")
        if len(reader.pages) > MAX_PAGES:
            raise LoadError(f"{len(reader.pages):,} pages; at most {MAX_PAGES:,} are read")
        return [page.extract_text() or "" for page in reader.pages]
    # Damaged files fail inside pypdf in all these ways, not in its own errors alone.
    except (pypdf.errors.PyPdfError, ArithmeticError, AttributeError, LookupError, OSError) as error:
        raise LoadError(f"a damaged PDF ({error})") from error
    except (RecursionError, TypeError, ValueError, NotImplementedError) as error:
        raise LoadError(f"a damaged PDF ({error})") from error


def _printed_everywhere(pages: list[list[str]]) -> set[str]:
    """Return the headers and footers: what stands at the edges of most pages, page numbers aside."""
    counts = Counter(
        key
        for lines in pages
        for key in {_edge_key(line) for line in (*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:])}
    )
    often = max(3, len(pages) // 2)
    return {key for key, count in counts.items() if key and count >= often} | {"#"}


def _edge_key(line: str) -> str:
    """Fold a line so that the footers of all pages are alike; a bare page number is "#"."""
    if _PAGE_NUMBER.fullmatch(line.strip()):
        return "#"
    return re.sub(r"\d+", "#", line.strip())
