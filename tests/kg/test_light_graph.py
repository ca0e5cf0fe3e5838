from kg.light_graph import TitledText, light_graph

CORPUS = [
    TitledText("0", "Silver Lantern (film)", "The film Silver Lantern was made in Port Ember by Ada Moss."),
    TitledText("1", "Mara Quill", "However, Mara Quill saw Silver Lantern in Port Ember. However, she left."),
]


def mentioned(graph, passage_id):
    names = {entity.id: entity.name for entity in graph.entities}
    return {names[one.entity_id] for one in graph.mentions if one.passage_id == passage_id}


def test_titles_and_shared_names_become_entities():
    graph, _ = light_graph(CORPUS)
    names = {entity.name for entity in graph.entities}
    assert names == {"Silver Lantern (film)", "Mara Quill", "Port Ember"}


def test_a_title_is_known_without_its_qualifier():
    graph, passage_ids = light_graph(CORPUS)
    assert "Silver Lantern (film)" in mentioned(graph, passage_ids["1"])


def test_a_name_in_a_single_passage_is_no_entity():
    graph, _ = light_graph(CORPUS)
    assert "Ada Moss" not in {entity.name for entity in graph.entities}


def test_words_that_only_begin_sentences_are_no_names():
    texts = [TitledText(str(n), f"T{n}", "Water is wet. They drink water, much water.") for n in range(3)]
    graph, _ = light_graph(texts)
    assert {entity.name for entity in graph.entities} == {"T0", "T1", "T2"}


def test_mentions_quote_the_passage():
    graph, _ = light_graph(CORPUS)
    texts = {passage.id: passage.text for passage in graph.passages}
    assert all(texts[one.passage_id][one.start :].startswith(one.quote) for one in graph.mentions)


def test_equal_texts_under_different_titles_stay_apart():
    graph, passage_ids = light_graph([TitledText("a", "A", "Same."), TitledText("b", "B", "Same.")])
    assert len({passage.id for passage in graph.passages}) == len(set(passage_ids.values())) == 2
