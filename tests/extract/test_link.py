"""Names found in text."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from extract.link import NameIndex, Sense


def index(*senses: Sense) -> NameIndex:
    return NameIndex(senses)


def sense(name: str, target: str = "", **options) -> Sense:
    return Sense(name=name, target=target or name, **options)


def words(found_in: str, names: NameIndex, **context) -> list[str]:
    return [found_in[one.start : one.end] for one in names.find(found_in, **context)]


def test_the_longest_name_is_found_whatever_its_case_hyphen_or_number():
    names = index(sense("hybrid search"), sense("search"))
    assert words("Hybrid-Searches beat search; a hybrid **search** too", names) == [
        "Hybrid-Searches",
        "search",
        "hybrid **search",
    ]


def test_a_name_does_not_reach_over_a_comma_or_a_sentence():
    names = index(sense("vector search"))
    assert words("a vector, search it. A vector. Search", names) == []


def test_an_acronym_needs_its_capitals():
    assert words("RAG, RAGs, rag", index(sense("RAG", acronym=True))) == ["RAG", "RAGs"]


def test_an_exact_name_needs_its_very_capitals():
    assert words("Ray scales; a ray of light", index(sense("Ray", exact=True))) == ["Ray"]


def test_a_homonym_is_taken_only_near_one_of_its_neighbours():
    names = index(sense("Phoenix", near=frozenset({"trac", "tracing"})))
    assert words("Phoenix shows every trace", names) == ["Phoenix"]
    assert words("Phoenix rises", names, context="Tracing") == ["Phoenix"]
    assert words("Phoenix is a city", names) == []


def test_an_exact_name_is_no_beginning_of_another_word():
    assert words("pip, pips; a pipe", index(sense("pip", exact=True))) == ["pip", "pips"]


def test_a_known_name_is_not_cut_short_by_one_that_begins_before_it():
    names = index(sense("real-time fraud"), sense("fraud detection", known=True), sense("fraud"))
    assert words("real-time fraud detection; real-time fraud", names) == [
        "fraud detection",
        "real-time fraud",
    ]
    assert words("real-time fraud detection", names.only({"real-time fraud"})) == ["real-time fraud"]


def test_the_in_a_name_stands_for_any_determiner():
    names = index(sense("rewrite the query"), sense("state of the art"))
    text = "rewrite your query, rewrite each query, rewrite any old query, rewrite query; state of the art"
    assert words(text, names) == ["rewrite your query", "rewrite each query", "state of the art"]


def test_of_two_senses_the_exact_one_takes_its_own_spelling():
    names = index(sense("ReAct", "pattern", exact=True), sense("React", "library", exact=True))
    assert [one.target for one in names.find("ReAct loops; React renders; react")] == ["pattern", "library"]


def test_a_word_that_stands_apart_is_no_part_of_a_longer_name_even_of_one_that_is_not_asked_for():
    names = index(sense("cost", apart=True), sense("token cost"), sense("cost cap"), sense("latency"))
    asked = names.only({"cost", "latency"})
    assert words("token cost, cost cap, latency and cost", asked) == ["latency", "cost"]


@given(st.text())
def test_any_text_can_be_searched_and_finds_are_in_order_without_overlap(text):
    found = index(sense("a b"), sense("b"), sense("c++")).find(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
