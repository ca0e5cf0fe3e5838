"""Where to draw each entity: topics apart from each other, what belongs together close by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from kg.model import Relation, Topic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Lengths are in spacings: the distance at which two entities stop pushing each other away.
_GOLDEN_ANGLE = np.pi * (3 - 5**0.5)  # steps of it fill a disc evenly (Vogel, 1979)
_DISC = 0.6  # radius of a disc of one entity; n of them need the square root of n times this
_GAP = 1.5  # free space around a topic
_TOPIC_ROUNDS = 150
_ENTITY_ROUNDS = 60
_NEAREST = 8  # neighbours in the plane that push an entity away
_REACH = 4.0  # beyond this distance a relation pulls no harder
_ACROSS = 0.05  # pull of a relation between topics, against 1 inside one
_DIGITS = 4


def layout(
    entity_ids: Collection[str], relations: Iterable[Relation], topics: Iterable[Topic] = ()
) -> dict[str, tuple[float, float]]:
    """Return a drawing position in the square from -1 to 1 for each entity, whatever the order of input.

    Topics of level 0 (others are ignored) get discs of their own, those with many relations between
    them side by side; an entity starts the nearer to the middle the more central it is and is drawn to
    those it is related to. Entities of no topic lie around the whole.
    """
    ids = sorted(entity_ids)
    if not ids:
        return {}
    number = {entity_id: node for node, entity_id in enumerate(ids)}
    ends = sorted((number.get(one.source_id, -1), number.get(one.target_id, -1)) for one in relations)
    edges = np.array([pair for pair in ends if min(pair) >= 0], dtype=np.int64).reshape(-1, 2)
    groups, rest = _groups(number, topics)
    radii = np.array([_DISC * len(group) ** 0.5 for group in groups])
    centers = _place_topics(groups, radii, edges, len(ids))
    points, homes, leashes = np.zeros((len(ids), 2)), np.zeros((len(ids), 2)), np.ones(len(ids))
    for group, center, radius in zip(groups, centers, radii, strict=True):
        points[group] = center + _DISC * _sunflower(len(group), 0.0)
        homes[group], leashes[group] = center, radius
    rim = max((float(np.hypot(*point)) for point in points), default=0.0) + _GAP
    points[rest] = homes[rest] = _DISC * _sunflower(len(rest), (rim / _DISC) ** 2 if groups else 0.0)
    points = _settle(points, edges, homes, leashes)
    return {one: (x, y) for one, (x, y) in zip(ids, _fit(points).tolist(), strict=True)}


def _groups(number: Mapping[str, int], topics: Iterable[Topic]) -> tuple[list[Ints], Ints]:
    """Return the members of each topic, most central first, and the entities of none."""
    placed: set[int] = set()
    groups: list[Ints] = []
    for topic in sorted(topics, key=lambda topic: (-len(topic.entity_ids), topic.id)):
        nodes = [number[one] for one in topic.entity_ids if one in number and number[one] not in placed]
        if topic.level == 0 and nodes:
            groups.append(np.array(nodes, dtype=np.int64))
            placed.update(nodes)
    return groups, np.array(sorted(set(number.values()) - placed), dtype=np.int64)


def _sunflower(count: int, first: float) -> Floats:
    """Return ``count`` points of a spiral that fills the plane evenly, from its ``first`` point on."""
    steps = np.arange(count) + first + 0.5
    return np.stack(
        [np.sqrt(steps) * np.cos(steps * _GOLDEN_ANGLE), np.sqrt(steps) * np.sin(steps * _GOLDEN_ANGLE)], 1
    )


def _place_topics(groups: list[Ints], radii: Floats, edges: Ints, size: int) -> Floats:
    """Move discs that start on a spiral, the largest in the middle, until none overlap much."""
    count = len(groups)
    if not count:
        return np.zeros((0, 2))
    topic = np.full(size, -1)
    for index, group in enumerate(groups):
        topic[group] = index
    pulls = np.zeros((count, count))
    ends = topic[edges]
    ends = ends[(ends >= 0).all(axis=1)]
    np.add.at(pulls, (ends[:, 0], ends[:, 1]), 1.0)
    pulls += pulls.T
    np.fill_diagonal(pulls, 0.0)
    pulls /= np.maximum(pulls.sum(axis=1, keepdims=True), 1.0)
    apart = radii[:, None] + radii[None, :] + _GAP
    centers = float(np.sqrt((radii + _GAP) ** 2).mean()) * 1.8 * _sunflower(count, 0.0)
    for step in np.linspace(1.0, 0.2, _TOPIC_ROUNDS):
        away = centers[:, None] - centers[None, :]
        distance = np.maximum(np.sqrt((away**2).sum(axis=2)), 1e-6)
        overlap = np.maximum(apart - distance, 0.0)
        np.fill_diagonal(overlap, 0.0)
        push = (away / distance[..., None] * overlap[..., None]).sum(axis=1) * 0.5
        pull = pulls @ centers - pulls.sum(axis=1, keepdims=True) * centers
        centers = centers + step * (0.5 * push + 0.1 * pull - 0.02 * centers)
    return centers


def _settle(points: Floats, edges: Ints, homes: Floats, leashes: Floats) -> Floats:
    """Let relations pull, neighbours push and homes hold, with ever smaller steps."""
    from scipy.spatial import cKDTree  # type: ignore[import-untyped]  # 0.1 s that only building needs

    sources, targets = edges[:, 0], edges[:, 1]
    strength = np.where((homes[sources] == homes[targets]).all(axis=1), 1.0, _ACROSS)
    degrees = np.bincount(edges.ravel(), minlength=len(points)) + 1.0
    nearest = min(_NEAREST + 1, len(points))
    for step in np.linspace(0.5, 0.05, _ENTITY_ROUNDS):
        force = np.zeros_like(points)
        span = points[targets] - points[sources]
        length = np.maximum(np.hypot(span[:, 0], span[:, 1]), 1e-9)
        pull = span * (strength * np.minimum(length, _REACH) / length * 0.5)[:, None]
        np.add.at(force, sources, pull / degrees[sources, None])
        np.add.at(force, targets, -pull / degrees[targets, None])
        distances, others = cKDTree(points).query(points, k=nearest)
        away = points[:, None] - points[others.reshape(len(points), -1)]
        gap = np.maximum(distances.reshape(len(points), -1), 1e-6)
        force += (away / gap[..., None] * np.maximum(1.0 - gap, 0.0)[..., None]).sum(axis=1)
        out = points - homes
        far = np.maximum(np.hypot(out[:, 0], out[:, 1]), 1e-9)
        force -= out * (np.maximum(far - leashes, 0.0) / far)[:, None]
        points = points + step * force
    return points


def _fit(points: Floats) -> Floats:
    """Scale into the square from -1 to 1, both axes alike."""
    low, high = points.min(axis=0), points.max(axis=0)
    half = max(float((high - low).max()) / 2, 1e-9)
    # Adding zero turns -0.0 into 0.0, so that equal positions print alike.
    fitted: Floats = np.round((points - (low + high) / 2) / half, _DIGITS) + 0.0
    return fitted
