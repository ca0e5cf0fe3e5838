"""Bytes to text: UTF-8 first, then what the bytes say of themselves, then the likeliest encoding."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from extract.content import LoadError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SAMPLE = 65_536  # enough to know an encoding by; guessing over megabytes takes seconds


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    r"""Return a file's text, its lines ended by "\n", and warnings where it was not plain UTF-8 or marked.

    Raises:
        LoadError: the bytes are no text in any encoding, or not in the one they are marked with.
    """
    text, warnings = _decoded(data)
    return text.replace("\r\n", "\n").replace("\r", "\n"), warnings


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], encoding), ()
    if is_binary(data):
        raise LoadError("a binary file, not text")
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        if _is_damaged_utf8(data, error.start):
            text = data.decode("utf-8", errors="replace")
            broken = text.count("\ufffd")
            return text, (
                f"not quite UTF-8: {broken:,} places could not be read, the first at byte {error.start:,}",
            )
        sample = data[max(error.start - _SAMPLE // 2, 0) : error.start + _SAMPLE // 2]
    encoding = _guess(sample)
    return data.decode(encoding, errors="replace"), (f"not UTF-8; read as {encoding}",)


def is_binary(data: bytes) -> bool:
    """Whether bytes without a byte order mark are surely no text."""
    sample = data[:_SAMPLE]
    return b"\x00" in sample or len(_CONTROL.findall(sample)) > len(sample) / 100


def _marked(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise LoadError(f"marked as {encoding.upper()}, but byte {error.start:,} is not") from error


def _guess(sample: bytes) -> str:
    """Return the likeliest encoding; where a short text leaves it open, the commonest."""
    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        raise LoadError("neither UTF-8 nor any other encoding that can be told; save it as UTF-8")
    for match in matches:
        if match.encoding == "cp1252" or "cp1252" in match.could_be_from_charset:
            return "cp1252" if match.chaos <= best.chaos else best.encoding
    return best.encoding


def _is_damaged_utf8(data: bytes, first_error: int) -> bool:
    """Whether most of what is not ASCII is UTF-8: then a few bytes are damaged, not the encoding another."""
    text = data[max(first_error - _SAMPLE, 0) : first_error + _SAMPLE].decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(char > "\x7f" for char in text) - broken
    return broken * 4 <= whole
