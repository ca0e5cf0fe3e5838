"""What GraphQL answers on the sample graph."""

from __future__ import annotations

import pytest
from sample import entity_id


def _names(nodes: list[dict]) -> list[str]:
    return [node["name"] for node in nodes]


def test_an_entity_is_found_by_id_name_or_alias_whatever_its_case(ask):
    found = ask(
        """query($id: ID!) {
            byId: entity(id: $id) {name}
            byName: entity(name: "rag") {name}
            byAlias: entity(name: "retrieval augmented generations") {name}
        }""",
        id=entity_id("RAG"),
    )
    assert found == {"byId": {"name": "RAG"}, "byName": {"name": "RAG"}, "byAlias": {"name": "RAG"}}


@pytest.mark.parametrize("ref", ['id: "e_0000000000000000"', 'name: "no such thing"', 'name: "!!"'])
def test_an_unknown_entity_is_null(ask, ref):
    assert ask(f"{{entity({ref}) {{id}}}}") == {"entity": None}


def test_evidence_leads_to_the_line_and_the_very_words(ask):
    found = ask(
        '{entity(name: "FAISS") {relations(types: [IMPLEMENTS]) {nodes {evidence {'
        "quote line headings document {path title}}}}}}"
    )
    assert found["entity"]["relations"]["nodes"][0]["evidence"] == [
        {
            "quote": "FAISS implements vector search.",
            "line": 10,
            "headings": ["Retrieval-augmented generation", "Search"],
            "document": {"path": "retrieval/rag.md", "title": "Retrieval-augmented generation"},
        }
    ]


def test_relations_of_an_entity_page_through_to_the_end(ask):
    document = """query($after: String) {entity(name: "RAG") {relations(first: 4, after: $after) {
        totalCount nodes {id} edges {cursor} pageInfo {hasNextPage endCursor}}}}"""
    pages = [ask(document)["entity"]["relations"]]
    for _ in range(2):
        pages.append(ask(document, after=pages[-1]["pageInfo"]["endCursor"])["entity"]["relations"])
    ids = [node["id"] for page in pages for node in page["nodes"]]
    assert [page["pageInfo"]["hasNextPage"] for page in pages] == [True, True, False]
    assert len(ids) == len(set(ids)) == pages[0]["totalCount"]
    assert pages[0]["edges"][-1]["cursor"] == pages[0]["pageInfo"]["endCursor"]


@pytest.mark.parametrize("direction", ["OUT", "IN", "BOTH"])
@pytest.mark.parametrize("least", [0, 0.8])
@pytest.mark.parametrize("types", ["null", "[ALTERNATIVE_TO]", "[PREREQUISITE_OF, ALTERNATIVE_TO]"])
def test_the_total_is_the_length_of_the_list(ask, direction, least, types):
    options = f"direction: {direction}, minConfidence: {least}, types: {types}, first: 100"
    found = ask(f'{{entity(name: "RAG") {{relations({options}) {{totalCount nodes {{id}}}}}}}}')["entity"]
    assert found["relations"]["totalCount"] == len(found["relations"]["nodes"])


def test_relation_counts_add_up_to_all_relations(ask):
    found = ask('{entity(name: "RAG") {relationCounts {out in} relations {totalCount}}}')["entity"]
    assert sum(c["out"] + c["in"] for c in found["relationCounts"]) == found["relations"]["totalCount"]


def test_direct_prerequisites_are_among_the_transitive_ones(ask):
    found = ask(
        '{entity(name: "GraphRAG") {direct: prerequisites {name} '
        "all: prerequisites(transitive: true) {name}}}"
    )["entity"]
    assert set(_names(found["direct"])) < set(_names(found["all"]))
    assert "GraphRAG" not in _names(found["all"])


def test_an_entity_knows_its_topics_and_a_topic_its_parent(ask):
    found = ask('{entity(name: "Hybrid search") {topics {title}} topics(level: 1) {title parent {title}}}')
    assert {"title": "Retrieval"} in found["entity"]["topics"]
    assert found["topics"] == [{"title": "Search", "parent": {"title": "Retrieval"}}]


