"""From what the user names to the files to read: folders, files, archives, git repositories."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from extract.archive import archive_label, unpack
from extract.content import LoadError
from extract.found import (
    MAX_FILE_BYTES,
    Failure,
    Found,
    Scope,
    is_utf8,
    is_wanted_file,
    is_wanted_folder,
    too_large,
)
from extract.git import clone, is_repository, repository_label, without_credentials


def discover(arguments: Sequence[str], known: Mapping[str, str] | None = None) -> Discovery:
    """Prepare to search what the user named; iterate over the result to do it.

    An argument inside another one is covered by it. A root's label is the name of its folder, archive or
    repository. Where several roots have one name, the first by absolute path or address keeps it and each
    other has "-" and eight digits of that path's hash added: the order of the arguments does not matter.

    Args:
        arguments: files, folders, archives, repositories.
        known: labels given before, each with the path or address it stands for. They stay as they are,
            so that another folder of the same name does not pass for one read earlier; only the label of
            a path that is there no more is free again, for a folder that was moved.
    """
    return Discovery(_roots(arguments, known or {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Root:
    """One thing to search."""

    argument: str  # as the user wrote it
    identity: str  # absolute path or address
    label: str
    home: str  # what the label stands for: the path or address, or the folder of a single file
    kind: str  # "folder", "file", "archive", "repository" or "missing"


class Discovery:
    """Iterates, once, over what there is: files to read and inputs that cannot be, sorted by root and path.

    Use it in a ``with`` statement: archives and repositories are unpacked into a temporary folder,
    which goes when the statement ends. ``scopes``, ``skipped`` and ``passed_over`` are complete when the
    iteration is.
    """

    def __init__(self, roots: Sequence[_Root]) -> None:
        self.scopes: list[Scope] = []  # without what could not be searched or read: it may be there still
        self.skipped = 0  # files of other kinds, hidden or generated ones
        self.passed_over: list[Failure] = []  # archives within roots: what they hold is often there already
        self._roots = roots
        self._unsearched = False  # whether a folder of the root may not be looked into
        self._stack = ExitStack()

    def __enter__(self) -> Discovery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def homes(self) -> dict[str, str]:
        """What each root's label stands for: a path or an address."""
        return {root.label: root.home for root in self._roots if root.kind != "missing"}

    def __iter__(self) -> Iterator[Found | Failure]:
        for root in self._roots:
            try:
                yield from self._search(root)
            except LoadError as error:
                yield Failure(path=root.argument, reason=str(error))

    def _search(self, root: _Root) -> Iterator[Found | Failure]:
        match root.kind:
            case "folder":
                yield from self._folder(root, Path(root.identity))
            case "file":
                yield from self._file(root)
            case "archive":
                yield from self._archive(root)
            case "repository":
                folder = self._temporary() / "clone"
                clone(root.identity, folder)
                yield from self._folder(root, folder)
            case _:
                yield Failure(path=root.argument or "(empty)", reason="no such file or folder")

    def _temporary(self) -> Path:
        return Path(self._stack.enter_context(TemporaryDirectory(prefix="guidegraph-")))

    def _file(self, root: _Root) -> Iterator[Found | Failure]:
        place = Path(root.identity)
        item = _look(root, place, place.name)
        if isinstance(item, Found):
            self.scopes.append(Scope(root=root.label, path=item.path))
        yield item

    def _archive(self, root: _Root) -> Iterator[Found | Failure]:
        unpacked = unpack(Path(root.identity), root.label, self._temporary())
        self.skipped += unpacked.skipped
        self.passed_over.extend(unpacked.passed_over)
        self.scopes.append(Scope(root=root.label))
        yield from unpacked.failures
        yield from unpacked.found
        if not unpacked.failures and not unpacked.found:
            others = unpacked.skipped + len(unpacked.passed_over)
            yield Failure(path=root.argument, reason=_nothing_in("archive", others))

    def _folder(self, root: _Root, folder: Path) -> Iterator[Found | Failure]:
        """Walk a folder, its own files first, names in order."""
        before = self._others()
        self._unsearched = False
        found = False
        for item in self._walk(root, folder):
            found = True
            yield item
        if not self._unsearched:
            self.scopes.append(Scope(root=root.label))
        if not found:
            yield Failure(path=root.argument, reason=_nothing_in("folder", self._others() - before))

    def _others(self) -> int:
        return self.skipped + len(self.passed_over)

    def _walk(self, root: _Root, folder: Path) -> Iterator[Found | Failure]:
        real = folder.resolve()
        unreadable: list[OSError] = []
        for place, folders, files in os.walk(folder, onerror=unreadable.append):
            here = Path(place)
            inside = here.relative_to(folder)
            for name in sorted(files):
                path = (inside / name).as_posix()
                if archive_label(name) and not name.startswith("."):
                    self._pass_over(root, here / name, path)
                elif not is_wanted_file(name):
                    self.skipped += 1
                elif (here / name).is_symlink():
                    yield from self._link(root, here / name, real, path)
                else:
                    yield _look(root, here / name, path)
            # os.walk goes into what is left here, in this order, and never through a link.
            folders[:] = sorted(name for name in folders if is_wanted_folder(name))
            for name in folders:
                if (here / name).is_symlink():
                    yield from self._link(root, here / name, real, (inside / name).as_posix())
        self._unsearched = bool(unreadable)
        for error in unreadable:
            shown = Path(error.filename).relative_to(folder).as_posix()
            yield Failure(path=_shown(root, shown), reason=f"cannot be searched: {error.strerror}")

    def _pass_over(self, root: _Root, archive: Path, path: str) -> None:
        """Note an archive within a folder, unless it is named by itself."""
        if os.fspath(archive) in {other.identity for other in self._roots}:
            return
        what_to_do = (
            "clone it and name the archive" if root.kind == "repository" else f"name {archive} as well"
        )
        reason = f"an archive within a {root.kind}, not opened; to have it read, {what_to_do}"
        self.passed_over.append(Failure(path=_shown(root, path), reason=reason))

    def _link(self, root: _Root, link: Path, real: Path, path: str) -> Iterator[Failure]:
        """Pass over a link: what it leads to is found under its own name, or is none of this root's."""
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):  # RuntimeError: a loop, up to Python 3.12
            yield Failure(path=_shown(root, path), reason="a link that leads nowhere")
            return
        if target.is_relative_to(real):
            self.skipped += target.is_file()
        else:
            yield Failure(path=_shown(root, path), reason="a link that leads out of the folder; not followed")


