import math
import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.layout import layout
from kg.model import Evidence, Relation, RelationType, Topic


def relation(source, target):
    return Relation(
        source_id=source,
        target_id=target,
        type=RelationType.USES,
        confidence=0.9,
        found_by=("test",),
        evidence=(Evidence(passage_id="p", quote="so it is"),),
    )


def topic(name, ids):
    return Topic(
        id=name, level=0, title=name, summary="", entity_ids=tuple(ids), scores=(1 / len(ids),) * len(ids)
    )


def middle(places, ids):
    return tuple(sum(places[one][axis] for one in ids) / len(ids) for axis in (0, 1))


GROUPS = {name: [f"{name}{number}" for number in range(12)] for name in "abc"}
IDS = [one for ids in GROUPS.values() for one in ids]
TOPICS = [topic(name, ids) for name, ids in GROUPS.items()]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 30), st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29))))
def test_every_entity_has_a_place_in_the_square(size, pairs):
    ids = [f"e{number}" for number in range(size)]
    places = layout(ids, [relation(f"e{one}", f"e{other}") for one, other in pairs if one != other])
    assert sorted(places) == sorted(ids)
    assert all(-1 <= x <= 1 and -1 <= y <= 1 for x, y in places.values())


@settings(deadline=None, max_examples=20)
@given(st.randoms(use_true_random=False))
def test_places_depend_on_no_order_of_the_input(rng: random.Random):
    relations = [relation(one, other) for one, other in zip(IDS, IDS[5:], strict=False)]
    shuffled = layout(rng.sample(IDS, len(IDS)), rng.sample(relations, len(relations)), TOPICS[::-1])
    assert shuffled == layout(IDS, relations, TOPICS)


def test_no_two_entities_lie_on_each_other():
    places = layout(IDS, [relation(IDS[0], other) for other in IDS[1:]], TOPICS)
    assert len(set(places.values())) == len(IDS)


def test_topics_lie_apart():
    places = layout(IDS, [], TOPICS)
    middles = {name: middle(places, ids) for name, ids in GROUPS.items()}
    nearest = {one: min(middles, key=lambda name: math.dist(places[one], middles[name])) for one in IDS}
    assert all(nearest[one] == one[0] for one in IDS)


def test_an_entity_of_no_topic_lies_outside_all_of_them():
    places = layout([*IDS, "alone"], [], TOPICS)
    center = middle(places, IDS)
    assert math.dist(places["alone"], center) > max(math.dist(places[one], center) for one in IDS)


def test_related_entities_lie_nearer_than_others():
    ids = [f"e{number:02}" for number in range(40)]
    pairs = [(ids[at], ids[at + 20]) for at in range(20)]
    places = layout(ids, [relation(*pair) for pair in pairs], [topic("t", ids)])
    related = [math.dist(places[one], places[other]) for one, other in pairs]
    others = [math.dist(places[one], places[other]) for one in ids for other in ids if one < other]
    assert sum(related) / len(related) < 0.6 * sum(others) / len(others)


def test_a_guide_is_laid_out_in_two_seconds():
    rng = random.Random(3)
    ids = [f"e{number}" for number in range(3000)]
    pairs = [rng.sample(ids, 2) for _ in range(10_000)]
    topics = [topic(f"t{number}", ids[number::25]) for number in range(25)]
    start = time.process_time()
    layout(ids, [relation(*pair) for pair in pairs], topics)
    assert time.process_time() - start < 2
