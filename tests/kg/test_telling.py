from dataclasses import replace

from kg.telling import telling_quotes


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
