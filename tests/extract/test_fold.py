"""The graph as a function of all claims."""

import hashlib
import random

import networkx as nx
import pytest
from material import NOTES

from extract.catalogue import Catalogue, Entry
from extract.claims import extract
from extract.fold import fold
from extract.load import load
from kg.model import Document, EntityKind, Graph, Origin, RelationType, Source, Track

NO_CATALOGUE = Catalogue(entries=(), files=(), tracks=(), digest="")


def knowing(*entries: Entry) -> Catalogue:
    return Catalogue(entries=entries, files=("field.yaml",) * len(entries), tracks=(), digest="")


def sources(notes: dict[str, str]) -> list[Source]:
    read = []
    for path, text in notes.items():
        loaded = load(path, text.encode())
        digest = hashlib.sha256(text.encode()).hexdigest()
        document = Document(root="notes", path=path, title=loaded.title, content_hash=digest)
        read.append(extract(document, loaded))
    return read


@pytest.fixture(scope="module")
def read() -> list[Source]:
    return sources(NOTES)


@pytest.fixture(scope="module")
def graph(read) -> Graph:
    return fold(read, NO_CATALOGUE)


def named(graph: Graph, type_: RelationType) -> set[tuple[str, str]]:
    names = {entity.id: entity.name for entity in graph.entities}
    return {(names[one.source_id], names[one.target_id]) for one in graph.relations if one.type is type_}


def entity(graph: Graph, name: str):
    return next(one for one in graph.entities if one.name == name)


def test_kinds_and_types_of_all_sorts_are_found(graph):
    kinds = {one.kind for one in graph.entities}
    assert kinds >= {
        EntityKind.CONCEPT, EntityKind.PATTERN, EntityKind.METRIC, EntityKind.RISK, EntityKind.QUESTION,
        EntityKind.TRADE_OFF, EntityKind.RESOURCE, EntityKind.TOOL,
    }  # fmt: skip
    types = {one.type for one in graph.relations}
    assert len(types) >= 11
    assert {RelationType.MITIGATES, RelationType.IMPROVES, RelationType.WORSENS, RelationType.USES} <= types


def test_the_order_of_documents_makes_no_difference(read, graph):
    shuffled = list(read)
    random.Random(3).shuffle(shuffled)
    assert fold(shuffled, NO_CATALOGUE) == graph


def test_every_relation_and_mention_quotes_a_passage(graph):
    passages = {passage.id: passage for passage in graph.passages}
    for relation in graph.relations:
        for evidence in relation.evidence:
            passage = passages[evidence.passage_id]
            assert evidence.quote in passage.text or evidence.quote.lstrip("# ") in passage.headings
    for mention in graph.mentions:
        assert mention.passage_id in passages


def test_a_name_defined_in_one_document_is_found_in_all(graph):
    passages = {passage.id: passage.document_id for passage in graph.passages}
    recall = entity(graph, "Recall").id
    assert len({passages[one.passage_id] for one in graph.mentions if one.entity_id == recall}) >= 3


def test_the_first_passage_below_a_heading_mentions_what_the_heading_names():
    notes = {"a.md": "# Search\n\nWords.\n\n## Reranking\n\nIt sorts the finds anew.\n"}
    catalogue = knowing(Entry(name="Reranking", kind=EntityKind.PATTERN))
    graph = fold(sources(notes), catalogue)
    (mention,) = [one for one in graph.mentions if one.entity_id == entity(graph, "Reranking").id]
    passage = next(one for one in graph.passages if one.id == mention.passage_id)
    assert (passage.headings[-1], mention.quote, mention.count) == ("Reranking", "Reranking", 1)


def test_a_paper_named_as_its_idea_leaves_the_idea_its_questions():
    notes = {
        "a.md": "# Search\n\n### Q: What does reranking cost?\n\nReranking adds latency.\n\n"
        "## References\n\n- [Neural Reranking](https://example.org/paper)\n",
    }
    catalogue = knowing(Entry(name="Neural reranking", aliases=("reranking",), kind=EntityKind.PATTERN))
    graph = fold(sources(notes), catalogue)
    assert ("What does reranking cost?", "Neural reranking") in named(graph, RelationType.ASKS_ABOUT)


