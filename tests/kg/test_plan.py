from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linked import draw_graph
from sample import entity_id

from kg.errors import EntityNotFoundError, InvalidInputError
from kg.model import RelationType, Track
from kg.plan import study_plan

BEFORE = RelationType.PREREQUISITE_OF
LETTERS = "abcdefgh"
PROSE = "word " * 200  # a minute


def names(entities):
    return [entity.name for entity in entities]


def learned(plan):
    return [step.entity.name for step in plan.steps]


def drawn(store, *pairs, minutes=None, tracks=(), **options):
    """Publish prerequisites between letters, each with a passage of its own of so many minutes."""
    letters = sorted({one for pair in pairs for one in pair} | set(minutes or {}))
    graph = draw_graph(
        [(one, BEFORE, two, 0.9) for one, two in pairs],
        entities=letters,
        texts={one: PROSE * (minutes or {}).get(one, 1) for one in letters},
        naming={one: [one] for one in letters},
        tracks=tracks,
        **options,
    )
    store.publish(graph, {})
    return store


# --- what is in a plan


def test_a_plan_reaches_its_goal_through_all_that_it_rests_on(sample_store):
    plan = study_plan(sample_store, goals=["graph RAG"])
    assert learned(plan) == ["Tokenization", "Embedding", "Vector search", "Chunking", "RAG", "GraphRAG"]
    assert names(plan.goals) == ["GraphRAG"]


def test_a_step_says_on_which_earlier_steps_it_rests_and_why(sample_store):
    rag = study_plan(sample_store, goals=["RAG"]).steps[-1]
    assert [relation.confidence for relation in rag.because] == [0.9, 0.8, 0.7]
    assert rag.because[0].evidence[0].quote == "RAG builds on vector search."


def test_what_is_known_and_what_only_that_needs_is_left_out(sample_store):
    plan = study_plan(sample_store, goals=["Hybrid search"], known=["dense retrieval", "BM25"])
    assert learned(plan) == ["Hybrid search"]
    assert names(plan.already_known) == ["Vector search", "Keyword search"]


def test_nothing_is_left_to_learn_where_the_goals_are_known(sample_store):
    plan = study_plan(sample_store, goals=["RAG"], known=["RAG"])
    assert (plan.steps, plan.weeks, plan.total_minutes, plan.critical_path) == ((), 0, 0, ())
    assert names(plan.goals) == ["RAG"]


def test_a_track_stands_for_its_goals(sample_store):
    assert names(study_plan(sample_store, goals=["Retrieval Engineer"]).goals) == [
        "GraphRAG",
        "Semantic cache",
    ]


def test_goals_of_a_track_that_the_graph_has_not_are_left_out(store):
    drawn(store, ("a", "b"), tracks=(Track(name="Alphabet", aliases=(), goals=("b", "omega")),))
    assert names(study_plan(store, goals=["alphabet"]).goals) == ["b"]


def test_goals_are_reached_in_the_order_given(store):
    drawn(store, ("a", "c"), ("b", "d"))
    assert learned(study_plan(store, goals=["d", "c", "d"])) == ["b", "d", "a", "c"]


def test_the_most_needed_prerequisites_are_named_first(sample_store):
    plan = study_plan(sample_store, goals=["GraphRAG", "Hybrid search"])
    assert names(plan.key_prerequisites) == [
        "Tokenization", "Embedding", "Vector search", "Chunking", "RAG",
    ]  # fmt: skip


def test_alternatives_and_questions_are_shown_with_their_step(sample_store):
    rag = study_plan(sample_store, goals=["RAG"]).steps[-1]
    assert names(rag.alternatives) == ["Fine-tuning"]
    assert names(rag.questions) == ["When would you choose RAG over fine-tuning?"]


def test_minutes_are_those_of_the_readings(sample_store):
    plan = study_plan(sample_store, goals=["RAG engineer"])
    for step in plan.steps:
        assert step.minutes == sum(reading.minutes for reading in step.readings)
    assert plan.total_minutes == sum(step.minutes for step in plan.steps)


