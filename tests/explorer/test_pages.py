"""Every page on the sample graph, through a real API: what a reader sees, and what the address holds."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from explorer import links

_ALL = [value for name, value in vars(links).items() if name.isupper() and str(value).startswith("views/")]
_OF_AN_ENTITY = [links.ENTITY, links.NEIGHBORHOOD, links.PREREQUISITES]


def words(app: AppTest) -> str:
    """All text of a page, without the marks of Markdown."""
    parts = [
        element.value for kind in ("title", "subheader", "markdown", "caption") for element in app.get(kind)
    ]
    parts += [element.proto.body for element in app.get("html")]
    parts += [link.value for link in app.get("page_link")]
    return "\n".join(str(part) for part in parts).replace("\\", "")


def labels(part: AppTest | Block) -> list[str]:
    """Names of the entities that a part of a page links to, without their kinds' icons."""
    return [link.value.split("} ")[-1] for link in part.get("page_link")]


def said(app: AppTest, kind: str) -> str:
    return "\n".join(element.value for element in app.get(kind)).replace("\\", "")


@pytest.mark.parametrize("page", _ALL)
def test_a_page_opens_without_parameters(visit, page):
    app = visit(page)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("page", _ALL)
def test_a_page_on_an_empty_graph_says_so_or_waits_for_input(visit, empty_api, page):
    app = visit(page, api=empty_api)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("page", _ALL)
def test_where_no_api_answers_a_page_says_what_to_do(visit, page):
    app = visit(page, api="http://127.0.0.1:9", q="RAG", entity="RAG", a="RAG", goals="RAG")
    assert "kg serve" in said(app, "error")


@pytest.mark.parametrize("page", _OF_AN_ENTITY)
def test_without_an_entity_a_page_offers_a_box_and_three_starting_points(visit, page):
    app = visit(page)
    assert app.selectbox[0].label == "Entity"
    assert len(app.get("page_link")) == 3


def test_the_starting_points_are_described_where_they_can_be(visit, half_described_api):
    assert labels(visit(links.ENTITY, api=half_described_api)) == ["told0", "told1", "told2"]


@pytest.mark.parametrize("page", _OF_AN_ENTITY)
def test_an_unknown_entity_is_said_to_be_unknown_with_near_names(visit, page):
    app = visit(page, entity="hybrid searches of some kind")
    assert "No entity is called" in said(app, "warning")
    assert "Hybrid search" in words(app)


@pytest.mark.parametrize("page", _OF_AN_ENTITY)
def test_an_alias_opens_its_entity(visit, page):
    assert "RAG" in visit(page, entity="retrieval-augmented generation").title[0].value


@pytest.mark.parametrize("page", _OF_AN_ENTITY)
def test_choosing_a_name_puts_it_into_the_address(visit, page):
    app = visit(page, entity="RAG")
    app.selectbox[0].select("GraphRAG").run()
    assert app.query_params["entity"] == "GraphRAG"
    assert "GraphRAG" in app.title[0].value


def test_search_finds_entities_and_passages_with_the_words_marked(visit):
    app = visit(links.SEARCH, q="vector search", mode="KEYWORD")
    assert "Vector search" in words(app)
    assert "<mark>" in words(app)


def test_search_suggests_names_for_what_is_typed(visit):
    app = visit(links.SEARCH)
    app.text_input[0].input("hybr").run()
    assert "Hybrid search" in app.get("page_link")[0].value
    assert app.query_params["q"] == "hybr"


def test_search_for_what_is_not_there_says_so(visit):
    assert "Nothing found" in said(visit(links.SEARCH, q="zzzz", mode="KEYWORD"), "info")


def test_search_can_be_held_to_a_kind(visit):
    app = visit(links.SEARCH, q="vector search", mode="KEYWORD", kinds="PATTERN")
    assert labels(app.columns[0]) == ["Hybrid search"]


def test_a_question_is_answered_with_its_sources_or_not_at_all(visit):
    app = visit(links.SEARCH, do="ask", q="Which tools implement vector search?")
    assert not app.exception
    assert "FAISS" in words(app)


def test_a_question_beyond_the_material_is_told_plainly(visit):
    app = visit(links.SEARCH, do="ask", q="Who won the football cup in 1974?")
    assert "does not answer this" in said(app, "warning")


def test_an_entity_is_shown_with_kind_level_aliases_and_description(visit):
    shown = words(visit(links.ENTITY, entity="RAG"))
    for part in ("Pattern", "Intermediate", "Retrieval-augmented generation", "Fetches passages"):
        assert part in shown


def test_relations_read_as_sentences_with_their_evidence(visit):
    shown = words(visit(links.ENTITY, entity="RAG"))
    assert "RAG **uses**" in shown
    assert "RAG **builds on**" in shown
    assert "reduces" in shown
    assert "retrieval/rag.md, line 1" in shown


def test_relations_can_be_held_to_one_type(visit):
    shown = words(visit(links.ENTITY, entity="RAG", type="USES"))
    assert "RAG **uses**" in shown
    assert "RAG **builds on**" not in shown


def test_a_trade_off_shows_what_each_side_gains_and_gives_up(visit):
    shown = words(visit(links.ENTITY, entity="Chunk size"))
    for part in ("Small chunks", "precise", "lose context", "Large chunks", "keep context", "vague"):
        assert part in shown


