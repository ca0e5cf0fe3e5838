"""What more or less of a thing gains and costs: "smaller chunks are more precise but lose context"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.blocks import BlockKind
from extract.naming import is_name
from extract.reading import Part, Reading
from kg.model import EntityClaim, EntityKind, Evidence, RelationClaim, RelationType

_DEGREES = (
    ("smaller", "larger", "bigger"),
    ("lower", "higher"),
    ("shorter", "longer"),
    ("fewer", "more"),
    ("narrower", "wider"),
    ("looser", "stricter"),
)
_RANGE = {how: f"{degrees[0]} or {degrees[1]}" for degrees in _DEGREES for how in degrees}
_DOES = (
    r"(?:(?:can|may|might|often|usually|typically|generally)\s+)?(?:=|is|are|means?|gives?|improves?|increases?|"
    r"preserves?|provides?|captures?|yields?|produces?|offers?|keeps?|reduces?|lowers?|raises?|makes?|allows?|"
    r"retains?|retrieves?|compress(?:es)?|boosts?|saves?|speeds?|lets?|enables?|supports?|fits?)"
)
_GRADED = re.compile(
    rf"(?:^|[.;:(|]\s*)(?P<how>{'|'.join(_RANGE)})\s+(?P<what>[\w-]+(?:\s[\w-]+)?)\s+(?:\([^()]{{1,60}}\)\s+)?"
    rf"(?P<gain>{_DOES}\s[^.;|]{{2,90}}?),?\s+(?:but|while|whereas|yet|at the (?:cost|expense|price) of)\s+"
    r"(?P<cost>[^.;|]{3,110})",
    re.IGNORECASE,
)
_PLURALS = ((r"ies$", "y"), (r"(x|ch|sh)es$", r"\1"), (r"([^s])s$", r"\1"))
_SIZED = frozenset({"smaller", "larger", "bigger"})
_MEASURED = frozenset(
    {"size", "dimension", "window", "length", "count", "number", "budget", "rank", "width", "value"}
)
# The quality that an adjective means.
_MEANT = {
    "precise": "precision", "accurate": "accuracy", "fast": "latency", "faster": "latency", "slow": "latency",
    "slower": "latency", "cheap": "cost", "cheaper": "cost", "expensive": "cost", "relevant": "relevance",
    "reliable": "reliability", "robust": "robustness", "flexible": "flexibility", "consistent": "consistency",
    "capable": "capability", "creative": "creativity", "storage": "storage cost",
}  # fmt: skip


def claims(reading: Reading) -> Iterator[EntityClaim | RelationClaim]:
    """Yield a TRADE_OFF for each thing of which more or less gains one quality and costs another."""
    for part in reading.parts:
        if part.block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ROW):
            for match in _GRADED.finditer(part.block.text):
                what = measure(match["how"].casefold(), match["what"])
                if len(match["what"]) > 1 and is_name(what):  # "larger K" is of no known thing
                    yield from _weighed(what, match, part)


def comparative(how: str) -> str:
    """Return the comparative of an adjective of degree: "smaller" of "small"."""
    return next(one for one in _RANGE if one.startswith(how))


def degrees_of(how: str) -> str:
    """Return the range that a comparative is an end of: "smaller or larger"."""
    return _RANGE[how]


def measure(how: str, what: str) -> str:
    """Return what there is more or less of: the "chunk size" of "smaller chunks"."""
    one = next((re.sub(plural, single, what) for plural, single in _PLURALS if re.search(plural, what)), what)
    return one if how not in _SIZED or one.split()[-1] in _MEASURED else f"{one} size"


def _weighed(what: str, match: re.Match[str], part: Part) -> Iterator[EntityClaim | RelationClaim]:
    how, evidence = match["how"].casefold(), part.evidence_at(match.start("how"))
    degrees = _RANGE["larger" if what.endswith("size") else how]
    name = f"{what[0].upper()}{what[1:]}: {degrees}"
    said = f"{how} {match['what']}"
    gain, cost = f"{said} {match['gain'].strip()}", f"{said}: {match['cost'].strip()}"
    yield EntityClaim(
        name=name, kind=EntityKind.TRADE_OFF, rule="trade-off-graded", confidence=0.8, evidence=evidence
    )
    yield _side(name, what, "trade-off-graded", evidence, (gain,), (cost,))
    yield _side(name, _qualities(match["gain"]), "weighed-quality", evidence, (gain,), ())
    yield _side(name, _qualities(match["cost"]), "weighed-quality", evidence, (), (cost,))


def _side(
    name: str, target: str, rule: str, evidence: Evidence, gains: tuple[str, ...], costs: tuple[str, ...]
) -> RelationClaim:
    return RelationClaim(
        source=name, type=RelationType.TRADES_OFF, target=target, rule=rule, confidence=0.8,
        evidence=evidence, gains=gains, costs=costs,
    )  # fmt: skip


def _qualities(text: str) -> str:
    """Return a clause with the nouns of the qualities that its adjectives mean."""
    meant = [_MEANT[word] for word in re.findall(r"\w+", text.casefold()) if word in _MEANT]
    return ", ".join([text.strip(), *meant])