def test_the_subgraph_has_the_steps_and_no_redundant_relation(sample_store):
    plan = study_plan(sample_store, goals=["RAG"])
    ends = {(relation.source_id, relation.target_id) for relation in plan.subgraph.relations}
    assert names(plan.subgraph.entities) == learned(plan)
    assert (entity_id("Embedding"), entity_id("RAG")) not in ends
    assert not plan.subgraph.truncated


def test_the_critical_path_and_the_slack_beside_it(store):
    drawn(store, ("a", "d"), ("b", "c"), ("c", "d"), minutes={"a": 1, "b": 3, "c": 2, "d": 4})
    plan = study_plan(store, goals=["d"])
    assert names(plan.critical_path) == ["b", "c", "d"]
    assert {step.entity.name: step.slack_minutes for step in plan.steps} == {"a": 4, "b": 0, "c": 0, "d": 0}


# --- weeks


def test_steps_fill_one_week_after_the_other(store):
    drawn(store, ("a", "b"), ("b", "c"), minutes={"a": 4, "b": 4, "c": 2})
    plan = study_plan(store, goals=["c"], hours_per_week=0.1)
    assert [(step.entity.name, step.week) for step in plan.steps] == [("a", 1), ("b", 2), ("c", 2)]
    assert plan.weeks == 2


def test_what_does_not_fit_is_deferred_the_least_important_first(store):
    drawn(
        store,
        ("a", "b"),
        ("a", "c"),
        minutes=dict.fromkeys("abc", 6),
        importance={"a": 0.1, "b": 0.5, "c": 0.4},
    )
    plan = study_plan(store, goals=["b", "c"], hours_per_week=0.1, max_weeks=1)
    assert (learned(plan), names(plan.deferred)) == (["a"], ["c", "b"])


def test_what_leads_to_no_goal_any_more_is_deferred_before_another_goal(store):
    minutes = dict.fromkeys("abcd", 6)
    drawn(
        store, ("a", "b"), ("c", "d"), minutes=minutes, importance={"a": 0.9, "b": 0.01, "c": 0.02, "d": 0.07}
    )
    plan = study_plan(store, goals=["b", "d"], hours_per_week=0.1, max_weeks=2)
    assert (learned(plan), names(plan.deferred)) == (["c", "d"], ["b", "a"])


def test_a_goal_out_of_reach_leaves_its_foundations(store):
    drawn(store, ("a", "b"), ("b", "c"), minutes=dict.fromkeys("abc", 6))
    assert learned(study_plan(store, goals=["c"], hours_per_week=0.1, max_weeks=2)) == ["a", "b"]


def test_a_checkpoint_asks_at_the_end_of_the_week_that_taught_it(sample_store):
    plan = study_plan(sample_store, goals=["GraphRAG"], hours_per_week=0.1)
    rag = next(step for step in plan.steps if step.entity.name == "RAG")
    assert [(one.week, names(one.questions)) for one in plan.checkpoints] == [
        (rag.week, ["When would you choose RAG over fine-tuning?"])
    ]


def test_a_checkpoint_asks_again_about_what_the_week_exercised(store):
    question = "Why learn a first?"
    rows = [("a", BEFORE, "b", 0.9), (question, RelationType.ASKS_ABOUT, "a", 0.9)]
    texts = {"a": PROSE * 6, "b": PROSE * 6}
    store.publish(draw_graph(rows, texts=texts, naming={"a": ["a"], "b": ["b"]}), {})
    plan = study_plan(store, goals=["b"], hours_per_week=0.1)
    assert [(one.week, names(one.questions)) for one in plan.checkpoints] == [
        (1, [question]),
        (2, [question]),
    ]


# --- what cannot be planned


def test_all_unknown_names_are_told_at_once(sample_store):
    with pytest.raises(EntityNotFoundError, match="'nothing', 'nobody'"):
        study_plan(sample_store, goals=["RAG", "nothing"], known=["nobody", "BM25"])