def _nothing_in(kind: str, others: int) -> str:
    return f"no file of a known kind, only {others:,} of others" if others else f"an empty {kind}"


def _look(root: _Root, place: Path, path: str) -> Found | Failure:
    """Say whether a file can be read, as far as that shows without opening it."""
    if not is_utf8(path):
        return Failure(path=ascii(_shown(root, path)), reason="its name is not UTF-8")
    try:
        facts = place.stat()
    except OSError as error:
        return Failure(path=_shown(root, path), reason=f"cannot be read: {error.strerror}")
    if not stat.S_ISREG(facts.st_mode):
        kind = "named pipe" if stat.S_ISFIFO(facts.st_mode) else "device or socket"
        return Failure(path=_shown(root, path), reason=f"a {kind}, not a file")
    if facts.st_size > MAX_FILE_BYTES:
        return Failure(path=_shown(root, path), reason=too_large(facts.st_size))
    return Found(root=root.label, path=path, size=facts.st_size, place=os.fspath(place))


def _shown(root: _Root, path: str) -> str:
    return root.argument if root.kind == "file" else f"{root.label}/{path}"


def _roots(arguments: Sequence[str], known: Mapping[str, str]) -> list[_Root]:
    """Say what each argument is and what its root is called, in the order in which they are searched."""
    kinds = {_identity(argument): (argument, _kind(argument)) for argument in sorted(set(arguments))}
    folders = [identity for identity, (_, kind) in kinds.items() if kind == "folder"]
    named = {
        identity: (argument, kind)
        for identity, (argument, kind) in kinds.items()
        if not any(_is_covered(identity, kind, folder) for folder in folders)
    }
    homes: dict[str, set[str]] = {}  # for each label, what it stands for
    for identity, (_, kind) in named.items():
        homes.setdefault(_label(identity, kind), set()).add(_home(identity, kind))
    roots = []
    for identity, (argument, kind) in named.items():
        label, home = _label(identity, kind), _home(identity, kind)
        holder = known.get(label, "")
        keeps = holder == home if _is_there(holder) else home == min(homes[label])
        if not keeps:
            label += "-" + hashlib.blake2b(home.encode(errors="surrogateescape"), digest_size=4).hexdigest()
        shown = without_credentials(argument) if kind == "repository" else argument
        roots.append(_Root(argument=shown, identity=identity, label=label, home=home, kind=kind))
    return sorted(roots, key=lambda root: (root.label, root.identity))


def _is_there(home: str) -> bool:
    return bool(home) and (is_repository(home) or Path(home).exists())


def _identity(argument: str) -> str:
    if is_repository(argument) and not Path(argument).exists():
        return argument
    # Not resolved: a folder that is a link is known by the name that the user gave it.
    return os.path.abspath(Path(argument).expanduser())  # noqa: PTH100 - Path.absolute keeps ".."


def _kind(argument: str) -> str:
    place = Path(_identity(argument))
    if is_repository(argument):
        return "repository"
    if place.is_dir():
        return "folder"
    if not os.path.lexists(place) or not argument:
        return "missing"
    return "archive" if archive_label(place.name) and place.is_file() else "file"


def _home(identity: str, kind: str) -> str:
    """Return what a root's label names: all files of one folder that are named by themselves share it."""
    return os.fspath(Path(identity).parent) if kind == "file" else identity


def _label(identity: str, kind: str) -> str:
    if kind == "repository":
        return repository_label(identity)
    if kind == "archive":
        return archive_label(Path(identity).name)
    return Path(_home(identity, kind)).name or "root"


def _is_covered(identity: str, kind: str, folder: str) -> bool:
    """Whether searching ``folder`` finds this argument too."""
    if kind not in ("folder", "file") or identity == folder or not Path(identity).is_relative_to(folder):
        return False
    *folders, last = Path(identity).relative_to(folder).parts
    by_name = is_wanted_file(last) if kind == "file" else is_wanted_folder(last)
    return by_name and all(is_wanted_folder(name) for name in folders) and not Path(identity).is_symlink()
