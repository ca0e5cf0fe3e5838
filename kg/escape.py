"""People's text made safe inside other formats: it may hold anything, and must stay text."""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import escape

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>~&|])")
_MARKDOWN_BLOCK = re.compile(r"^(\d*)([#+=.)-])")  # at the beginning: a heading, a list
_MERMAID = re.compile(r"[^\w ,.:?!/+()'-]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def one_line(text: str) -> str:
    """Return text on one line, without characters that steer a terminal or that XML forbids."""
    return " ".join(_CONTROL.sub(" ", text).split())


def markdown_text(text: str) -> str:
    """Return text that Markdown shows as it is, at the beginning of a line too."""
    return _MARKDOWN_BLOCK.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", one_line(text)))


def mermaid_label(text: str) -> str:
    """Return a quoted Mermaid label; what could end it or be read as markup becomes a numeric entity."""
    return '"' + _MERMAID.sub(lambda match: f"#{ord(match[0])};", one_line(text)) + '"'


def spreadsheet_cell(text: str) -> str:
    """Return a CSV field that no spreadsheet takes for a formula (OWASP, "CSV Injection")."""
    text = one_line(text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def calendar_text(text: str) -> str:
    """Return an iCalendar TEXT value (RFC 5545, 3.3.11); line breaks in it are kept."""
    lines = [one_line(line) for line in text.splitlines()]
    return "\\n".join(re.sub(r"([\\;,])", r"\\\1", line) for line in lines)


def xml_text(text: str) -> str:
    """Return text for an XML element or quoted attribute, without what XML 1.0 cannot hold."""
    return escape(_CONTROL.sub("", text), {'"': "&quot;"})


def cypher_string(text: str) -> str:
    """Return a Cypher string literal."""
    # JSON's escapes are Cypher's; a backslash before "u" is doubled, so none of the text's own is read.
    return json.dumps(_CONTROL.sub("", text), ensure_ascii=False)
