"""Answers of the API as options for ECharts: pure functions, drawn elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import sqrt
from typing import Any

from explorer.kinds import KINDS
from explorer.phrases import FAMILIES, PHRASES, SYMMETRIC, confidence_words, sentence
from explorer.positions import Point, layers, spread, unit

Answer = Mapping[str, Any]
Options = dict[str, Any]

SURE = 0.6  # below it a line is dashed
_LABEL_CHARS = 26  # in a drawing; the whole name is in the tooltip and in the table
_CROWD = 30  # entities; more are drawn smaller, and more lines fainter
_NARROW_PX = 640  # narrower charts are drawn upright


@dataclass(frozen=True, slots=True)
class _Field:
    """A drawing's proportions, and how many labels fit beside and below each other."""

    width: float
    height: float
    columns: float
    rows: float


_WIDE = _Field(1_000, 550, 7, 10)
_UPRIGHT = _Field(330, 560, 2.5, 14)


def neighborhood_chart(subgraph: Answer, focus: str) -> Options:
    """Draw entities at their stored positions, ``focus`` set off, with the relations between them."""
    stored = {node["id"]: (node["x"], -node["y"]) for node in subgraph["nodes"]}
    wide, upright = (
        _fill(spread(stored, columns=field.columns, rows=field.rows), field) for field in (_WIDE, _UPRIGHT)
    )
    return _graph(subgraph, wide, upright, focus)


def prerequisite_chart(subgraph: Answer, goal: str) -> Options:
    """Draw prerequisites in columns from left to right, the goal rightmost; upright, from top to bottom."""
    points = _in_layers(subgraph)
    turned = {entity_id: (y, x) for entity_id, (x, y) in points.items()}
    high = replace(_WIDE, height=prerequisite_height(subgraph) * 0.8)
    return _graph(subgraph, _fill(points, high), _fill(turned, replace(_UPRIGHT, height=high.height)), goal)


def prerequisite_height(subgraph: Answer) -> int:
    """Return the pixels that the fullest column needs."""
    fullest = max(Counter(x for x, _ in _in_layers(subgraph).values()).values(), default=1)
    return max(300, min(1_100, 160 + 70 * fullest))


def bar_chart(counts: Sequence[tuple[str, int, str]]) -> Options:
    """Draw (name, count, colour) as horizontal bars, the first on top."""
    return {
        "grid": {"left": 8, "right": 56, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "show": False},
        "yAxis": {
            "type": "category",
            "data": [name for name, _, _ in counts],
            "inverse": True,
            "axisLine": {"show": False},
            "axisTick": {"show": False},
        },
        "tooltip": {"trigger": "item", "formatter": "{b}: {c}"},
        "series": [
            {
                "type": "bar",
                "barMaxWidth": 16,
                "data": [{"value": count, "itemStyle": {"color": color}} for _, count, color in counts],
                "label": {"show": True, "position": "right"},
            }
        ],
    }


def selected(event: Answer, data_type: str) -> int | None:
    """Return the index of the node or edge (``data_type``) that a reader clicked, or None."""
    indices = (
        index
        for group in event["selection"]["selected"]
        if group["data_type"] == data_type
        for index in group["data_indices"]
    )
    return next(indices, None)


def _in_layers(subgraph: Answer) -> dict[str, Point]:
    pairs = [(edge["source"]["id"], edge["target"]["id"]) for edge in subgraph["edges"]]
    return layers([node["id"] for node in subgraph["nodes"]], pairs)


def _fill(points: Mapping[str, Point], field: _Field) -> dict[str, Point]:
    """Scale points to the field, so that ECharts, which keeps proportions, fills the chart with them."""
    return {entity_id: (x * field.width, y * field.height) for entity_id, (x, y) in unit(points).items()}


