"""Trade-offs: what is weighed, and what each side gains and gives up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from extract.blocks import BlockKind
from extract.items import Sentence
from extract.lexicon import role_of
from extract.naming import is_name, is_versus, names_in_heading, tidy
from extract.reading import Part, Reading
from extract.rules.phrases import plain
from kg.model import EntityClaim, EntityKind, Evidence, RelationClaim, RelationType

_BETWEEN = re.compile(
    r"\btrade-?offs?\s+(?:is\s+|are\s+|exists?\s+)?between\s+(?P<a>[^,.;:()]{3,50}?)\s+and\s+(?P<b>[^,.;:()]{3,50}?)(?=[,.;:()]|$)",
    re.IGNORECASE,
)
_WEIGHED = re.compile(
    r"(?P<name>[^,.;:()]{2,50}?)\s+(?:is|are|means|involves)\s+(?:an?\s+|the\s+)?(?:\w+\s+)?trade-?off",
    re.IGNORECASE,
)
_AT_COST = re.compile(
    r"(?P<gain>[^,.;:]{3,60}?)\s+at the (?:cost|expense|price) of\s+(?P<cost>[^,.;:()]{3,50}?)(?=[,.;:()]|$)",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"^(?P<a>[A-Z][\w /-]{2,40}?)\s+(?:vs\.?|versus|against)\s+(?P<b>[\w][\w /-]{2,40}?)\s*(?:[:–—-]|$)"  # noqa: RUF001
)


_OF_CHOICE = re.compile(r"\b(?:choice|choosing|selection|selecting|options)\b", re.IGNORECASE)
_NAMED = 3  # sides; a choice of more is named by its topic

Claims = Iterator[EntityClaim | RelationClaim]


@dataclass(slots=True)
class Sides:
    """The sides of one trade-off while its section is read: name to gains, costs and evidence."""

    evidence: Evidence
    sides: dict[str, tuple[list[str], list[str], Evidence]] = field(default_factory=dict)

    def add(self, side: str, gain: str, cost: str, evidence: Evidence) -> None:
        """Add what a side gains or costs, or "": of a side's evidence the first counts."""
        gains, costs, _ = self.sides.setdefault(side, ([], [], evidence))
        if gain and gain not in gains:
            gains.append(gain)
        if cost and cost not in costs:
            costs.append(cost)


def choice_of(sides: Sequence[str], topic: str = "") -> str:
    """Return the name of a choice: "A, B or C", or one of more sides by its topic; "" without sides."""
    if not sides:
        return ""
    if topic and len(sides) > _NAMED:
        return topic if _OF_CHOICE.search(topic) else f"Choice of {_inline(topic)}"
    name = f"{', '.join(sides[:-1])} or {sides[-1]}"
    return name[0].upper() + name[1:] if name.split()[0].islower() else name


def _inline(heading: str) -> str:
    """Return a heading as it stands within a phrase: its first letter small, unless it has names."""
    return heading[0].lower() + heading[1:] if heading[1:].islower() else heading


def claims(reading: Reading) -> Claims:
    """Yield TRADE_OFF entities with a TRADES_OFF relation to each side."""
    yield from _tables(reading)
    yield from _lists(reading)
    yield from _for_and_against(reading)
    for part in reading.parts:
        if part.block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM):
            yield from _sentences(part)


def trade_off(name: str, found: Sides, rule: str, confidence: float) -> Claims:
    """Yield a TRADE_OFF with a relation to each of its sides; nothing where there are not two."""
    if len(found.sides) < 2:
        return
    yield EntityClaim(
        name=name, kind=EntityKind.TRADE_OFF, rule=rule, confidence=0.8, evidence=found.evidence
    )
    for side, (gains, costs, evidence) in found.sides.items():
        yield RelationClaim(
            source=name,
            type=RelationType.TRADES_OFF,
            target=side,
            rule=rule,
            confidence=confidence,
            evidence=evidence,
            gains=tuple(gains),
            costs=tuple(costs),
        )


def _tables(reading: Reading) -> Claims:
    """Rows with a column of gains and one of costs are the sides of one choice."""
    tables: dict[tuple[str, ...], Sides] = {}
    for part in reading.parts:
        block = part.block
        if block.kind is not BlockKind.ROW or len(block.cells) < 3:
            continue
        own = role_of(block.cells[0])
        if own in ("gains", "costs"):
            # "| Gains | fast | exact |" below the options' names: each column is a side.
            table = tables.setdefault((*block.headings, "|", *block.columns), Sides(part.evidence()))
            for option, cell in zip(block.columns[1:], block.cells[1:], strict=False):
                if is_name(tidy(option)):
                    gain, cost = (cell, "") if own == "gains" else ("", cell)
                    table.add(tidy(option), gain, cost, part.evidence())
            continue
        roles = {
            role_of(column): cell for cell, column in zip(block.cells[1:], block.columns[1:], strict=False)
        }
        side = tidy(block.cells[0])
        if is_name(side) and "gains" in roles and "costs" in roles:
            key = (*block.headings, "|", *block.columns)
            table = tables.setdefault(key, Sides(part.evidence()))
            table.add(side, roles["gains"], roles["costs"], part.evidence())
    for key, found in tables.items():
        headings = key[: key.index("|")]
        topic = next((name.name for heading in reversed(headings) for name in names_in_heading(heading)), "")
        yield from trade_off(choice_of([*found.sides], topic), found, "trade-off-table", 0.85)


