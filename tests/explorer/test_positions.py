"""Where entities are drawn."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from explorer.positions import layers, spread

_POINTS = st.dictionaries(
    st.text("abcdefghij", min_size=1, max_size=3),
    st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    min_size=1,
    max_size=25,
)


@given(_POINTS)
def test_the_same_points_give_the_same_drawing_in_whatever_order_they_come(points):
    backwards = dict(reversed(points.items()))
    assert spread(points, columns=6, rows=11) == spread(backwards, columns=6, rows=11)


def test_points_on_each_other_are_moved_apart():
    drawn = spread(dict.fromkeys("abcdefgh", (0.0, 0.0)), columns=6, rows=11)
    near = [
        (a, b)
        for a, b in combinations(drawn.values(), 2)
        if abs(a[0] - b[0]) < 0.99 and abs(a[1] - b[1]) < 0.99
    ]
    assert near == []


def test_points_with_room_keep_their_order():
    drawn = spread({"a": (-1, -1), "b": (0, 0), "c": (1, 1)}, columns=6, rows=11)
    assert drawn == {"a": (0, 0), "b": (3, 5.5), "c": (6, 11)}


def test_one_point_is_drawn_in_the_middle():
    assert spread({"a": (0.3, 0.2)}, columns=6, rows=10) == {"a": (3, 5)}


def test_a_chain_has_one_column_for_each_step():
    points = layers(["c", "b", "a"], [("a", "b"), ("b", "c"), ("a", "c")])
    assert [points[name][0] for name in "abc"] == [0, 1, 2]


def test_what_leads_nowhere_stands_rightmost():
    points = layers(["goal", "near", "far", "also"], [("far", "near"), ("near", "goal"), ("also", "goal")])
    assert {name for name, (column, _) in points.items() if column == 1} == {"near", "also"}


def test_neighbours_lie_at_like_heights():
    points = layers(list("abxyz"), [("a", "y"), ("b", "x"), ("x", "z"), ("y", "z")])
    crossed = (points["a"][1] - points["b"][1]) * (points["y"][1] - points["x"][1])
    assert crossed > 0


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=20))
def test_no_two_entities_share_a_place_even_where_there_are_cycles(edges):
    points = layers(list("abcdef"), edges)
    assert len(set(points.values())) == 6
