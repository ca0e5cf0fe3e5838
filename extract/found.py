"""What a search for material gives: files that can be read, inputs that cannot, and what was covered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from extract.content import LoadError
from extract.load import SUFFIXES

MAX_FILE_BYTES = 32 * 1024 * 1024
"""A larger file is refused: no guide is that long, and reading it would take the memory of many."""

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})
_SKIPPED_FILES = frozenset(
    "cmakelists.txt constraints.txt licence.md licence.txt license.md license.txt requirements.txt "
    "robots.txt".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file to read, here or in another process."""

    root: str  # label of what was named: a folder, archive or repository, or a single file's folder
    path: str  # relative to the root, with forward slashes
    size: int  # bytes
    place: str  # where its bytes are on this machine; an archive's are unpacked while it is searched

    def read(self) -> bytes:
        """Return the file's bytes.

        Raises:
            LoadError: it has gone, may not be read, or has grown beyond the limit.
        """
        try:
            with Path(self.place).open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise LoadError(f"cannot be read: {error.strerror or error}") from error
        if len(data) > MAX_FILE_BYTES:
            raise LoadError(too_large(len(data)))
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An input that cannot be read, and why, in one line."""

    path: str  # as named, or as root/path within it
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an argument covers: a whole root, or the one file ``path`` of it."""

    root: str
    path: str = ""

    def covers(self, root: str, path: str) -> bool:
        """Whether a document of this root and path would have been found."""
        return root == self.root and self.path in ("", path)


def too_large(size: int, limit: int = MAX_FILE_BYTES) -> str:
    """Return the reason to refuse a file of ``size`` bytes."""
    return f"{size / 1024 / 1024:,.0f} MB; at most {limit / 1024 / 1024:,.0f} MB a file are read"


def is_wanted_folder(name: str) -> bool:
    """Whether a folder is searched: not a hidden one, nor one of installed or generated files."""
    return not name.startswith(".") and name.lower() not in _SKIPPED_FOLDERS


def is_wanted_file(name: str) -> bool:
    """Whether a file in a folder or archive is read, by its name."""
    lower = name.lower()
    suffix = lower[lower.rfind(".") :] if "." in lower else ""
    return not name.startswith(".") and suffix in SUFFIXES and lower not in _SKIPPED_FILES


def is_utf8(name: str) -> bool:
    """Whether a file's name can be written down; the bytes of one that is not are lone surrogates."""
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)
