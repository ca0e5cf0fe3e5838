"""Plain text put together from pieces of a source, with the place of each character remembered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extract.blocks import Span, SpanStyle

_FOLDED = re.compile(r"\s{2,}|[^\S ]|[\u00ad\u200b\u2060\ufeff]")  # what may not stand in plain text
_PIECE = re.compile(r"(\s+)|([\u00ad\u200b\u2060\ufeff]+)|[^\s\u00ad\u200b\u2060\ufeff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """``text`` is what ``raw``, which begins at ``start`` of the source, says; see ``Block``."""

    text: str
    raw: str
    start: int
    offsets: tuple[int, ...]
    spans: tuple[Span, ...]


class PlainText:
    """Collects text and folds its white space; pieces come in the order of the source."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._offsets: list[int] = []
        self._spans: list[Span] = []
        self._end = 0  # of the last piece that is more than white space
        self._blank = True  # whether white space would be one too many

    def __len__(self) -> int:
        return len(self._offsets)

    def add(self, text: str, at: int) -> None:
        """Add a stretch that stands in the source, letter for letter, from ``at``."""
        if not text:
            return
        if not _FOLDED.search(text) and not (self._blank and text[0] == " "):
            self._append(text, at)
            return
        for piece in _PIECE.finditer(text):
            if piece[1]:
                self.blank(at + piece.start())
            elif not piece[2]:
                self._append(piece[0], at + piece.start())

    def add_instead(self, text: str, start: int, end: int) -> None:
        """Add text that the source writes otherwise in ``start:end``, such as "&amp;"."""
        if not text.strip():
            self.blank(start)
            return
        text = text.lstrip() if self._blank else text
        self._pieces.append(text)
        self._offsets.extend([start] * len(text))
        self._end = end
        self._blank = text[-1] == " "

    def blank(self, at: int) -> None:
        """Add one blank, unless there is one or the text has not begun."""
        if not self._blank:
            self._pieces.append(" ")
            self._offsets.append(at)
            self._blank = True

    def style(self, start: int, style: SpanStyle, target: str = "") -> None:
        """Mark what was added since the text was ``start`` long."""
        end = len(self) - 1 if self._blank and len(self) else len(self)
        if start < end:
            self._spans.append(Span(start=start, end=end, style=style, target=target))

    def _append(self, text: str, at: int) -> None:
        self._pieces.append(text)
        self._offsets.extend(range(at, at + len(text)))
        self._blank = text[-1] == " "
        self._end = at + len(text) - self._blank

    def text(self) -> str:
        """Return what has been collected so far, without a blank at the end."""
        return "".join(self._pieces).rstrip(" ")

    def finish(
        self,
        source: str,
        *,
        start: int | None = None,
        end: int | None = None,
        drop: re.Pattern[str] | None = None,
    ) -> Plain:
        """Return the text with its stretch of ``source``.

        Args:
            source: what the pieces' places count in.
            start: where the stretch begins, such as at a list item's mark; else at the first character.
            end: where the stretch ends, such as at a code fence; else behind the last character.
            drop: what to leave out of the text, while it stays in the stretch.
        """
        text = self.text()
        offsets = [*self._offsets[: len(text)], self._end]
        spans = self._spans
        if drop is not None and drop.search(text):
            text, offsets, spans = _without(drop, text, offsets, spans)
        begin = start if start is not None else offsets[0]
        raw = source[begin : end if end is not None else self._end]
        relative = () if text == raw else tuple([offset - begin for offset in offsets])
        return Plain(text=text, raw=raw, start=begin, offsets=relative, spans=tuple(spans))

    def as_written(self, start: int, *, before: str = "", after: str = "") -> Plain:
        """Return the text for a source that is being written with it: ``before``, the text, ``after``."""
        text = self.text()
        shift = len(before)
        offsets = tuple(range(shift, shift + len(text) + 1)) if before or after else ()
        return Plain(
            text=text, raw=before + text + after, start=start, offsets=offsets, spans=tuple(self._spans)
        )


def _without(
    drop: re.Pattern[str], text: str, offsets: list[int], spans: list[Span]
) -> tuple[str, list[int], list[Span]]:
    """Leave every match of ``drop`` out of a text, and move what counts in it."""
    kept: list[int] = []
    at = 0
    for match in drop.finditer(text):
        kept.extend(range(at, match.start()))
        at = match.end()
    kept.extend(range(at, len(text)))
    places = {old: new for new, old in enumerate(kept)}
    moved = []
    for span in spans:
        inside = [places[old] for old in range(span.start, span.end) if old in places]
        if inside:
            moved.append(Span(start=inside[0], end=inside[-1] + 1, style=span.style, target=span.target))
    end = offsets[kept[-1] + 1] if kept else offsets[-1]
    return "".join(text[old] for old in kept), [*(offsets[old] for old in kept), end], moved
