import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.model import Entity, EntityKind, Evidence, Mention, Relation, RelationType
from kg.topics import find_topics


def entity(name, importance=0.1, kind=EntityKind.CONCEPT, description=None):
    return Entity(id=f"e_{name}", name=name, kind=kind, importance=importance, description=description)


def relation(source, target):
    return Relation(
        source_id=f"e_{source}",
        target_id=f"e_{target}",
        type=RelationType.USES,
        confidence=0.9,
        found_by=("test",),
        evidence=(Evidence(passage_id="p", quote="so it is"),),
    )


def circle(prefix, size):
    """Give names and relations in which each is tied to the next three."""
    names = [f"{prefix}{number}" for number in range(size)]
    return names, [
        relation(one, names[(at + step) % size]) for at, one in enumerate(names) for step in (1, 2, 3)
    ]


TWO_CIRCLES = [circle("a", 12), circle("b", 9)]
NAMES = [name for names, _ in TWO_CIRCLES for name in names]
RELATIONS = [*(one for _, relations in TWO_CIRCLES for one in relations), relation("a0", "b0")]


def test_densely_tied_groups_become_topics():
    topics = find_topics([entity(name) for name in NAMES], RELATIONS, [])
    assert [{one[2] for one in topic.entity_ids} for topic in topics] == [{"a"}, {"b"}]


def test_mentions_together_tie_entities():
    mentions = [
        Mention(entity_id=f"e_{group}{number}", passage_id=f"p_{group}", count=1, start=0, quote="")
        for group in "xy"
        for number in range(4)
    ]
    topics = find_topics([entity(f"{group}{number}") for group in "xy" for number in range(4)], [], mentions)
    assert sorted(sorted(topic.entity_ids) for topic in topics) == [
        [f"e_{group}{number}" for number in range(4)] for group in "xy"
    ]


def test_isolated_entities_are_in_no_topic():
    topics = find_topics([entity("alone"), *(entity(name) for name in NAMES)], RELATIONS, [])
    assert "e_alone" not in {one for topic in topics for one in topic.entity_ids}


def test_nothing_tied_gives_no_topics():
    assert find_topics([entity("alone")], [], []) == ()


def test_a_large_topic_is_divided_into_fine_ones_below_it():
    letters = "abcdefghijklmnop"
    rings = {letter: circle(letter, 13) for letter in letters}
    inside = [one for _, relations in rings.values() for one in relations]
    # Loosely tied pairs of dense rings, so many that a pair is one of the coarse topics.
    pairs = zip(letters[::2], letters[1::2], strict=True)
    across = [relation(f"{one}{at}", f"{other}{at}") for one, other in pairs for at in range(8)]
    entities = [entity(name) for names, _ in rings.values() for name in names]
    topics = find_topics(entities, inside + across, [])
    coarse = {topic.id: set(topic.entity_ids) for topic in topics if topic.level == 0}
    fine = [topic for topic in topics if topic.level == 1]
    assert fine
    assert all(set(topic.entity_ids) < coarse[topic.parent_id] for topic in fine)


def test_a_topic_is_named_after_its_most_important_entities():
    entities = [entity(name, importance=0.9 if name in {"a3", "a7"} else 0.01) for name in NAMES]
    assert find_topics(entities, RELATIONS, [])[0].title.startswith("a3, a7")


def test_questions_do_not_name_topics():
    kinds = {"a3": EntityKind.QUESTION}
    entities = [entity(name, importance=0.5, kind=kinds.get(name, EntityKind.CONCEPT)) for name in NAMES]
    assert all("a3" not in topic.title for topic in find_topics(entities, RELATIONS, []))


def test_the_summary_describes_the_most_central_entity():
    entities = [entity(name, 0.1 if name != "a5" else 0.9, description=f"What {name} is.") for name in NAMES]
    assert find_topics(entities, RELATIONS, [])[0].summary.endswith("What a5 is.")


def test_scores_fall_and_sum_to_one():
    topic = find_topics([entity(name, 0.1 + len(name)) for name in NAMES], RELATIONS, [])[0]
    assert list(topic.scores) == sorted(topic.scores, reverse=True)
    assert sum(topic.scores) == pytest.approx(1, abs=1e-4)


@settings(deadline=None, max_examples=30)
@given(st.randoms(use_true_random=False))
def test_topics_depend_on_no_order_of_the_input(rng: random.Random):
    entities = [entity(name) for name in NAMES]
    expected = find_topics(entities, RELATIONS, [])
    shuffled = rng.sample(RELATIONS, len(RELATIONS))
    assert find_topics(rng.sample(entities, len(entities)), shuffled, []) == expected
