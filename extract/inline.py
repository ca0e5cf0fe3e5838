"""Markdown's inline tokens, laid back over the source: plain text, styles, and where each letter stands.

markdown-it gives block tokens their lines but inline tokens no place at all. They do come in order and
each is spelled in the source in one known way, so one pass with a cursor finds them again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from extract.blocks import SpanStyle
from extract.plain import PlainText

_STYLES = {"strong": SpanStyle.BOLD, "em": SpanStyle.ITALIC, "link": SpanStyle.LINK}
_LINK_END = re.compile(r"\](?:\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|\[[^\]]*\])?", re.DOTALL)
_BREAK = re.compile(r"[ \t]*\\?\n[ \t]*")
_BOX = re.compile(r"\[(?:[ xX]|![A-Z]+)\]\s+")  # a task's box, an alert's kind
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)|<!|<\?")
HTML_NAMES = frozenset(
    "a abbr b bdi bdo big blockquote br button center cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i iframe img input ins kbd label li main mark "
    "nav ol option p picture pre q s samp section select small source span strike strong style sub summary "
    "sup svg table tbody td tfoot th thead time tr tt u ul var video wbr".split()
)
"""Tags that are markup. Any other, such as "<user_input>" in a prompt, is a word of the text."""


class Places:
    """Where each position of a token's content stands in the source.

    The content is stretches of the source one after another, with ``joint`` characters between two of
    them: a paragraph's lines without what a list or quotation puts in front of each.
    """

    def __init__(self, stretches: Sequence[tuple[int, int]], *, joint: int = 1) -> None:
        self._stretches = stretches
        self._starts: list[int] = []  # of each stretch, in the content
        at = 0
        for start, end in stretches:
            self._starts.append(at)
            at += end - start + joint

    def place(self, position: int) -> int:
        """Return where a position of the content stands in the source."""
        index = bisect_right(self._starts, position) - 1
        start, end = self._stretches[index]
        return min(start + position - self._starts[index], end)

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Cut ``start:end`` of the content at the joints: (start, end, place in the source)."""
        index = max(bisect_right(self._starts, start) - 1, 0)
        while index < len(self._starts) and self._starts[index] < end:
            at = self._starts[index]
            source_start, source_end = self._stretches[index]
            first, last = max(start, at), min(end, at + source_end - source_start)
            if first < last:
                yield first, last, source_start + first - at
            index += 1


def add_inline(plain: PlainText, content: str, tokens: Sequence[Token], places: Places) -> None:
    """Add an inline token's children, whose Markdown is ``content``, to a text."""
    box = _BOX.match(content)
    if box is None and len(tokens) == 1 and tokens[0].content == content:  # no markup, as in most cells
        for start, end, place in places.pieces(0, len(content)):
            plain.add(content[start:end], place)
    else:
        _Overlay(plain, content, places, box.end() if box else 0).lay(tokens)


class _Overlay:
    """One pass over a content, with a cursor that every token moves."""

    def __init__(self, plain: PlainText, content: str, places: Places, text_from: int) -> None:
        self._plain = plain
        self._content = content
        self._places = places
        self._text_from = text_from
        self._cursor = 0
        self._fallback = 0  # where the last link's text ended, should its target be read too far
        self._open: list[tuple[int, str]] = []

    def lay(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            match token.type:
                case "text":
                    self._add(token.content, self._find(token.content))
                case "text_special":
                    self._add_special(token)
                case "softbreak" | "hardbreak":
                    self._break()
                case "code_inline":
                    self._add_code(token)
                case "image":
                    self._find("![" + token.content)
                    self._leave_link()
                case "html_inline":
                    self._add_tag(token.content)
                case _ if token.nesting > 0:
                    self._enter(token)
                case _ if token.nesting < 0:
                    self._leave(token)

    def _find(self, written: str) -> int:
        """Move the cursor behind the next ``written`` and return where that begins."""
        at = self._content.find(written, self._cursor)
        if at < 0:
            at = self._content.find(written, self._fallback)
        if at < 0:
            return self._cursor
        self._cursor = at + len(written)
        return at

    def _add(self, text: str, at: int) -> None:
        for start, end, place in self._places.pieces(max(at, self._text_from), at + len(text)):
            self._plain.add(self._content[start:end], place)

    def _add_special(self, token: Token) -> None:
        at = self._find(token.markup)
        if token.markup.endswith(token.content):  # an escaped sign, or a backslash that escapes nothing
            self._add(token.content, at + len(token.markup) - len(token.content))
        else:
            place = self._places.place(at)
            self._plain.add_instead(token.content, place, place + len(token.markup))

    def _break(self) -> None:
        match = _BREAK.search(self._content, self._cursor)
        if match:
            self._plain.blank(self._places.place(match.start()))
            self._cursor = match.end()

    def _add_code(self, token: Token) -> None:
        self._find(token.markup)
        start = len(self._plain)
        # A line break in a code span is a blank in the token, so it is found by its first line.
        at = self._find(token.content)
        if not self._content.startswith(token.content, at):
            end = self._content.find(token.markup, self._cursor)
            at, self._cursor = self._cursor, end
            self._add(self._content[at:end], at)
        else:
            self._add(token.content, at)
        self._plain.style(start, SpanStyle.CODE)
        self._find(token.markup)

    def _add_tag(self, tag: str) -> None:
        at = self._find(tag)
        name = _TAG.match(tag)
        if name and name[1] and name[1].lower() not in HTML_NAMES:
            self._add(tag, at)
        elif name and name[1] and name[1].lower() in ("br", "hr", "p", "div", "li", "td"):
            self._plain.blank(self._places.place(at))

    def _enter(self, token: Token) -> None:
        autolink = token.markup == "autolink"
        self._find(token.markup if token.type != "link_open" else "<" if autolink else "[")
        self._open.append((len(self._plain), str(token.attrs.get("href", ""))))

    def _leave(self, token: Token) -> None:
        start, target = self._open.pop()
        kind = token.type.removesuffix("_close")
        if kind in _STYLES:
            self._plain.style(start, _STYLES[kind], target)
        if token.type != "link_close":
            self._find(token.markup)
        elif token.markup == "autolink":
            self._find(">")
        else:
            self._leave_link()

    def _leave_link(self) -> None:
        """Move behind "](target)", "][reference]" or "]"."""
        self._fallback = self._cursor
        match = _LINK_END.match(self._content, self._cursor)
        if match:
            self._fallback, self._cursor = self._cursor + 1, match.end()