def test_a_plan_without_goals_is_refused(sample_store):
    with pytest.raises(InvalidInputError, match="at least one goal"):
        study_plan(sample_store, goals=[])


@pytest.mark.parametrize("hours", [0, -1, 0.05, 169, float("nan"), float("inf")])
def test_hours_that_no_week_has_are_refused(sample_store, hours):
    with pytest.raises(InvalidInputError, match=r"hours per week must be 0\.1 to 168"):
        study_plan(sample_store, goals=["RAG"], hours_per_week=hours)


def test_a_plan_of_no_weeks_is_refused(sample_store):
    with pytest.raises(InvalidInputError, match="at least 1 week, not 0"):
        study_plan(sample_store, goals=["RAG"], max_weeks=0)


def test_a_track_of_which_the_graph_has_nothing_is_refused(store):
    drawn(store, ("a", "b"), tracks=(Track(name="Greek", aliases=(), goals=("omega",)),))
    with pytest.raises(InvalidInputError, match="nothing of the track 'Greek'"):
        study_plan(store, goals=["Greek"])


# --- laws, over any acyclic prerequisites

letters = st.sampled_from(LETTERS)
prerequisites = st.lists(st.tuples(letters, letters).filter(lambda pair: pair[0] < pair[1]), unique=True)
plans = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@plans
@given(
    pairs=prerequisites,
    minutes=st.fixed_dictionaries(dict.fromkeys(LETTERS, st.integers(1, 20))),
    goals=st.lists(letters, min_size=1),
    known=st.sets(letters),
    hours=st.sampled_from([0.1, 0.2, 0.5]),
    max_weeks=st.none() | st.integers(1, 4),
)
def test_every_plan_keeps_its_promises(store, pairs, minutes, goals, known, hours, max_weeks):
    drawn(store, *pairs, minutes=minutes)
    plan = study_plan(
        store, goals=goals, known=sorted(known), hours_per_week=hours, max_weeks=max_weeks,
        start_date=date(2027, 1, 31),
    )  # fmt: skip
    order = learned(plan)
    place = {name: at for at, name in enumerate(order)}
    deferred = set(names(plan.deferred))

    assert known.isdisjoint(order)
    assert deferred.isdisjoint(order)
    assert set(goals) - known <= set(order) | deferred
    # Each after all it rests on, and what is deferred is rested on by nothing that is not.
    assert all(place[one] < place[two] for one, two in pairs if {one, two} <= place.keys())
    assert not any(one in deferred and two in place for one, two in pairs)

    read = [reading.passage.id for step in plan.steps for reading in step.readings]
    assert len(read) == len(set(read))
    assert [step.week for step in plan.steps] == sorted(step.week for step in plan.steps)
    for week in range(1, plan.weeks + 1):
        fitting = [step.minutes for step in plan.steps if step.week == week and step.minutes <= hours * 60]
        assert sum(fitting) <= hours * 60
    assert max_weeks is None or plan.weeks <= max_weeks
    assert [step.position for step in plan.steps] == list(range(1, len(plan.steps) + 1))


@plans
@given(pairs=prerequisites, goals=st.lists(letters, min_size=1), known=st.sets(letters))
def test_a_plan_rests_on_nothing_but_its_steps_and_what_is_known(store, pairs, goals, known):
    drawn(store, *pairs, minutes=dict.fromkeys(LETTERS, 1))
    plan = study_plan(store, goals=goals, known=sorted(known))
    met = set(learned(plan)) | known
    covered = met | {one for one in LETTERS if leads_only_through(one, met, pairs)}
    assert all(one in covered for one, two in pairs if two in learned(plan))


def leads_only_through(one, met, pairs):
    """Whether something met rests on ``one``, so that who met it needs no more of ``one``."""
    after = {two for first, two in pairs if first == one}
    return bool(after & met) or any(leads_only_through(two, met, pairs) for two in after)
