"""Calendars as other programs read them: iCalendar (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kg.escape import calendar_text, one_line
from kg.names import content_id

_LINE_OCTETS = 75  # RFC 5545, 3.1: longer lines are folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that takes whole days."""

    key: str  # the same event has the same key in a plan made again, so that calendars replace it
    first_day: date
    days: int
    summary: str
    description: str


def write_calendar(events: Iterable[Event], *, name: str, made_on: date) -> str:
    """Return a calendar file. It has no clock in it: its stamps say ``made_on``."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//guidegraph//study plan//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{calendar_text(one_line(name))}",
    ]
    for event in events:
        lines += _event(event, made_on)
    lines.append("END:VCALENDAR")
    return "".join(part + "\r\n" for line in lines for part in _fold(line))


def _event(event: Event, made_on: date) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{content_id('s', event.key)}@guidegraph",
        f"DTSTAMP:{_day(made_on)}T000000Z",
        f"DTSTART;VALUE=DATE:{_day(event.first_day)}",
        # The end is the first day that the event does not take any more.
        f"DTEND;VALUE=DATE:{_day(event.first_day + timedelta(days=event.days))}",
        f"SUMMARY:{calendar_text(one_line(event.summary))}",
        f"DESCRIPTION:{calendar_text(event.description)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _day(day: date) -> str:
    return day.isoformat().replace("-", "")


def _fold(line: str) -> Iterator[str]:
    """Yield a line in parts of at most 75 octets, no character broken; later parts begin with a blank."""
    part, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > _LINE_OCTETS:
            yield part
            part, octets = " ", 1
        part += character
        octets += size
    yield part
