"""Where to draw entities: the stored positions, moved apart where names would cover each other; layers.

Coordinates are in widths and heights of one label, so that one unit is the least distance that reads well.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence

Point = tuple[float, float]

_ROUNDS = 60
_GOLDEN_ANGLE = 2.399963  # turns points that lie on each other into different directions
_SWEEPS = 4
_BY_RANK = 0.7  # how much the order of points counts beside their distances


def spread(stored: Mapping[str, Point], *, columns: float, rows: float) -> dict[str, Point]:
    """Scale positions to a field of ``columns`` by ``rows`` labels and move apart those that are too near.

    What lies left stays left and what lies above stays above, as far as there is room, but one that lies far
    off does not press the others together; the same points always give the same drawing.
    """
    places, evened = unit(stored), unit(_ranks(stored))
    points = {
        entity_id: (_mixed(x, evened[entity_id][0]) * columns, _mixed(y, evened[entity_id][1]) * rows)
        for entity_id, (x, y) in places.items()
    }
    ids = sorted(points)
    for _ in range(_ROUNDS):
        moved = False
        for index, first in enumerate(ids):
            for number, second in enumerate(ids[index + 1 :], index + 1):
                moved |= _part(points, first, second, number)
        if not moved:
            break
    return points


def _ranks(points: Mapping[str, Point]) -> dict[str, Point]:
    """Return for each point how many lie left of it, and how many above."""
    xs, ys = sorted(x for x, _ in points.values()), sorted(y for _, y in points.values())
    return {
        entity_id: (float(bisect_left(xs, x)), float(bisect_left(ys, y)))
        for entity_id, (x, y) in points.items()
    }


def _mixed(place: float, rank: float) -> float:
    return _BY_RANK * rank + (1 - _BY_RANK) * place


def unit(points: Mapping[str, Point]) -> dict[str, Point]:
    """Stretch points to the square from 0 to 1; where all are in line, they come to lie in its middle."""
    xs, ys = [x for x, _ in points.values()], [y for _, y in points.values()]
    left, top = min(xs, default=0), min(ys, default=0)
    wide, high = max(xs, default=0) - left, max(ys, default=0) - top
    return {
        entity_id: ((x - left) / wide if wide else 0.5, (y - top) / high if high else 0.5)
        for entity_id, (x, y) in points.items()
    }


def layers(ids: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, Point]:
    """Place an acyclic graph in columns: each source left of its targets, what leads nowhere on the right.

    Args:
        ids: entities, in the order that breaks ties.
        edges: (source, target) pairs; a pair that would close a cycle does not shape the columns.
    """
    column = _columns(ids, edges)
    members: dict[int, list[str]] = defaultdict(list)
    for entity_id in ids:
        members[column[entity_id]].append(entity_id)
    near: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        near[source].append(target)
        near[target].append(source)
    place = {entity_id: float(rank) for group in members.values() for rank, entity_id in enumerate(group)}
    for sweep in range(_SWEEPS):
        for index in sorted(members, reverse=sweep % 2 == 0):
            _order(members[index], near, place)
    return {entity_id: (float(column[entity_id]), place[entity_id]) for entity_id in ids}


def _part(points: dict[str, Point], first: str, second: str, number: int) -> bool:
    """Push two points that are nearer than a label apart, half way each; say whether it was needed."""
    (ax, ay), (bx, by) = points[first], points[second]
    dx, dy = bx - ax, by - ay
    if abs(dx) >= 1 or abs(dy) >= 1:
        return False
    if abs(dx) < 1e-9 and abs(dy) < 1e-9:
        dx, dy = ((number * _GOLDEN_ANGLE) % 2 - 1) / 10, 0.1
    # Along the axis that needs less: labels are boxes, so clearing one axis is enough.
    if abs(dy) >= abs(dx):
        push = (0.0, (1 - abs(dy)) / 2 * (1 if dy >= 0 else -1))
    else:
        push = ((1 - abs(dx)) / 2 * (1 if dx >= 0 else -1), 0.0)
    points[first] = (ax - push[0], ay - push[1])
    points[second] = (bx + push[0], by + push[1])
    return True


def _columns(ids: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return each entity's column: as many from the right as its longest way to the end."""
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
    steps: dict[str, int] = {}

    def longest(entity_id: str, path: frozenset[str]) -> int:
        if entity_id not in steps:
            ways = [target for target in after[entity_id] if target not in path]
            steps[entity_id] = max((longest(t, path | {t}) + 1 for t in ways), default=0)
        return steps[entity_id]

    last = max((longest(entity_id, frozenset({entity_id})) for entity_id in ids), default=0)
    return {entity_id: last - steps[entity_id] for entity_id in ids}


def _order(group: list[str], near: Mapping[str, list[str]], place: dict[str, float]) -> None:
    """Sort one column by the middle of each entity's neighbours, and centre it (Sugiyama's barycentre)."""

    def middle(entity_id: str) -> float:
        around = [place[other] for other in near.get(entity_id, ())]
        return sum(around) / len(around) if around else place[entity_id]

    group.sort(key=middle)
    for rank, entity_id in enumerate(group):
        place[entity_id] = rank - (len(group) - 1) / 2