def test_a_prerequisite_that_no_one_names_gives_way_to_what_comes_before_it():
    chain = (
        Entry(name="Statistics", kind=EntityKind.CONCEPT),
        Entry(name="Hypothesis testing", kind=EntityKind.CONCEPT, prerequisites=("Statistics",)),
        Entry(name="Interleaving", kind=EntityKind.PATTERN, prerequisites=("Hypothesis testing",)),
    )
    graph = fold(sources({"a.md": "# Tests\n\nInterleaving needs less statistics.\n"}), knowing(*chain))
    (relation,) = [one for one in graph.relations if one.type is RelationType.PREREQUISITE_OF]
    assert named(graph, RelationType.PREREQUISITE_OF) == {("Statistics", "Interleaving")}
    said = "Interleaving rests on Hypothesis testing, which rests on Statistics."
    assert relation.evidence[0].quote == said


def test_a_definition_rests_on_terms_but_not_on_what_it_names_by_the_way():
    defined = (
        "# Reranking\n\nReranking is a pattern that sorts by an embedding in a session for low latency.\n"
    )
    used = "".join(f"\n## Part {n}\n\nAn embedding, a session, latency.\n" for n in range(4))
    catalogue = knowing(
        Entry(name="Reranking", kind=EntityKind.PATTERN),
        Entry(name="Embedding", kind=EntityKind.CONCEPT),
        Entry(name="Session", kind=EntityKind.CONCEPT),
        Entry(name="Latency", kind=EntityKind.METRIC),
    )
    graph = fold(sources({"a.md": defined + used}), catalogue)
    assert named(graph, RelationType.PREREQUISITE_OF) == {("Embedding", "Reranking")}


def test_what_a_question_names_together_it_does_not_state():
    catalogue = knowing(
        Entry(name="RAG", kind=EntityKind.PATTERN, mitigates=("Hallucination",)),
        Entry(name="Hallucination", kind=EntityKind.RISK),
    )

    def said(sentence: str) -> set[str]:
        others = "RAG is built in a week.\n\nHallucination has many faces."
        graph = fold(sources({"a.md": f"# Answers\n\n{others}\n\n{sentence}\n"}), catalogue)
        (one,) = (one for one in graph.relations if one.type is RelationType.MITIGATES)
        return {evidence.quote for evidence in one.evidence}

    general = "RAG mitigates Hallucination."
    assert said("Use RAG against hallucination.") == {general, "Use RAG against hallucination."}
    assert said("Does RAG help against hallucination?") == {general}


def test_a_choice_between_the_same_sides_is_one_whatever_their_order():
    catalogue = knowing(
        Entry(name="RAG", kind=EntityKind.PATTERN), Entry(name="Fine-tuning", kind=EntityKind.CONCEPT)
    )
    text = "# Notes\n\n## {}\n\nUse RAG when the facts change. Fine-tuning is slow.\n"
    one, other = text.format("RAG vs fine-tuning"), text.format("Fine-tuning vs RAG").replace("facts", "laws")
    graph = fold(sources({"a.md": one, "b.md": other}), catalogue)
    (choice,) = (it for it in graph.entities if it.kind is EntityKind.TRADE_OFF)
    assert {choice.name, *choice.aliases} == {"RAG or fine-tuning", "Fine-tuning or RAG"}
    gains = {gain for it in graph.relations if it.source_id == choice.id for gain in it.gains}
    assert gains == {"Use RAG when the facts change.", "Use RAG when the laws change."}
    spots = [it.passage_id for it in graph.mentions if it.entity_id == choice.id]
    assert len(spots) == len(set(spots)) == 2


def test_an_acronym_and_its_long_form_are_one_entity(graph):
    assert "RRF" in entity(graph, "Reciprocal rank fusion").aliases


