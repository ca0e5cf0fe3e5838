"""Archives: unpacked into a folder of our own, within limits that no archive can lie about."""

from __future__ import annotations

import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from extract.content import LoadError
from extract.found import MAX_FILE_BYTES, Failure, Found, is_utf8, is_wanted_file, is_wanted_folder, too_large

MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_MEMBERS = 100_000
MAX_RATIO = 200
"""Unpacked bytes to packed ones; text compresses 3 to 20 times, a bomb a thousand times and more."""

_FREE_BYTES = 16 * 1024 * 1024  # below this the ratio says nothing
_CHUNK = 1024 * 1024
_SUFFIXES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tar", ".zip")
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    ValueError,
)


def archive_label(name: str) -> str:
    """Return an archive's name without its suffix, or "" where the name is no archive's."""
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return ""


@dataclass(slots=True)
class Unpacked:
    """What came out of an archive."""

    found: list[Found] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    passed_over: list[Failure] = field(default_factory=list)  # archives in it
    skipped: int = 0


def unpack(archive: Path, label: str, folder: Path) -> Unpacked:
    """Unpack the readable files of an archive into ``folder``, under numbers for names.

    Raises:
        LoadError: it is no archive, damaged, locked, or far larger inside than any collection of notes.
    """
    try:
        unpacker = _Unpacker(archive, label, folder)
        unpacker.unpack()
    except _BROKEN as error:
        raise LoadError(f"a damaged archive ({error})") from error
    except RuntimeError as error:  # what zipfile raises for an encrypted member
        raise LoadError("locked with a password") from error
    except OSError as error:
        raise LoadError(f"cannot be unpacked: {error.strerror or error}") from error
    unpacker.result.found.sort(key=lambda found: found.path)
    return unpacker.result


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    name: str
    size: int  # as the archive says
    is_link: bool
    stream: IO[bytes] | None  # of a regular file


class _Unpacker:
    def __init__(self, archive: Path, label: str, folder: Path) -> None:
        self.result = Unpacked()
        self._archive = archive
        self._label = label
        self._folder = folder
        self._limit = min(max(archive.stat().st_size * MAX_RATIO, _FREE_BYTES), MAX_UNPACKED_BYTES)
        self._bytes = 0
        self._is_zip = zipfile.is_zipfile(archive)
        self._names: set[str] = set()

    def unpack(self) -> None:
        for count, member in enumerate(self._members()):
            if count >= MAX_MEMBERS:
                raise LoadError(f"more than {MAX_MEMBERS:,} files in it")
            self._take(member)

    def _members(self) -> Iterator[_Member]:
        if self._is_zip:
            yield from self._zip_members()
        else:
            yield from self._tar_members()

    def _zip_members(self) -> Iterator[_Member]:
        with zipfile.ZipFile(self._archive) as archive:
            for info in archive.infolist():
                if info.is_dir():
                    continue
                is_link = (info.external_attr >> 16) & 0o170000 == 0o120000
                if is_link or not _is_wanted(info.filename):
                    yield _Member(name=info.filename, size=0, is_link=is_link, stream=None)
                    continue
                with archive.open(info) as stream:
                    yield _Member(name=info.filename, size=info.file_size, is_link=False, stream=stream)

    def _tar_members(self) -> Iterator[_Member]:
        # Read as a stream, once through: seeking back in a compressed archive unpacks it again.
        with tarfile.open(self._archive, "r|*") as archive:
            for info in archive:
                # The size in the header is what passing over the member costs, so here it can be believed.
                # Its header costs too, so that an archive of a million empty folders is found out.
                self._count(info.size + tarfile.BLOCKSIZE)
                archive.members.clear()  # type: ignore[attr-defined]  # a stream is never sought back in, and need not be remembered
                if info.isfile():
                    yield _Member(
                        name=info.name, size=info.size, is_link=False, stream=archive.extractfile(info)
                    )
                elif info.issym() or info.islnk():
                    yield _Member(name=info.name, size=0, is_link=True, stream=None)

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self._limit:
            raise LoadError(
                f"unpacks to more than {self._limit / 1024 / 1024:,.0f} MB, as an archive bomb does; "
                "if it is none, unpack it and name the folder"
            )

    def _take(self, member: _Member) -> None:
        """Unpack one member, or say why not."""
        name = member.name
        if not is_utf8(name):
            self._fail(ascii(name), "its name is not UTF-8")
        elif _leads_out(name):
            self._fail(name, "its path leads out of the archive")
        elif member.is_link:
            self._fail(name, "a link; links in archives are not followed")
        elif archive_label(PurePosixPath(name).name) and _is_in_wanted_folder(name):
            reason = "an archive in an archive, not opened; unpack the outer one and name this one"
            self.result.passed_over.append(Failure(path=f"{self._label}/{name}", reason=reason))
        elif not _is_wanted(name) or member.stream is None or name in self._names:
            self.result.skipped += 1
        else:
            self._names.add(name)
            self._write(member, member.stream)

    def _write(self, member: _Member, stream: IO[bytes]) -> None:
        place = self._folder / f"{len(self.result.found):06}"
        size = 0
        with place.open("wb") as file:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > MAX_FILE_BYTES:
                    break
                file.write(chunk)
        if self._is_zip:
            self._count(size)
        if size > MAX_FILE_BYTES:
            place.unlink()
            self._fail(member.name, too_large(max(size, member.size)))
            return
        path = str(PurePosixPath(member.name))
        self.result.found.append(Found(root=self._label, path=path, size=size, place=os.fspath(place)))

    def _fail(self, name: str, reason: str) -> None:
        self.result.failures.append(Failure(path=f"{self._label}/{name}", reason=reason))


def _is_wanted(name: str) -> bool:
    return is_wanted_file(PurePosixPath(name).name) and _is_in_wanted_folder(name)


def _is_in_wanted_folder(name: str) -> bool:
    return all(is_wanted_folder(folder) for folder in PurePosixPath(name).parts[:-1])


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0]
