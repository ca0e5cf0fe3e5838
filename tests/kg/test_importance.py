import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.importance import importance
from kg.model import Evidence, Mention, Relation, RelationType

ENTITIES = [f"e{number}" for number in range(6)]


def relation(source, target, confidence=0.9, type_=RelationType.USES):
    return Relation(
        source_id=source,
        target_id=target,
        type=type_,
        confidence=confidence,
        found_by=("test",),
        evidence=(Evidence(passage_id="p", quote="so it is"),),
    )


def mention(entity_id, passage_id, count=1):
    return Mention(entity_id=entity_id, passage_id=passage_id, count=count, start=0, quote="")


relations = st.lists(
    st.builds(relation, st.sampled_from(ENTITIES[:3]), st.sampled_from(ENTITIES[3:]), st.floats(0.1, 1)),
    unique_by=lambda one: one.id,
)
mentions = st.lists(
    st.builds(mention, st.sampled_from(ENTITIES), st.sampled_from(["p0", "p1", "p2"]), st.integers(1, 3)),
    unique_by=lambda one: (one.entity_id, one.passage_id),
)


@given(relations, mentions)
def test_shares_sum_to_one_over_all_entities(relations, mentions):
    shares = importance(ENTITIES, relations, mentions)
    assert sorted(shares) == ENTITIES
    assert sum(shares.values()) == pytest.approx(1, abs=1e-6)


@given(relations, mentions)
def test_shares_depend_on_no_order_of_the_input(relations, mentions):
    assert importance(ENTITIES, relations, mentions) == importance(
        ENTITIES[::-1], relations[::-1], mentions[::-1]
    )


def test_no_entities_share_nothing():
    assert importance([], [], []) == {}


def test_an_entity_with_more_relations_is_more_important():
    shares = importance(ENTITIES, [relation("e0", other) for other in ENTITIES[1:]], [])
    assert max(shares, key=shares.__getitem__) == "e0"


def test_an_entity_that_more_passages_mention_is_more_important():
    shares = importance(["e0", "e1"], [], [mention("e0", "p0"), mention("e0", "p1"), mention("e1", "p1")])
    assert shares["e0"] > shares["e1"]


def test_an_untyped_relation_counts_for_less():
    untyped = relation("e0", "e1", type_=RelationType.RELATED_TO)
    shares = importance(["e0", "e1", "e2", "e3"], [untyped, relation("e0", "e2"), relation("e1", "e3")], [])
    typed_more = importance(["e0", "e1", "e2"], [untyped, relation("e0", "e2")], [])
    assert shares["e0"] == shares["e1"]
    assert typed_more["e2"] > typed_more["e1"]


def test_relations_and_mentions_of_others_are_left_out():
    shares = importance(["e0", "e1"], [relation("e0", "e5")], [mention("e5", "p0"), mention("e0", "p0")])
    assert sorted(shares) == ["e0", "e1"]


def test_a_relation_of_confidence_0_draws_no_attention():
    assert importance(ENTITIES, [relation("e0", "e1", 0.0)], []) == importance(ENTITIES, [], [])
