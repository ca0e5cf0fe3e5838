from __future__ import annotations

from linked import draw_graph
from sample import entity_id

from kg.model import RelationType
from kg.reading import choose_readings, reading_minutes

PROSE = "word " * 200


def test_prose_takes_a_minute_for_200_words():
    assert reading_minutes(PROSE * 5) == 5


def test_code_counts_by_lines_that_are_not_blank():
    code = "```python\n" + "a = b + c + d + e + f\n\n" * 50 + "```\n"
    assert reading_minutes(code) == 6
    assert reading_minutes(code + PROSE) == 7


def test_a_fence_ends_with_its_own_mark():
    assert reading_minutes("~~~\n```\n~~~\n" + PROSE * 2) == 2


def test_a_table_counts_by_words_and_rows():
    head = "| a | b |\n|---|---|\n"
    assert reading_minutes(head + "| one two | three four |\n" * 60) == 3


def test_nothing_takes_less_than_a_minute():
    assert reading_minutes("") == 1


def test_readings_are_first_those_under_a_heading_that_is_the_name(sample_store):
    entities = list(sample_store.entities([entity_id("Hybrid search")]).values())
    readings = choose_readings(sample_store, entities)[entity_id("Hybrid search")]
    assert readings[0].passage.headings[-1] == "Hybrid search"
    assert readings[0].document.path == "retrieval/rag.md"


def test_a_catalogue_is_nothing_to_read(sample_store):
    entities = list(sample_store.entities([entity_id("Tokenization")]).values())
    readings = choose_readings(sample_store, entities)[entity_id("Tokenization")]
    assert "catalogue.yaml" not in {reading.document.path for reading in readings}


def test_no_entity_has_more_than_four_readings(store):
    texts = {f"RAG {n}": PROSE for n in range(9)}
    store.publish(draw_graph([], entities=["RAG"], texts=texts, naming={key: ["RAG"] for key in texts}), {})
    assert len(choose_readings(store, list(store.entities(["RAG"]).values()))["RAG"]) == 4


def test_what_is_only_mentioned_has_one_reading(store):
    texts = {f"Elsewhere {n}": PROSE for n in range(9)}
    store.publish(draw_graph([], entities=["RAG"], texts=texts, naming={key: ["RAG"] for key in texts}), {})
    assert len(choose_readings(store, list(store.entities(["RAG"]).values()))["RAG"]) == 1


def test_a_heading_that_only_touches_on_the_name_is_not_about_it(store):
    texts = {"Why is it that some still choose RAG today?": PROSE, "RAG basics": PROSE}
    store.publish(draw_graph([], entities=["RAG"], texts=texts, naming={key: ["RAG"] for key in texts}), {})
    (reading,) = choose_readings(store, list(store.entities(["RAG"]).values()))["RAG"]
    assert reading.passage.headings[-1] == "RAG basics"


def test_a_passage_goes_to_the_entity_that_it_is_about(store):
    graph = draw_graph(
        [("Search", RelationType.USES, "Index", 0.9)],
        texts={"Index": PROSE},
        naming={"Index": ["Search", "Index"]},
    )
    store.publish(graph, {})
    entities = store.entities(["Search", "Index"])
    assert list(choose_readings(store, [entities["Search"], entities["Index"]])) == ["Index"]


def test_an_entity_without_a_passage_has_no_reading(store):
    store.publish(draw_graph([], entities=["RAG"]), {})
    assert choose_readings(store, list(store.entities(["RAG"]).values())) == {}
