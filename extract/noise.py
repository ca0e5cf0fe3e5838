"""What a copied web page has around its text: menus, counters, buttons, offers."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BUTTONS = re.compile(
    r"(?:copy(?: code| link| page)?|copied!?|share(?: this)?(?: (?:post|article|page))?|menu"
    r"|skip to (?:main )?content|table of contents|on this page|back to top|previous|next|edit this page"
    r"|(?:sign|log) (?:in|up|out)"
    r"|subscribe(?: now)?|follow|bookmark|(?:expand|collapse|accept) all"
    r"|show (?:more|less|answer)|read more|learn more"
    r"|view (?:raw|source)|important|critical|bonus|easy|medium|hard|advertisement|sponsored|loading\.*"
    r"|\d+ min(?:ute)?s? read|(?:last )?(?:updated|published|modified)(?: on)?:? [\w ,./-]{4,20}"
    r"|\d+ (?:comments?|likes?|views?|shares?|claps?)|page \d+(?: of \d+)?)",
    re.IGNORECASE,
)
"""Whole lines that are buttons, badges or facts about the page."""

_OFFERS = re.compile(
    r"(?:ready to (?:ace|level up|get started|start|dive)\b.*|finished reading\b.*|about the author"
    r"|(?:subscribe|sign up|join) (?:to|for)\b.*"
    r"|(?:related|recommended|more) (?:posts|articles|reading from)\b.*"
    r"|leave a (?:reply|comment)|(?:get|download) the app\b.*|share this (?:post|article)\b.*"
    r"|cookie (?:policy|settings|preferences)\b.*)",
    re.IGNORECASE,
)
"""Headings whose whole section is no part of the text."""

_COUNTER = re.compile(r"\d[\d,.]*\+?\s+[A-Z&][\w&+ -]{1,30}")
_READING_TIME = re.compile(r"\d+ min(?:ute)?s? read", re.IGNORECASE)
_MAX_OFFER_LINES = 24
_CLOSES_OFFER_CHARS = 220  # a paragraph as long as this is the article again


def find_noise(lines: Sequence[str]) -> set[int]:
    """Return the lines that are no text of the page, counted from 0."""
    noise: set[int] = set()
    noise.update(_crumbs(lines))
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        if line and _OFFERS.fullmatch(line):
            end = _offer_end(lines, at)
            noise.update(range(at, end))
            at = end
            continue
        if line and _BUTTONS.fullmatch(line):
            noise.add(at)
        elif _COUNTER.fullmatch(line) and at + 1 < len(lines) and _COUNTER.fullmatch(lines[at + 1].strip()):
            end = _counters_end(lines, at)
            noise.update(range(at, end))
            at = end
            continue
        at += 1
    return noise


def _crumbs(lines: Sequence[str]) -> list[int]:
    """Lines above the title: it is the one before the reading time, and a path of links stands over it."""
    filled = [number for number, line in enumerate(lines[:40]) if line.strip()][:8]
    for position, number in enumerate(filled):
        if _READING_TIME.fullmatch(lines[number].strip()):
            return filled[: max(position - 1, 0)]
    return []


def _offer_end(lines: Sequence[str], first: int) -> int:
    """Return the line where the article goes on: a heading between blank lines, or a full paragraph."""
    for at in range(first + 1, min(first + _MAX_OFFER_LINES, len(lines))):
        line = lines[at].strip()
        alone = not lines[at - 1].strip() and (at + 1 == len(lines) or not lines[at + 1].strip())
        is_heading = alone and len(line) < 60 and line[:1].isalnum() and line[-1:] not in ".!:;,"
        if len(line) > _CLOSES_OFFER_CHARS or (is_heading and line[:1] == line[:1].upper()):
            return at
    return min(first + _MAX_OFFER_LINES, len(lines))


def _counters_end(lines: Sequence[str], first: int) -> int:
    """Return the line after a run of counters such as "94 Topics" and the slogan that may close it."""
    at = first
    while at < len(lines) and _COUNTER.fullmatch(lines[at].strip()):
        at += 1
    slogan = lines[at].strip() if at < len(lines) else ""
    return at + (0 < len(slogan.split()) <= 4 and slogan[0].isupper())