def _lists(reading: Reading) -> Claims:
    """Below "A vs B", or of one subject's neighbours: lists of pros and cons, a subsection a side."""
    for at, part in enumerate(reading.parts):
        if part.block.kind is not BlockKind.HEADING:
            continue
        found = Sides(part.evidence())
        for below in reading.below(at):
            role = _side_role(below)
            if role is not None and below.subject:
                gain, cost = (below.block.text, "") if role == "gains" else ("", below.block.text)
                found.add(below.subject, gain, cost, below.evidence())
        weighed = {side: both for side, both in found.sides.items() if both[0] or both[1]}
        if not (2 <= len(weighed) <= 6) or not (is_versus(part.block.text) or _is_choice(part, weighed)):
            continue
        found.sides = weighed
        topic = "" if is_versus(part.block.text) else tidy(part.block.text)
        name = choice_of([*weighed], topic)
        yield from trade_off(name, found, "trade-off-lists", 0.85)


def _is_choice(part: Part, weighed: dict[str, tuple[list[str], list[str], Evidence]]) -> bool:
    """Whether the sides are subsections of this very heading, each with gains or costs on both ends."""
    both = sum(1 for gains, costs, _ in weighed.values() if gains and costs)
    return both >= 2 and len(names_in_heading(part.block.text)) <= 1 and part.block.level >= 2


def _for_and_against(reading: Reading) -> Claims:
    """Read the pros and cons of one thing: it is weighed, with the qualities that its items name."""
    listed: dict[str, list[tuple[str, Part]]] = {}
    for part in reading.parts:
        role = _side_role(part)
        if role is not None and part.subject:
            listed.setdefault(part.subject, []).append((role, part))
    for subject, items in listed.items():
        gains = [part.block.text for role, part in items if role == "gains"]
        costs = [part.block.text for role, part in items if role == "costs"]
        if not gains or not costs:
            continue
        name, evidence = f"{subject}: for and against", items[0][1].evidence()
        yield EntityClaim(
            name=name, kind=EntityKind.TRADE_OFF, rule="for-and-against", confidence=0.8, evidence=evidence
        )
        yield RelationClaim(
            source=name, type=RelationType.TRADES_OFF, target=subject,
            rule="for-and-against", confidence=0.85,
            evidence=evidence, gains=tuple(gains), costs=tuple(costs),
        )  # fmt: skip
        for role, part in items:
            said = (part.block.text,)
            yield RelationClaim(
                source=name, type=RelationType.TRADES_OFF, target=part.block.text, rule="weighed-quality",
                confidence=0.75, evidence=part.evidence(),
                gains=said if role == "gains" else (), costs=said if role == "costs" else (),
            )  # fmt: skip


def lists_sides(part: Part) -> bool:
    """Whether a row or an item says under a label of its own what is gained or given up."""
    block = part.block
    if block.kind is BlockKind.ROW:
        return any(role_of(label) in ("gains", "costs") for label in (*block.cells[:1], *block.columns))
    return _side_role(part) is not None


def _side_role(part: Part) -> str | None:
    if part.block.kind is not BlockKind.ITEM:
        return None
    role = role_of(part.block.lead) or role_of(part.block.headings[-1] if part.block.headings else "")
    return role if role in ("gains", "costs") else None


def _sentences(part: Part) -> Claims:
    for sentence in part.sentences:
        text = sentence.text
        match = _BETWEEN.search(text) or (_PAIR.match(text) if _in_trade_offs(part) else None)
        if match:
            one, other = tidy(match["a"]), tidy(match["b"])
            rest = text[match.end() :].strip(" :–—-")  # noqa: RUF001
            if is_name(one) and is_name(other) and (rest or match.re is _BETWEEN):
                yield from _between(one, other, part, sentence)
        else:
            yield from _at_cost(part, sentence)


def _between(one: str, other: str, part: Part, sentence: Sentence) -> Claims:
    evidence = part.sentence_evidence(sentence)
    weighed = _WEIGHED.match(sentence.text)
    chosen = tidy(weighed["name"]) if weighed else ""
    found = Sides(evidence)
    for side in (chosen, one, other) if is_name(chosen) else (one, other):
        found.add(side, "", "", evidence)
    subject = chosen if is_name(chosen) else part.subject
    name = f"{subject}: {one} against {other}" if subject else f"{one} against {other}"
    yield from trade_off(name, found, "trade-off-sentence", 0.8)


def _in_trade_offs(part: Part) -> bool:
    return (
        any("trade" in heading.casefold() for heading in part.block.headings[-1:])
        or "trade" in part.block.lead.casefold()
    )


def _at_cost(part: Part, sentence: Sentence) -> Claims:
    text = sentence.text
    # The pattern tries every place for the gain's beginning; most sentences have no cost.
    match = _AT_COST.search(text) if "at the " in text.lower() else None
    if match is None:
        return
    end = sentence.start_char + match.end("gain")
    start = sentence.start_char + match.start("gain")
    found = [one for one in sentence.phrases if one.end_char <= end]
    inside = [one.text for one in found if one.end_char - len(one.text) >= start]
    gain = plain(inside[-1]) if inside else ""
    cost = tidy(
        re.sub(r"^(?:some|a bit of|slightly|higher|lower|more|less|increased|extra)\s+", "", match["cost"])
    )
    if not is_name(cost) or not is_name(gain):
        return
    evidence, weighed = part.sentence_evidence(sentence), f"{gain} against {cost}"
    name = f"{part.subject}: {weighed}" if part.subject else weighed[0].upper() + weighed[1:]
    yield EntityClaim(
        name=name,
        kind=EntityKind.TRADE_OFF,
        rule="trade-off-at-cost",
        confidence=0.7,
        evidence=evidence,
    )
    for side, gains, costs in ((gain, (text.strip(),), ()), (cost, (), (text.strip(),))):
        yield RelationClaim(
            source=name,
            type=RelationType.TRADES_OFF,
            target=side,
            rule="trade-off-at-cost",
            confidence=0.7,
            evidence=evidence,
            gains=gains,
            costs=costs,
        )
