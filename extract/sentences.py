"""Where sentences begin and end: a few rules, the same result each time, and fast."""

from __future__ import annotations

import re

# A mark that may end a sentence, with the quotes and brackets it closes, before white space; CJK marks
# need none. Blank lines end one as well.
_END = re.compile(r"[.!?\u2026]+[\"'\u2019\u201d\u00bb)\]*_]*(?=\s)|[\u3002\uff01\uff1f]+|\n[ \t]*\n")
_NEXT = re.compile(r"\s*[\"'\u2018\u201c\u00ab(\[*_]*(\w+)?")
_BEFORE = re.compile(r"(?:^|(?<=[\s(\[\"'\u201c/,]))[^\s(\[\"'\u201c/,]*$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")  # "J", "e.g", "U.S"
_NUMBER = re.compile(r"\(?\d{1,3}")

_NEVER = frozenset(
    "al approx ca cf dept dr ed eds eq eqs et fig figs gen gov hon incl lt mr mrs ms mt nos op pp prof ref "
    "refs rep resp rev sec sect sen st vol vols vs viz".split()
)
"""Abbreviations that something always follows."""

_SELDOM = frozenset("assn avg bros co corp est etc ft inc jr ltd max min misc no sr std temp".split())
"""Abbreviations or words that also end a sentence: they do where a capital follows."""


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return where each sentence begins and ends, in order, without the white space between them."""
    spans = []
    start = _skip_blank(text, 0)
    for mark in _END.finditer(text):
        if mark.start() < start or not _ends_sentence(text, start, mark):
            continue
        end = len(text[start : mark.end()].rstrip()) + start
        if end > start:
            spans.append((start, end))
        start = _skip_blank(text, mark.end())
    end = len(text.rstrip())
    if start < end:
        spans.append((start, end))
    return spans


_BLANK = re.compile(r"\s*")


def _skip_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _ends_sentence(text: str, start: int, mark: re.Match[str]) -> bool:
    written = mark[0]
    if written[0] in "\n\u3002\uff01\uff1f":
        return True
    following = _NEXT.match(text, mark.end())
    word = (following[1] or "") if following else ""
    # A lower-case word goes on with the sentence, unless it is a name such as vLLM, iOS or k6.
    if word[:1].islower() and word.islower() and word.isalpha():
        return False
    if written[0] != "." or written.startswith(".."):
        return True
    return not _is_abbreviation(text, start, mark.start(), word)


def _is_abbreviation(text: str, start: int, dot: int, following: str) -> bool:
    # 24 characters hold any abbreviation; looking further back would cost more the longer the text.
    match = _BEFORE.search(text[max(start, dot - 24) : dot])
    word = match[0] if match else ""
    if not word:
        return False
    if _NUMBER.fullmatch(word):  # "1. First" numbers what follows; "in 1. Then" is rare
        return dot - len(word) == start
    folded = word.lower().rstrip(".")
    if folded in _NEVER:
        return True
    if folded in _SELDOM:
        return not following[:1].isupper()
    if not _INITIALS.fullmatch(word):
        return False
    # "J. Smith" and "e.g. Redis" go on; "in the U.S. The" and "plan B. Then" do not.
    if "." in word:
        return word.islower() or not following[:1].isupper()
    return word.isupper() and word != "I" and _is_name_after(text, dot)


def _is_name_after(text: str, dot: int) -> bool:
    """Whether "X." looks like an initial: a capitalised word follows that no sentence begins with."""
    following = _NEXT.match(text, dot + 1)
    word = (following[1] or "") if following else ""
    return word[:1].isupper() and word.lower() not in _OPENERS


_OPENERS = frozenset(
    "a an and as at but by each every for from he here how however if in instead it its many more most next "
    "no not now on once one only or our she since so some such that the their then there these they this "
    "those thus to use we what when where which while who why with you your".split()
)