def test_a_neighbourhood_is_drawn_and_told_as_tables(visit):
    app = visit(links.NEIGHBORHOOD, entity="RAG")
    assert len(app.get("echarts_chart")) == 1
    relations, entities = (frame.value for frame in app.dataframe)
    assert "Embedding" in list(entities["Name"])
    assert {"From", "Relation", "To", "Confidence", "Said"} <= set(relations.columns)


def test_types_show_how_many_relations_they_would_bring(visit):
    (types, _) = visit(links.NEIGHBORHOOD, entity="RAG").pills
    assert "uses (1)" in types.options


def test_a_neighbourhood_can_be_held_to_a_type(visit):
    app = visit(links.NEIGHBORHOOD, entity="RAG", types="USES")
    assert set(app.dataframe[0].value["Relation"]) == {"uses"}


def test_a_filter_stays_in_the_address(visit):
    app = visit(links.NEIGHBORHOOD, entity="RAG")
    app.slider[0].set_value(0.8).run()
    assert app.query_params["sure"] == "0.8"
    assert min(app.dataframe[0].value["Confidence"]) >= 0.8


def test_a_default_is_not_put_into_the_address(visit):
    app = visit(links.NEIGHBORHOOD, entity="RAG", sure="0.8")
    app.slider[0].set_value(0.0).run()
    assert app.query_params == {"entity": "RAG"}


@pytest.mark.parametrize("value", ["99", "-1", "x", "", "9" * 5_000])
def test_a_parameter_out_of_range_falls_back_to_the_default(visit, value):
    app = visit(links.NEIGHBORHOOD, entity="RAG", depth=value, limit=value, sure=value, types=value)
    assert not app.exception
    assert app.slider[0].value == 0.0


def test_filters_that_leave_nothing_are_said_to(visit):
    assert "Nothing here" in said(visit(links.NEIGHBORHOOD, entity="RAG", types="TEACHES"), "info")


def test_prerequisites_are_drawn_and_told_as_tables(visit):
    app = visit(links.PREREQUISITES, entity="GraphRAG")
    assert len(app.get("echarts_chart")) == 1
    assert {"RAG", "Tokenization"} <= set(app.dataframe[1].value["Name"])


def test_what_needs_nothing_first_is_said_to(visit):
    assert "start right here" in said(visit(links.PREREQUISITES, entity="Tokenization"), "info")


def test_a_learning_path_leads_from_what_is_known_to_the_goal(visit):
    app = visit(links.PREREQUISITES, entity="RAG", **{"from": "Embedding"})
    assert labels(app)[-3:] == ["Vector search", "Chunking", "RAG"]


def test_a_goal_that_is_understood_already_leaves_nothing_to_learn(visit):
    app = visit(links.PREREQUISITES, entity="RAG", **{"from": "RAG"})
    assert "Nothing is left to learn" in said(app, "caption")


def test_two_entities_are_compared(visit):
    shown = words(visit(links.COMPARE, a="RAG", b="Fine-tuning"))
    for part in ("How they are connected", "is an alternative to", "Only RAG", "Only Fine-tuning"):
        assert part in shown


def test_without_two_entities_the_trade_offs_of_the_material_are_shown(visit):
    assert "Chunk size" in words(visit(links.COMPARE))


def test_topics_are_listed_with_their_entities(visit):
    shown = words(visit(links.TOPICS))
    for part in ("Retrieval", "Foundations", "Hybrid search"):
        assert part in shown


def test_a_finer_level_of_topics_names_the_broader_topic(visit):
    assert "part of Retrieval" in words(visit(links.TOPICS, level="1"))


def test_a_plan_offers_the_tracks_to_start_from(visit):
    app = visit(links.PLAN)
    app.button[0].click().run()
    assert app.query_params["goals"] == "RAG engineer"
    assert "Week 1" in words(app)


def test_a_plan_gives_a_reason_for_each_step_and_leaves_out_what_is_known(visit):
    app = visit(links.PLAN, goals=["GraphRAG"], known=["Embedding"])
    shown = words(app)
    assert "It builds on **RAG**" in shown
    assert "GraphRAG builds on RAG" in shown.replace("<mark>", "").replace("</mark>", "")
    assert "Embedding" not in list(app.dataframe[0].value["Learn"])


def test_i_know_this_takes_a_step_out_of_the_plan(visit):
    app = visit(links.PLAN, goals=["GraphRAG"])
    (button,) = [each for each in app.button if each.key == "known-Tokenization"]
    button.click().run()
    assert app.query_params["known"] == "Tokenization"
    assert "Tokenization" not in list(app.dataframe[0].value["Learn"])


def test_a_plans_form_stays_in_the_address(visit):
    app = visit(links.PLAN, goals=["GraphRAG"])
    app.number_input[0].set_value(2.5).run()
    assert app.query_params["hours"] == "2.5"


def test_a_goal_that_the_graph_does_not_have_is_told(visit):
    assert "Basket weaving" in said(visit(links.PLAN, goals=["Basket weaving"]), "error")


def test_the_graphs_numbers_are_shown(visit):
    numbers = {metric.label: metric.value for metric in visit(links.ABOUT).metric}
    assert numbers == {"Documents": "3", "Passages": "13", "Entities": "26", "Relations": "37"}