def _graph(subgraph: Answer, wide: Mapping[str, Point], upright: Mapping[str, Point], focus: str) -> Options:
    present = [kind for kind in KINDS if any(node["kind"] == kind for node in subgraph["nodes"])]
    sizes = _sizes(subgraph["nodes"], focus)
    drawn, turned = (
        [_node(node, points[node["id"]], present, sizes[node["id"]], focus) for node in subgraph["nodes"]]
        for points in (wide, upright)
    )
    series = {
        "type": "graph",
        "layout": "none",
        "roam": "move",
        "selectedMode": "single",
        "data": drawn,
        "links": _links(subgraph),
        "categories": [_category(kind) for kind in present],
        "label": {"show": True, "position": "bottom", "fontSize": 12, "distance": 4},
        "labelLayout": {"hideOverlap": True},
        "emphasis": {"focus": "adjacency", "label": {"fontWeight": "bold"}},
        "select": {"itemStyle": {"borderWidth": 3}, "lineStyle": {"width": 4}},
        "blur": {"itemStyle": {"opacity": 0.25}, "lineStyle": {"opacity": 0.1}},
        "edgeSymbol": ["none", "arrow"],
        "edgeSymbolSize": 8,
        "cursor": "pointer",
    }
    return {
        "animation": False,
        "tooltip": {"confine": True, "extraCssText": "max-width: 22rem; white-space: normal;"},
        "legend": {"top": 0, "type": "scroll", "data": [_legend(kind) for kind in present]},
        "series": [series],
        "media": [{"query": {"maxWidth": _NARROW_PX}, "option": {"series": [{"data": turned}]}}],
    }


def _sizes(nodes: Sequence[Answer], focus: str) -> dict[str, float]:
    """Return each entity's width in pixels: the area, which the eye compares, grows with importance."""
    most = max((node["importance"] for node in nodes), default=0) or 1
    scale = min(1.0, sqrt(_CROWD / len(nodes))) if nodes else 1.0
    return {
        node["id"]: round(
            scale * (14 + 22 * sqrt(node["importance"] / most)) + (8 if node["name"] == focus else 0), 1
        )
        for node in nodes
    }


def _node(node: Answer, point: Point, present: Sequence[str], size: float, focus: str) -> Options:
    look = KINDS[node["kind"]]
    is_focus = node["name"] == focus
    name = node["name"]
    short = name if len(name) <= _LABEL_CHARS else name[: _LABEL_CHARS - 1].rstrip() + "…"
    about = f"<br>{_html(node['description'])}" if node["description"] else ""
    drawn: Options = {
        "id": node["id"],
        "name": short,
        "x": round(point[0], 1),
        "y": round(point[1], 1),
        "symbolSize": size,
        "category": present.index(node["kind"]),
        "tooltip": {"formatter": f"<b>{_html(name)}</b> · {look.name}{about}"},
    }
    if is_focus:
        drawn["itemStyle"] = {"borderColor": look.color, "borderWidth": 6, "opacity": 1}
        drawn["label"] = {"fontWeight": "bold", "fontSize": 14}
    return drawn


def _links(subgraph: Answer) -> list[Options]:
    between: Counter[frozenset[str]] = Counter()
    faint = len(subgraph["edges"]) > 2 * _CROWD
    drawn = []
    for edge in subgraph["edges"]:
        source, target = edge["source"]["id"], edge["target"]["id"]
        pair = frozenset({source, target})
        drawn.append(_link(edge, source, target, bend=0.18 * between[pair], faint=faint))
        between[pair] += 1
    return drawn


def _link(edge: Answer, source: str, target: str, *, bend: float, faint: bool) -> Options:
    _, color = FAMILIES[PHRASES[edge["type"]].family]
    said = f"<br><i>{_html(edge['evidence'][0]['quote'])}</i>" if edge["evidence"] else ""
    words = f"<b>{_html(sentence(edge))}</b><br>{confidence_words(edge['confidence'])}{said}"
    return {
        "source": source,
        "target": target,
        "symbol": ["none", "none" if edge["type"] in SYMMETRIC else "arrow"],
        "lineStyle": {
            "color": color,
            "width": round(1 + 2 * edge["confidence"], 1),
            "type": "solid" if edge["confidence"] >= SURE else "dashed",
            "opacity": 0.5 if faint else 0.75,
            "curveness": bend,
        },
        "tooltip": {"formatter": words},
    }


def _category(kind: str) -> Options:
    look = KINDS[kind]
    return {"name": look.name, "symbol": look.symbol, "itemStyle": {"color": look.color}}


def _legend(kind: str) -> Options:
    return {"name": KINDS[kind].name, "icon": KINDS[kind].symbol}


def _html(text: str) -> str:
    """Escape a text of the material for a tooltip, braces too: ECharts reads them as placeholders."""
    return escape(text).replace("{", "&#123;")
