"""The catalogue: curated names, aliases, kinds and general prerequisites, read from YAML."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from kg.errors import InvalidInputError
from kg.model import Difficulty, EntityKind, RelationType, Track
from kg.names import name_key

RELATION_FIELDS = {
    "is_a": (RelationType.IS_A, "{} is a kind of {}."),
    "part_of": (RelationType.PART_OF, "{} is part of {}."),
    "uses": (RelationType.USES, "{} uses {}."),
    "implements": (RelationType.IMPLEMENTS, "{} implements {}."),
    "alternative_to": (RelationType.ALTERNATIVE_TO, "{} is an alternative to {}."),
    "measures": (RelationType.MEASURES, "{} measures {}."),
    "mitigates": (RelationType.MITIGATES, "{} mitigates {}."),
    "improves": (RelationType.IMPROVES, "{} improves {}."),
    "worsens": (RelationType.WORSENS, "{} worsens {}."),
    "prerequisites": (RelationType.PREREQUISITE_OF, "{} rests on {}."),
}
"""Fields of an entry that state relations, each with its type and its sentence.

All point from the entry, but prerequisites point to it.
"""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One name of the field, as the catalogue's files write it."""

    name: str
    kind: EntityKind
    gloss: str = ""
    aliases: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()  # that text says it in but no one would call it by; see extract/forms.py
    difficulty: Difficulty | None = None
    is_a: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    implements: tuple[str, ...] = ()
    alternative_to: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    mitigates: tuple[str, ...] = ()
    improves: tuple[str, ...] = ()
    worsens: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    near: tuple[str, ...] = ()  # a homonym: meant only where one of these stands in the same passage
    exact: bool = False  # meant only where written with exactly these capitals

    def relations(self) -> Iterator[tuple[str, RelationType, str, str]]:
        """Yield (source name, type, target name, a sentence that says so)."""
        for field, (type_, sentence) in RELATION_FIELDS.items():
            for other in getattr(self, field):
                words = sentence.format(self.name, other)
                ends = (other, self.name) if type_ is RelationType.PREREQUISITE_OF else (self.name, other)
                yield ends[0], type_, ends[1], words


class _TrackEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    goals: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    description: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    entities: tuple[Entry, ...] = ()
    tracks: tuple[_TrackEntry, ...] = ()


class Catalogue(msgspec.Struct, frozen=True):
    """All entries and tracks, by file and order within it, and a hash of what they say."""

    entries: tuple[Entry, ...]
    files: tuple[str, ...]  # which file each entry stands in, as many as entries
    tracks: tuple[Track, ...]
    digest: str


def bundled_catalogue() -> Path:
    """Return the folder of the catalogue that comes with the package."""
    return Path(str(files("seeds"))) / "catalogue"


def read_catalogue(folders: Iterable[Path]) -> Catalogue:
    """Read every ``*.yaml`` of the folders; a later folder's entry replaces an earlier one of its name.

    Raises:
        InvalidInputError: a file is not YAML, or not of the catalogue's form; the text says where.
    """
    entries: dict[str, tuple[Entry, str]] = {}
    tracks: dict[str, Track] = {}
    digest = hashlib.sha256()
    for folder in folders:
        if not folder.is_dir():
            raise InvalidInputError(f"no catalogue folder {str(folder)!r}; name a folder of *.yaml files")
        for path in sorted(folder.glob("*.yaml")):
            data = path.read_bytes()
            digest.update(path.name.encode() + b"\0" + data)
            parsed = _parse(path, data)
            entries.update((name_key(entry.name), (entry, path.name)) for entry in parsed.entities)
            for track in parsed.tracks:
                tracks[name_key(track.name)] = Track(
                    name=track.name, aliases=track.aliases, goals=track.goals, description=track.description
                )
    return Catalogue(
        entries=tuple(entry for entry, _ in entries.values()),
        files=tuple(name for _, name in entries.values()),
        tracks=tuple(sorted(tracks.values(), key=lambda track: track.name)),
        digest=digest.hexdigest()[:16],
    )


def _parse(path: Path, data: bytes) -> _File:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast
    try:
        return msgspec.convert(yaml.load(data, Loader=loader) or {}, _File)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise InvalidInputError(f"catalogue file {path.name} is not YAML: {error}") from error
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"catalogue file {path.name}: {error}") from error