def test_entities_can_be_filtered_and_ordered_by_name(ask):
    found = ask("{entities(filter: {kinds: [TOOL]}, orderBy: NAME) {totalCount nodes {name}}}")["entities"]
    assert found == {"totalCount": 3, "nodes": [{"name": "FAISS"}, {"name": "Neo4j"}, {"name": "Ragas"}]}


def test_relations_can_be_filtered_by_the_name_of_an_end(ask):
    found = ask('{relations(filter: {source: "Hybrid search", types: [IMPROVES]}) {nodes {target {name}}}}')
    assert found["relations"]["nodes"] == [{"target": {"name": "Recall@k"}}]


def test_search_finds_entities_and_passages_in_every_mode(ask):
    modes = ["HYBRID", "KEYWORD", "VECTOR", "GRAPH"]
    found = ask(
        "{"
        + " ".join(
            f'{m}: search(query: "vector search", mode: {m}) {{'
            "entities {score entity {name}} passages {score passage {text}}}"
            for m in modes
        )
        + "}"
    )
    assert all(found[mode]["entities"] and found[mode]["passages"] for mode in modes)


def test_suggestions_begin_with_the_name_that_was_typed(ask):
    assert _names(ask('{suggest(text: "rag") {name}}')["suggest"])[0] == "RAG"


def test_a_neighborhood_holds_both_ends_of_its_edges(ask):
    found = ask('{neighborhood(of: ["rag", "FAISS"], depth: 2) {nodes {id} edges {source {id} target {id}}}}')
    ids = {node["id"] for node in found["neighborhood"]["nodes"]}
    assert all({e["source"]["id"], e["target"]["id"]} <= ids for e in found["neighborhood"]["edges"])


def test_a_path_starts_and_ends_where_it_was_asked_to(ask):
    found = ask(
        '{paths(from: "faiss", to: "graph RAG", first: 2) {entities {name} relations {type} confidence}}'
    )
    assert [(_names(p["entities"])[0], _names(p["entities"])[-1]) for p in found["paths"]] == [
        ("FAISS", "GraphRAG")
    ] * 2
    assert all(len(path["relations"]) == len(path["entities"]) - 1 for path in found["paths"])


def test_a_learning_path_ends_at_its_goal_and_starts_after_what_is_known(ask):
    found = ask(
        '{all: learningPath(to: "RAG") {name} rest: learningPath(from: "Embedding", to: "RAG") {name}}'
    )
    assert _names(found["all"])[-1] == _names(found["rest"])[-1] == "RAG"
    assert len(found["rest"]) < len(found["all"])


def test_a_study_plan_gives_reasons_readings_and_exports(ask):
    plan = ask("""{studyPlan(input: {
        goals: ["RAG engineer"], known: ["tokenizer"], startDate: "2027-01-04"}) {
        goals {name} weeks
        steps {position entity {name} because {evidence {quote}} readings {minutes passage {id}}}
        markdown: export(format: MARKDOWN) ics: export(format: ICS)}}""")["studyPlan"]
    assert _names(plan["goals"]) == ["GraphRAG", "Semantic cache"]
    assert [step["position"] for step in plan["steps"]] == list(range(1, len(plan["steps"]) + 1))
    assert "Tokenization" not in [step["entity"]["name"] for step in plan["steps"]]
    assert any(step["because"] for step in plan["steps"])
    assert any(step["readings"] for step in plan["steps"])
    assert "GraphRAG" in plan["markdown"]
    assert plan["ics"].startswith("BEGIN:VCALENDAR")


def test_what_is_ready_says_which_known_entity_opens_it(ask):
    found = ask('{ready(known: ["tokenization"], first: 3) {entity {name} unlocks because {source {name}}}}')
    first = found["ready"][0]
    assert first["entity"]["name"] == "Embedding"
    assert first["because"] == [{"source": {"name": "Tokenization"}}]


def test_an_answer_cites_the_passages_it_rests_on(ask):
    found = ask('{ask(question: "What is RAG?") {text abstained citations {number quote passage {text}}}}')[
        "ask"
    ]
    assert not found["abstained"]
    assert all(f"[{citation['number']}]" in found["text"] for citation in found["citations"])
    assert all(citation["quote"] in citation["passage"]["text"] for citation in found["citations"])


