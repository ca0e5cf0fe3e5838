"""What clients send, checked at the door and given its default where it is null."""

from __future__ import annotations

from kg.errors import InvalidInputError

MAX_PAGE = 100
MAX_DEPTH = 5


def page_size(first: int | None, default: int) -> int:
    """Return ``first``, or ``default`` where it is null.

    Raises:
        InvalidInputError: ``first`` is not 1 to 100.
    """
    return within("first", default if first is None else first, 1, MAX_PAGE)


def within(name: str, value: int, least: int, most: int) -> int:
    """Return ``value``, the argument called ``name``.

    Raises:
        InvalidInputError: it is not ``least`` to ``most``.
    """
    if not least <= value <= most:
        raise InvalidInputError(f"{name} must be {least} to {most}, not {value}")
    return value


def confidence_floor(min_confidence: float | None) -> float:
    """Return the least confidence wanted, 0 for null.

    Raises:
        InvalidInputError: it is not 0 to 1.
    """
    floor = min_confidence or 0.0
    if not 0 <= floor <= 1:
        raise InvalidInputError(f"minConfidence must be 0 to 1, not {floor}")
    return floor
