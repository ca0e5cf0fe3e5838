"""Which lines of plain text are headings, and how deep each is."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

BULLET = re.compile(
    r"(?:[-*+\u2022\u00b7\u25e6\u25aa\u2023\u25cf\u2013\u2014]|(?P<number>\d{1,3})[.)])(?:[ \t]+|$)"
)
TABLE_ROW = re.compile(r"\|.*\|$")
QUESTION = re.compile(r"Q(?:uestion)?:\s*(?=\S)")
ANSWER = re.compile(r"A(?:nswer)?:\s*(?=\S)")
RULE = re.compile(r"([-=_*~#])\1{2,}$")

_ATX = re.compile(r"(#{1,6})[ \t]+(?=\S)")
_NUMBERED = re.compile(r"\d{1,2}\.(?=[^\W\d_])|\d{1,2}(?:\.\d{1,2})+\.?[ \t]+(?=[^\W\d_])")
_LABELLED = re.compile(
    r"(?:pattern|example|step|exercise|issue|problem|scenario|case|part|phase|question|lesson|module|chapter|q)"
    r"\s*(?:study\s*)?\d{0,3}[a-z]?\s*[:.)]\s*\S",
    re.IGNORECASE,
)
_QUESTION_NUMBER = re.compile(r"[A-Z]\d{1,3}[.:]?$")
_ORNAMENT = re.compile(r"[\u2605\u2606\u25c6\u25c7\u25cb\u25cf\u25a0\u25b6]")
_PILCROW = "\u00b6"
_LETTER = re.compile(r"[^\W\d_]")
_REFERENCE = re.compile(r"https?:|\w/\S*\.\w{2,4}\b|\.(?:md|py|html?|pdf|json|ya?ml)\b")
_SMALL = frozenset(
    "a an and as at but by for from in into is nor of on or over per the to via vs with your".split()
)
_MAX_CHARS = 100
_MAX_WORDS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlined:
    """The headings of a text by line, counted from 0, and the lines that only announce one."""

    levels: dict[int, int]
    emblems: frozenset[
        int
    ]  # an emoji, a number or "INTERVIEW" above a section's title, "Q7" above a question


def find_headings(
    lines: Sequence[str], skipped: Collection[int], content: Collection[int], *, wrapped: bool
) -> Outlined:
    """Find the headings of a text.

    Args:
        lines: without their ends.
        skipped: lines that are no text of the page.
        content: lines known to be something else, such as code.
        wrapped: whether lines end where the page did, not where the paragraph does.
    """
    finder = _Finder(lines, skipped, content, wrapped=wrapped)
    for at, line in enumerate(lines):
        if line.strip() and at not in skipped and at not in content:
            finder.read(at)
        elif at in content:
            finder.content()
    return Outlined(levels=finder.levels, emblems=frozenset(finder.emblems))


class _Finder:
    """Reads the lines from the top and remembers what headings there were."""

    def __init__(
        self, lines: Sequence[str], skipped: Collection[int], content: Collection[int], *, wrapped: bool
    ) -> None:
        self._lines = [line.strip() for line in lines]
        self._skipped = skipped
        self._content = content
        self._wrapped = wrapped
        ornaments = sum(line.endswith(_PILCROW) and bool(_ORNAMENT.match(line)) for line in self._lines)
        numbered = sum(bool(_NUMBERED.match(line)) and self._is_short(line) for line in self._lines)
        emblems = sum(bool(line) and not _LETTER.search(line) and len(line) < 4 for line in self._lines)
        self._plain_level = 3 if max(ornaments, numbered, emblems // 2) > 1 else 2
        self._announced = ""  # "section" or "question": what an emblem said comes next
        self._in_question = False
        self._above = 0  # level of the heading right above, with nothing between; else 0
        self._above_at = -1
        self._begun = False  # whether there was any text
        self.levels: dict[int, int] = {}
        self.emblems: set[int] = set()

    def content(self) -> None:
        """Meet a line that is not a heading."""
        self._above, self._announced, self._begun = 0, "", True

    def read(self, at: int) -> None:
        """Meet a line with something on it."""
        line = self._lines[at]
        if self._is_emblem(at, line):
            self.emblems.add(at)
            return
        level = self._level(at, line)
        if not level:
            if self._begun or not TABLE_ROW.match(line):  # facts about the page may stand above its title
                self.content()
            return
        self.levels[at] = level
        self._in_question = self._announced == "question" or (self._in_question and level > self._plain_level)
        self._above, self._above_at, self._announced, self._begun = level, at, "", True

    def _is_emblem(self, at: int, line: str) -> bool:
        if self._numbers_question(at):
            self._announced = "question"
            return True
        if not _LETTER.search(line) and len(line) <= 4 and not BULLET.match(line):
            self._announced = "section"
            return True
        return self._announced == "section" and line.isupper() and " " not in line and len(line) > 3

    def _numbers_question(self, at: int) -> bool:
        """Whether a line is but a number such as "Q7" and the next one the question."""
        if at >= len(self._lines) or not _QUESTION_NUMBER.match(self._lines[at]):
            return False
        asked = self._next(at + 1)
        return asked.endswith(("?", ".")) and len(asked.split()) > 3

    def _level(self, at: int, line: str) -> int:
        """Return the level that a line has as a heading, or 0."""
        if self._announced == "question":
            return self._plain_level
        if self._announced == "section" and self._is_short(line):
            return 2
        if line.endswith(_PILCROW):
            return self._pilcrow_level(line)
        if BULLET.match(line) and not self._is_lone_number(at, line):
            return 0
        if QUESTION.match(line) or ANSWER.match(line):
            return 0
        if TABLE_ROW.match(line) or "\u2192" in line or _REFERENCE.search(line) or not self._is_short(line):
            return 0
        if atx := _ATX.match(line):
            return min(self._plain_level - 1 + len(atx[1]), 6) if self._begun else 1
        under = RULE.match(self._lines[at + 1] if at + 1 < len(self._lines) else "")
        if under and under[1] in "=-":
            return (2 if under[1] == "=" else 3) if self._begun else 1
        if numbered := _NUMBERED.match(line):
            return 2 + numbered[0].strip(". \t").count(".")
        if self._is_lone_number(at, line):
            return 2
        return self._plain(at, line)

    def _pilcrow_level(self, line: str) -> int:
        if not self._begun:
            return 1
        return 2 if _ORNAMENT.match(line) else self._plain_level

    def _plain(self, at: int, line: str) -> int:
        """Judge a line by its looks alone: short, no full stop, something below it."""
        if not self._begun:
            return 1 if self._next(at + 1) else 0
        if not (line[0].isupper() or line[0].isdigit() or line[0] in '"\u201c' or ord(line[0]) > 0x2000):
            return 0
        directly = self._above and self._above_at == at - 1
        if directly and not _is_title_case(line) and not _LABELLED.match(line):
            return 0  # a subtitle
        if self._wrapped and self._is_within_paragraph(at, directly=bool(directly)):
            return 0
        if not self._opens(at):
            return 0
        if self._numbers_question(self._below(at)):
            return 2
        if self._above and not self._in_question:
            level = self._above + 1
        elif self._in_question or _LABELLED.match(line):
            level = self._plain_level + 1
        else:
            level = self._plain_level
        return min(level, 6)

    def _is_within_paragraph(self, at: int, *, directly: bool) -> bool:
        """Whether a line of a wrapped text has more of its paragraph above or below it."""
        below = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        return (at > 0 and bool(self._lines[at - 1]) and not directly) or below[:1].islower()

    def _opens(self, at: int) -> bool:
        """Whether what comes next is what a heading stands above: a paragraph, list, table, code, heading."""
        below = self._below(at)
        if below == len(self._lines):
            return False
        following = self._lines[below]
        if below in self._content or BULLET.match(following) or TABLE_ROW.match(following):
            return True
        if len(following) > 70 or (following[-1] in ".:!?" and len(following.split()) > 1):
            return True
        if following.endswith(_PILCROW) or _NUMBERED.match(following) or self._numbers_question(below):
            return True
        return self._is_short(following) and (below == at + 1 or _is_title_case(following))

    def _is_short(self, line: str) -> bool:
        return (
            0 < len(line) <= _MAX_CHARS
            and len(line.split()) <= _MAX_WORDS
            and line.rstrip("\"')\u201d\u2019")[-1:] not in tuple(".,;:!\u2026")
            and bool(_LETTER.search(line))
        )

    def _is_lone_number(self, at: int, line: str) -> bool:
        """Whether "3. Something" is a heading: short, between blank lines, and no item next to it."""
        match = BULLET.match(line)
        if match is None or not match["number"] or not self._is_short(line):
            return False
        before = self._lines[at - 1] if at else ""
        after = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        return not before and not after and not BULLET.match(self._next(at + 2))

    def _below(self, at: int) -> int:
        """Return the next line that has text of the page, or the number of lines."""
        below = at + 1
        while below < len(self._lines) and (below in self._skipped or not self._lines[below]):
            below += 1
        return below

    def _next(self, at: int) -> str:
        """Return the text of line ``at``, or of the next one that has any."""
        below = self._below(at - 1)
        return self._lines[below] if below < len(self._lines) else ""


def _is_title_case(line: str) -> bool:
    words = [word for word in re.findall(r"[^\W_][\w'-]*", line) if word.casefold() not in _SMALL]
    return "," not in line and all(not word[0].islower() for word in words)