def test_more_of_a_bad_quality_is_worse(graph):
    assert ("Hybrid search", "Latency") in named(graph, RelationType.WORSENS)
    assert ("Quantization", "Latency") in named(graph, RelationType.IMPROVES)


def test_what_is_raised_or_lowered_is_better_or_worse_by_what_it_is():
    text = "# Notes\n\nCaching lowers latency. Reranking adds latency. Pruning lowers recall.\n"
    names = ("Caching", "Reranking", "Pruning")
    ideas = [Entry(name=name, kind=EntityKind.PATTERN) for name in names]
    metrics = [Entry(name=name, kind=EntityKind.METRIC) for name in ("Latency", "Recall")]
    graph = fold(sources({"a.md": text}), knowing(*ideas, *metrics))
    assert named(graph, RelationType.IMPROVES) == {("Caching", "Latency")}
    assert named(graph, RelationType.WORSENS) == {("Reranking", "Latency"), ("Pruning", "Recall")}


def test_a_sentence_that_gains_and_costs_is_a_trade_off(graph):
    sides = {
        side for trade_off, side in named(graph, RelationType.TRADES_OFF) if "against latency" in trade_off
    }
    assert sides == {"Hybrid search", "Recall", "Latency"}


def test_prerequisites_have_no_cycle(graph):
    drawn = nx.DiGraph(named(graph, RelationType.PREREQUISITE_OF))
    assert nx.is_directed_acyclic_graph(drawn)


def test_the_weakest_of_a_cycle_is_dropped_and_recorded():
    notes = {
        "a.md": "---\nprerequisites: [Beta Search]\n---\n# Alpha Search\n\nAlpha search is a search.\n",
        "b.md": "---\ntitle: Beta Search\n---\n# Beta Search\n\n## Prerequisites\n\n- Alpha Search\n",
    }
    graph = fold(sources(notes), NO_CATALOGUE)
    ids = {one.name.casefold(): one.id for one in graph.entities}
    kept = {
        (one.source_id, one.target_id) for one in graph.relations if one.type is RelationType.PREREQUISITE_OF
    }
    assert (ids["beta search"], ids["alpha search"]) in kept
    (dropped,) = graph.dropped
    assert dropped.source_id == ids["alpha search"]


def test_related_to_never_hides_a_specific_type(graph):
    specific = {
        frozenset(pair)
        for type_ in set(RelationType) - {RelationType.RELATED_TO}
        for pair in named(graph, type_)
    }
    assert not {frozenset(pair) for pair in named(graph, RelationType.RELATED_TO)} & specific


def test_importance_sums_to_one(graph):
    assert sum(one.importance for one in graph.entities) == pytest.approx(1)


def test_no_documents_give_an_empty_graph():
    graph = fold([], NO_CATALOGUE)
    assert (graph.entities, graph.relations, graph.passages) == ((), (), ())


# --- with a catalogue


def catalogue(*entries: Entry, tracks: tuple[Track, ...] = ()) -> Catalogue:
    return Catalogue(entries=entries, files=("x.yaml",) * len(entries), tracks=tracks, digest="1")


def test_the_catalogue_adds_nothing_that_the_material_does_not_mention(read):
    graph = fold(
        read,
        catalogue(Entry(name="Kafka", kind=EntityKind.TOOL), Entry(name="Recall", kind=EntityKind.METRIC)),
    )
    assert "Kafka" not in {one.name for one in graph.entities}
    assert entity(graph, "Recall").kind is EntityKind.METRIC


def test_the_catalogues_relations_are_marked_and_cite_its_entry(read):
    known = catalogue(
        Entry(name="Recall", kind=EntityKind.METRIC),
        Entry(name="Latency", kind=EntityKind.METRIC, prerequisites=("Recall",)),
    )
    graph = fold(read, known)
    (relation,) = [one for one in graph.relations if "catalogue" in one.found_by]
    passage = next(one for one in graph.passages if one.id == relation.evidence[0].passage_id)
    document = next(one for one in graph.documents if one.id == passage.document_id)
    assert document.origin is Origin.CATALOGUE
    assert relation.evidence[0].quote in passage.text


