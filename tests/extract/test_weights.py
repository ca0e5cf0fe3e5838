"""The fitted models and the labels that they are fitted to."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.weights import Binary, Multinomial, weights
from kg.gold import read_sections
from kg.model import EntityKind, RelationType

GOLD = Path(__file__).parents[1] / "gold"
FEATURES = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(-500, 500), max_size=8)


@given(FEATURES, st.randoms(use_true_random=False))
def test_the_order_of_features_makes_no_difference(given_weights, source):
    model = Binary({"": 10, **given_weights})
    features = list(given_weights)
    shuffled = random.Random(source.random()).sample(features, len(features))
    assert model.probability(features) == model.probability(shuffled)


@given(FEATURES)
def test_shares_sum_to_one_and_unknown_features_weigh_nothing(given_weights):
    model = Multinomial({feature: [weigh, -weigh] for feature, weigh in given_weights.items()}, "ab")
    shares = model.distribution(given_weights.keys())
    assert sum(shares.values()) == pytest.approx(1)
    assert model.distribution([*given_weights, "never seen"]) == shares


def test_the_package_knows_every_class_that_it_names():
    assert set(weights().kinds.classes) <= set(EntityKind)
    types = {name[:-1] for name in weights().types.classes if name != "NONE"}
    assert types <= set(RelationType)


def test_labels_are_as_the_manual_says_and_set_aside_is_set_aside():
    tuning = read_sections(GOLD / "tuning.jsonl").values()
    aside = read_sections(GOLD / "set-aside.jsonl").values()
    assert len(aside) >= 30
    places = [{(one.document, one.headings) for one in half} for half in (tuning, aside)]
    assert places[0].isdisjoint(places[1])


def test_judged_relations_are_of_no_document_that_is_set_aside():
    aside = {one.document for one in read_sections(GOLD / "set-aside.jsonl").values()}
    judged = [json.loads(line) for line in (GOLD / "judged-relations.jsonl").read_text("utf-8").splitlines()]
    assert {one["document"] for one in judged}.isdisjoint(aside)


def test_listed_sections_name_their_names_and_no_document_that_is_set_aside():
    aside = {one.document for one in read_sections(GOLD / "set-aside.jsonl").values()}
    lines = (GOLD / "sections.jsonl").read_text("utf-8").splitlines()
    sections = [json.loads(line) for line in lines]
    assert {one["document"] for one in sections}.isdisjoint(aside)
    for one in sections:
        places = range(len(one["names"]))
        assert all(source in places and target in places for source, _, target in one["relations"])
        assert {type_ for _, type_, _ in one["relations"]} <= set(RelationType)
        assert {*one["junk"]} <= {*places}
