from dataclasses import replace

from sample import entity_id, relation_id, sample_graph
from sample_data import CATALOGUE

from kg.model import Evidence, RelationType
from kg.wording import in_words, material_evidence, said_of_pairs


def entity(store, name):
    return store.entities([entity_id(name)])[entity_id(name)]


def relation(store, source, type_, target):
    wanted = relation_id(source, type_, target)
    return store.relations([wanted])[wanted]


def test_a_relation_is_told_by_the_sentence_that_names_both_ends(sample_store):
    found = relation(sample_store, "RAG", RelationType.MITIGATES, "Hallucination")
    ends = {one.id: one for one in (entity(sample_store, "RAG"), entity(sample_store, "Hallucination"))}
    assert in_words(found, ends, found.evidence[0]).startswith("RAG reduces hallucination")


def test_a_relation_without_such_a_sentence_is_told_in_our_words(sample_store):
    found = relation(sample_store, "RAG", RelationType.MITIGATES, "Hallucination")
    ends = {one.id: one for one in (entity(sample_store, "RAG"), entity(sample_store, "Hallucination"))}
    elsewhere = Evidence(passage_id=found.evidence[0].passage_id, quote="Benefits")
    assert in_words(found, ends, elsewhere) == f"RAG mitigates {ends[entity_id('Hallucination')].name}."


def test_only_the_material_is_evidence_of_the_material(sample_store):
    found = relation(sample_store, "Tokenization", RelationType.PREREQUISITE_OF, "Embedding")
    passage = next(one for one in sample_graph().passages if one.document_id == CATALOGUE.id)
    general = Evidence(passage_id=passage.id, quote="Tokenization is a general prerequisite of embeddings.")
    both = replace(found, evidence=(general, *found.evidence))
    assert material_evidence(sample_store, [both]) == {both.id: found.evidence[0]}
    assert material_evidence(sample_store, [replace(found, evidence=(general,))]) == {}


def test_a_sentence_that_names_two_is_found_for_each_pair(sample_store):
    subject, other = entity(sample_store, "FAISS"), entity(sample_store, "Neo4j")
    said = said_of_pairs(sample_store, subject, [other])
    assert said[other.id].quote == "FAISS and Neo4j are alternatives for it."
