"""Answers of the API as options for ECharts."""

from __future__ import annotations

import json
from typing import Any

from explorer.charts import bar_chart, neighborhood_chart, prerequisite_chart, prerequisite_height, selected


def node(name: str, kind: str = "CONCEPT", importance: float = 0.1, **more: Any) -> dict[str, Any]:
    return {
        "id": f"e_{name}",
        "name": name,
        "kind": kind,
        "description": None,
        "importance": importance,
        "x": 0.0,
        "y": 0.0,
    } | more


def edge(
    source: str, type_: str, target: str, confidence: float = 0.9, quote: str = "It says so."
) -> dict[str, Any]:
    return {
        "type": type_,
        "confidence": confidence,
        "source": {"id": f"e_{source}", "name": source},
        "target": {"id": f"e_{target}", "name": target},
        "evidence": [{"quote": quote}],
    }


def graph(nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> dict[str, Any]:
    return {"nodes": nodes, "edges": edges, "truncated": False}


def series(options: dict[str, Any]) -> dict[str, Any]:
    return options["series"][0]


def test_nodes_and_lines_keep_the_order_of_the_answer_so_that_a_click_names_the_right_one():
    drawn = series(neighborhood_chart(graph([node("b"), node("a")], [edge("b", "USES", "a")]), "a"))
    assert [each["id"] for each in drawn["data"]] == ["e_b", "e_a"]
    assert (drawn["links"][0]["source"], drawn["links"][0]["target"]) == ("e_b", "e_a")


def test_a_more_important_entity_is_drawn_larger():
    small, large = series(neighborhood_chart(graph([node("a"), node("b", importance=0.4)], []), "c"))["data"]
    assert small["symbolSize"] < large["symbolSize"]


def test_an_unsure_relation_is_dashed():
    links = series(
        neighborhood_chart(
            graph([node("a"), node("b")], [edge("a", "USES", "b", 0.9), edge("b", "USES", "a", 0.4)]), "a"
        )
    )["links"]
    assert [link["lineStyle"]["type"] for link in links] == ["solid", "dashed"]


def test_a_relation_without_a_direction_has_no_arrow():
    links = series(
        neighborhood_chart(
            graph([node("a"), node("b")], [edge("a", "ALTERNATIVE_TO", "b"), edge("a", "USES", "b")]), "a"
        )
    )["links"]
    assert [link["symbol"][1] for link in links] == ["none", "arrow"]


def test_a_second_relation_between_two_entities_is_bent_away_from_the_first():
    links = series(
        neighborhood_chart(
            graph([node("a"), node("b")], [edge("a", "USES", "b"), edge("b", "IS_A", "a")]), "a"
        )
    )["links"]
    assert links[0]["lineStyle"]["curveness"] != links[1]["lineStyle"]["curveness"]


def test_the_legend_lists_the_kinds_that_are_drawn():
    options = neighborhood_chart(graph([node("a", "RISK"), node("b", "TOOL")], []), "a")
    assert [entry["name"] for entry in options["legend"]["data"]] == ["Tool", "Risk"]


def test_a_tooltip_shows_the_material_as_text():
    options = neighborhood_chart(
        graph([node("<b>{c}")], [edge("<b>{c}", "USES", "x", quote="<img src=x>")]), "a"
    )
    said = json.dumps([series(options)["data"][0]["tooltip"], series(options)["links"][0]["tooltip"]])
    assert "<img" not in said
    assert "{c}" not in said


def test_a_long_name_is_cut_on_the_drawing_and_whole_in_the_tooltip():
    name = "When would you choose RAG over fine-tuning?"
    (drawn,) = series(neighborhood_chart(graph([node(name)], []), name))["data"]
    assert drawn["name"].endswith("…")
    assert name in drawn["tooltip"]["formatter"]


def test_prerequisites_are_drawn_from_left_to_right():
    drawn = series(
        prerequisite_chart(
            graph(
                [node("goal"), node("first"), node("then")],
                [edge("first", "PREREQUISITE_OF", "then"), edge("then", "PREREQUISITE_OF", "goal")],
            ),
            "goal",
        )
    )["data"]
    assert [each["id"] for each in sorted(drawn, key=lambda each: each["x"])] == [
        "e_first",
        "e_then",
        "e_goal",
    ]


def test_a_fuller_column_makes_a_higher_drawing():
    many = [node(str(number)) for number in range(9)]
    few = graph(many[:2], [edge("0", "PREREQUISITE_OF", "1")])
    full = graph(many, [edge(str(number), "PREREQUISITE_OF", "8") for number in range(8)])
    assert prerequisite_height(few) < prerequisite_height(full)


def test_options_are_plain_json():
    options = neighborhood_chart(graph([node("a"), node("b")], [edge("a", "USES", "b")]), "a")
    assert json.loads(json.dumps(options)) == options


def test_bars_keep_their_order_with_the_first_on_top():
    options = bar_chart([("Tools", 3, "#000000"), ("Risks", 1, "#ffffff")])
    assert options["yAxis"]["data"] == ["Tools", "Risks"]
    assert options["yAxis"]["inverse"]


def test_a_click_on_a_line_is_not_taken_for_one_on_an_entity():
    event = {"selection": {"selected": [{"data_type": "edge", "data_indices": [2]}]}}
    assert (selected(event, "edge"), selected(event, "node")) == (2, None)
