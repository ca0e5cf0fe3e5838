"""Tools that code names: what it imports, and what a command installs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from extract.blocks import BlockKind
from extract.lexicon import ORGANIZATIONS
from extract.reading import Part, Reading
from kg.model import EntityClaim, EntityKind, Evidence, RelationClaim, RelationType

_IMPORT = re.compile(
    r"^\s*(?:from\s+(?P<of>[A-Za-z]\w*)[\w.]*\s+import|import\s+(?P<plain>[A-Za-z]\w*))", re.MULTILINE
)
_INSTALL = re.compile(
    r"^\s*[$!%]?\s*(?:pip3?|uv pip|uv|poetry|npm|pnpm|yarn|brew|apt(?:-get)?|cargo|conda)\s+"
    r"(?:install|add|i)\s+(?P<names>[^\n#&|]+)",
    re.MULTILINE,
)
_PACKAGE = re.compile(r"^[A-Za-z][A-Za-z0-9_-]{1,30}$")
_PYTHON = frozenset({"python", "py", "python3", "ipython", ""})


def claims(reading: Reading) -> Iterator[EntityClaim | RelationClaim]:
    """Yield a TOOL for each third-party import and installed package, tied to the section it stands in."""
    for part in reading.parts:
        if part.block.kind is not BlockKind.CODE:
            continue
        seen: set[str] = set()
        for name, line in _names(part):
            if name in seen or name.casefold() in ORGANIZATIONS:
                continue
            seen.add(name)
            evidence = Evidence(passage_id=part.passage.id, quote=line.strip())
            yield EntityClaim(name=name, kind=EntityKind.TOOL, rule="code", confidence=0.4, evidence=evidence)
            if part.subject:
                yield RelationClaim(
                    source=name,
                    type=RelationType.IMPLEMENTS,
                    target=part.subject,
                    rule="code",
                    confidence=0.45,
                    evidence=evidence,
                )


def _names(part: Part) -> Iterator[tuple[str, str]]:
    text = part.block.raw
    if part.block.language in _PYTHON:
        for match in _IMPORT.finditer(text):
            module = match["of"] or match["plain"]
            if module not in sys.stdlib_module_names and len(module) > 2:
                yield module.replace("_", "-"), match.group()
    for match in _INSTALL.finditer(text):
        for word in match["names"].split():
            package = re.split(r"[\[=<>~@]", word)[0].strip("\"'")
            if _PACKAGE.match(package):
                yield package, match.group()
