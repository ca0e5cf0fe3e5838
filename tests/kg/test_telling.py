from dataclasses import replace

from sample import entity_id

from kg.defining import defining_quotes
from kg.telling import telling_quotes


def entities(store, *names):
    return [store.entities([entity_id(name)])[entity_id(name)] for name in names]


def told(store, embedder, question, passages=None):
    vector = embedder.encode([question])[0]
    return telling_quotes(
        store, embedder, question, (), passages or all_passages(store), vector=vector, limit=3
    )


def all_passages(store):
    return [
        passage
        for document in store.list_documents()
        for passage in store.document_passages(document.id, limit=100).items
    ]


def test_a_defining_sentence_is_the_one_that_begins_with_the_name(sample_store):
    quotes = defining_quotes(sample_store, entities(sample_store, "BERT", "Semantic cache"))
    assert quotes[entity_id("BERT")].text == "BERT is an encoder that turns text into vectors."
    assert quotes[entity_id("Semantic cache")].text.startswith("A semantic cache uses embeddings")


def test_the_sentence_of_the_description_is_preferred(sample_store):
    quotes = defining_quotes(sample_store, entities(sample_store, "GraphRAG", "Hybrid search"))
    assert quotes[entity_id("GraphRAG")].text == "GraphRAG is a kind of RAG that walks a knowledge graph."
    assert quotes[entity_id("Hybrid search")].text == "Hybrid search fuses keyword search and vector search."


def test_a_sentence_that_defines_supports_more_than_one_that_only_begins_with_the_name(sample_store):
    quotes = defining_quotes(sample_store, entities(sample_store, "BERT", "FAISS"))
    assert quotes[entity_id("BERT")].support > quotes[entity_id("FAISS")].support


def test_telling_sentences_speak_of_the_question(sample_store, embedder):
    question = "Why does retrieval augmented generation reduce hallucinations?"
    quotes = told(sample_store, embedder, question)
    assert quotes[0].text == "RAG reduces hallucination, because answers rest on passages."
    assert quotes[0].support > max(0.5, quotes[1].support)


def test_words_that_the_material_never_uses_count_against_an_answer(sample_store, embedder):
    known = told(sample_store, embedder, "attention and keyword tokens")
    unknown = told(sample_store, embedder, "attention and football tokens")
    assert unknown[0].support < known[0].support


def test_a_question_of_stop_words_has_no_telling_sentence(sample_store, embedder):
    assert told(sample_store, embedder, "what is it?") == []


def test_a_sentence_that_leans_on_the_one_before_is_quoted_with_it(sample_store, embedder):
    passage = replace(
        all_passages(sample_store)[0],
        text="A semantic cache keeps answers. This lowers latency. Nothing else here.",
    )
    question = "Why does a semantic cache lower latency?"
    assert told(sample_store, embedder, question, [passage])[0].text == (
        "A semantic cache keeps answers. This lowers latency."
    )


def test_sentences_that_say_the_same_are_quoted_once(sample_store, embedder):
    passage = replace(
        all_passages(sample_store)[0],
        text="Chunking cuts long documents into passages.\n\nChunking cuts the long documents into passages.",
    )
    assert len(told(sample_store, embedder, "How does chunking cut documents?", [passage])) == 1


def test_what_a_sentence_only_mentions_in_quotation_marks_counts_for_nothing(sample_store, embedder):
    first = all_passages(sample_store)[0]
    said = replace(first, text="Chunking decides what retrieval can find.")
    mentioned = replace(
        first, text="A tester may ask 'what chunking decides for retrieval' as a first example."
    )
    question = "What does chunking decide for retrieval?"
    assert told(sample_store, embedder, question, [said])[0].support > sum(
        quote.support for quote in told(sample_store, embedder, question, [mentioned])
    )
