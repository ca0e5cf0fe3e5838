"""The benchmark of the Neo4j store at a size at which it says nothing, but runs."""

import pytest

from tests.bench_neo4j_size import Place, measure_size
from tests.power_law import HUB_SHARE, power_law

pytestmark = pytest.mark.neo4j


def test_the_benchmark_loads_asks_and_tells(neo4j_url, neo4j_access, capsys):
    place = Place(neo4j_url, neo4j_access, None)
    measure_size(place, place, entities=200, relations=1_000, asked=2, loaded=False)
    told = capsys.readouterr().out
    assert "`publish`, with all indexes" in told
    assert "two hops around a hub" in told


def test_the_made_up_graph_is_the_same_each_time():
    assert power_law(100, 500) == power_law(100, 500)


def test_the_made_up_hub_has_its_share_and_no_relation_comes_twice():
    made = power_law(1_000, 5_000)
    touching = [r for r in made.graph.relations if made.hub in (r.source_id, r.target_id)]
    assert len(touching) == 5_000 // HUB_SHARE
    assert len({r.id for r in made.graph.relations}) == len(made.graph.relations) == 5_000