def test_a_question_without_an_answer_is_answered_with_null(ask):
    found = ask('{ask(question: "Who won the cup final in 1954?") {text abstained citations {number}}}')
    assert found["ask"] == {"text": None, "abstained": True, "citations": []}


def test_a_comparison_names_what_sets_two_entities_apart(ask):
    found = ask("""{compare(a: "Small chunks", b: "Large chunks") {shared {name} onlyA {type} onlyB {type}
        passages {score} tradeOffs {entity {name} sides {entity {name} gains costs}}}}""")
    assert [each["entity"]["name"] for each in found["compare"]["tradeOffs"]] == ["Chunk size"]


def test_trade_offs_give_each_side_its_gains_and_costs(ask):
    found = ask('{tradeOffs(of: "chunk size") {sides {entity {name} gains costs evidence {quote}}}}')
    sides = {side["entity"]["name"]: side for side in found["tradeOffs"][0]["sides"]}
    assert sides["Small chunks"]["costs"] == ["lose context"]
    assert "Large chunks" in sides["Large chunks"]["evidence"][0]["quote"]


def test_a_document_is_found_by_its_path_with_its_passages(ask):
    found = ask(
        '{document(path: "basics.md") {title passages(first: 2) {totalCount nodes {line entities {name}}}}}'
    )
    assert found["document"]["title"] == "Language model basics"
    assert found["document"]["passages"]["nodes"][0] == {"line": 1, "entities": [{"name": "Tokenization"}]}


def test_documents_are_those_of_the_material_alone(ask):
    paths = [document["path"] for document in ask("{documents {path}}")["documents"]]
    assert paths == ["basics.md", "retrieval/chunking.md", "retrieval/rag.md"]


def test_stats_count_the_graph(ask):
    found = ask("{stats {documents entities relations kinds {kind count} types {count}}}")["stats"]
    assert found["documents"] == 3
    assert sum(kind["count"] for kind in found["kinds"]) == found["entities"]
    assert sum(type_["count"] for type_ in found["types"]) == found["relations"]


def test_the_graph_can_be_exported(ask):
    found = ask('{whole: export(format: GRAPHML) part: export(format: CYPHER, of: ["BERT"])}')
    assert found["whole"].count("<node ") == 26
    assert "BERT" in found["part"]


def test_tracks_name_goals_that_the_graph_knows(ask):
    found = ask("{tracks {name goals {name}}}")["tracks"]
    assert found == [{"name": "RAG engineer", "goals": [{"name": "GraphRAG"}, {"name": "Semantic cache"}]}]


REFUSALS = {
    "{entities(first: 0) {totalCount}}": "first must be 1 to 100",
    "{entities(first: 101) {totalCount}}": "first must be 1 to 100",
    '{entities(after: "nonsense") {totalCount}}': "no cursor of this API",
    "{relations(filter: {minConfidence: 2}) {totalCount}}": "minConfidence must be 0 to 1",
    '{neighborhood(of: ["RAG"], depth: 6) {truncated}}': "depth must be 1 to 5",
    '{neighborhood(of: ["RAG"], limit: 1001) {truncated}}': "limit must be 1 to 1000",
    '{paths(from: "RAG", to: "BERT", maxHops: 99) {confidence}}': "maxHops must be 1 to 8",
    "{entity {id}}": "give the entity's id or its name",
    "{document {id}}": "give the document's id or its path",
    "{topics(level: 7) {id}}": "level must be 0 to 1",
    '{studyPlan(input: {goals: ["RAG"], startDate: "soon"}) {weeks}}': "written like 2027-01-31",
}


@pytest.mark.parametrize(("document", "reason"), REFUSALS.items())
def test_a_bad_argument_is_refused_with_a_reason(answer, document, reason):
    error = answer(document)["errors"][0]
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert reason in error["message"]


def test_a_name_that_nothing_has_is_said_to_be_unknown(answer):
    error = answer('{neighborhood(of: ["RAG", "no such thing"]) {truncated}}')["errors"][0]
    assert error["extensions"]["code"] == "ENTITY_NOT_FOUND"
    assert "no such thing" in error["message"]