def test_the_catalogue_ties_two_that_no_passage_names_together_only_as_prerequisites():
    known = knowing(
        Entry(name="Kafka", kind=EntityKind.TOOL, is_a=("Message broker",)),
        Entry(name="Message broker", kind=EntityKind.CONCEPT, prerequisites=("Event stream",)),
        Entry(name="Event stream", kind=EntityKind.CONCEPT),
    )
    apart = {"a.md": "# Kafka\n\nWe run Kafka.", "b.md": "# Message broker\n\nOne message broker."}
    apart["c.md"] = "# Event stream\n\nAn event stream."
    graph = fold(sources(apart), known)
    assert named(graph, RelationType.IS_A) == set()
    assert named(graph, RelationType.PREREQUISITE_OF) == {("Event stream", "Message broker")}
    graph = fold(
        sources({"a.md": "# Kafka\n\nWe run Kafka.\n\nOthers have heard of one message broker."}), known
    )
    assert ("Kafka", "Message broker") in named(graph, RelationType.IS_A)


def test_what_stands_below_a_heading_is_tied_to_what_the_heading_names():
    known = knowing(
        Entry(name="Qdrant", kind=EntityKind.TOOL, is_a=("Vector database",)),
        Entry(name="Vector database", kind=EntityKind.CONCEPT),
    )
    notes = {"a.md": "# Stores\n\n## Vector database\n\n- Qdrant, our first one\n- nothing at all\n"}
    graph = fold(sources(notes), known)
    (stated,) = [one for one in graph.relations if "under" in one.found_by]
    assert stated.type is RelationType.IS_A
    assert "Qdrant, our first one" in {quote.quote for quote in stated.evidence}


def test_a_common_word_is_not_the_acronym_of_its_letters():
    known = knowing(Entry(name="REST", kind=EntityKind.CONCEPT), Entry(name="SHAP", kind=EntityKind.TOOL))
    text = "# Notes\n\n- **Rest**: what is left over\n- **Shape**: the rest keeps its shape\n"
    graph = fold(sources({"a.md": text}), known)
    assert {"REST", "SHAP"}.isdisjoint(one.name for one in graph.entities)
    graph = fold(sources({"a.md": text + "\nThe rest speaks REST, and SHAP explains it.\n"}), known)
    counts = {
        one.name: mention.count
        for mention in graph.mentions
        for one in graph.entities
        if one.id == mention.entity_id
    }
    assert counts["REST"] == counts["SHAP"] == 1


def test_a_thing_is_mentioned_in_its_verb_too_which_is_no_name_of_it():
    known = knowing(
        Entry(name="Hallucination", kind=EntityKind.RISK, forms=("to hallucinate",)),
        Entry(name="Query rewriting", kind=EntityKind.PATTERN, forms=("to rewrite query",)),
    )
    text = "# Notes\n\nModels hallucinated twice.\n\nA gateway rewrites your queries. It hallucinates.\n"
    graph = fold(sources({"a.md": text}), known)
    counts = {one.name: 0 for one in graph.entities}
    for mention in graph.mentions:
        counts[next(one.name for one in graph.entities if one.id == mention.entity_id)] += mention.count
    assert (counts["Hallucination"], counts["Query rewriting"]) == (2, 1)
    assert [one.aliases for one in graph.entities if one.name in ("Hallucination", "Query rewriting")] == [
        (),
        (),
    ]


def test_what_a_label_of_another_name_says_is_no_description():
    known = knowing(Entry(name="AI agent", kind=EntityKind.CONCEPT, aliases=("agent",)))
    notes = {"a.md": "# Limits\n\n- **Agents**: one user action becomes sixty calls.\n"}
    assert entity(fold(sources(notes), known), "AI agent").description is None


def test_tracks_keep_the_goals_that_the_material_covers(read):
    track = Track(name="Searcher", aliases=(), goals=("Hybrid Search", "Kafka"))
    (kept,) = fold(read, catalogue(tracks=(track,))).tracks
    assert kept.goals == ("Hybrid Search",)
