"""Processes that can be killed: whatever becomes of one job, the others are done."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from itertools import count
from pathlib import Path

import misbehaving
import psutil
import pytest

from extract.processes import Died, Overdue, Processes
from kg.errors import KGError

TESTS = Path(__file__).parent


def budget_s(job: str) -> float:
    return 0.5 if job == "hangs" else math.inf


@pytest.fixture
def doubling():
    with Processes(misbehaving.double, most=2, budget_s=budget_s) as processes:
        yield processes


def children() -> list[psutil.Process]:
    mine = psutil.Process().children()
    return [child for child in mine if "extract.processes" in " ".join(child.cmdline())]


def test_every_job_comes_back_with_its_result(doubling):
    jobs = [str(number) for number in range(50)]
    assert dict(doubling.run(jobs)) == {job: job * 2 for job in jobs}


def test_no_jobs_need_no_process(doubling):
    assert list(doubling.run([])) == []
    assert children() == []


def test_a_job_that_hangs_is_given_up_and_the_others_are_done(doubling):
    done = dict(doubling.run(["a", "hangs", *"bcdef"]))
    assert done.pop("hangs") == Overdue(0.5)
    assert done == {job: job * 2 for job in "abcdef"}


@pytest.mark.parametrize(("job", "how"), [("is killed", "by SIGKILL"), ("crashes", "by SIGSEGV")])
def test_a_job_whose_process_dies_of_it_twice_is_given_up_and_the_others_are_done(doubling, job, how):
    done = dict(doubling.run(["a", job, *"bcdef"]))
    assert done.pop(job) == Died(how)
    assert done == {job: job * 2 for job in "abcdef"}


def test_a_job_whose_process_dies_once_is_tried_again(tmp_path):
    with Processes(misbehaving.die_once, most=1) as processes:
        assert [result for _, result in processes.run([tmp_path / "marker"])] == ["done"]


def test_a_process_that_dies_while_it_has_nothing_to_do_is_replaced(doubling):
    assert dict(doubling.run(["a", "b"])) == {"a": "aa", "b": "bb"}
    for child in children():
        child.kill()
    assert dict(doubling.run(["c", "d"])) == {"c": "cc", "d": "dd"}


def test_a_process_that_is_idle_for_long_ends_and_another_does_what_comes_then():
    with Processes(misbehaving.double, most=1, idle_s=0.05) as processes:
        assert dict(processes.run(["a"])) == {"a": "aa"}
        _, alive = psutil.wait_procs(children(), timeout=10)
        assert alive == []
        assert dict(processes.run(["b"])) == {"b": "bb"}


def test_processes_killed_while_they_write_lose_nothing():
    with Processes(misbehaving.write_much, most=2) as processes:
        results = processes.run(range(20))
        done = dict([next(results)])
        for child in children():
            child.kill()
        done.update(results)
    assert done == {job: misbehaving.write_much(job) for job in range(20)}


def test_what_the_work_raises_is_raised_here(doubling):
    with pytest.raises(ValueError, match="no such thing"):
        list(doubling.run(["raises"]))


def test_what_preparing_raises_is_raised_here():
    with (
        Processes(misbehaving.double, most=1, prepare=misbehaving.lacks_a_model) as processes,
        pytest.raises(ValueError, match="no such model"),
    ):
        list(processes.run(["a"]))


def test_processes_that_never_start_are_an_error_and_no_endless_loop():
    with (
        Processes(misbehaving.double, most=2, prepare=misbehaving.refuse) as processes,
        pytest.raises(KGError, match="they die at once, with exit code 3"),
    ):
        list(processes.run(["a"]))


def test_jobs_are_asked_for_only_as_far_as_there_are_hands(doubling):
    asked = count()
    jobs = (str(next(asked)) for _ in range(1000))
    results = doubling.run(jobs)
    for _ in range(10):
        next(results)
    # Two processes hold one each, two wait before them, and some are done but not yet taken.
    assert next(asked) <= 10 + 3 * 2


def test_results_that_nobody_took_are_no_answers_to_the_next_jobs(doubling):
    next(doubling.run(["a", "b", "hangs"]))
    assert dict(doubling.run(["c", "d"])) == {"c": "cc", "d": "dd"}


def test_closing_leaves_no_process(doubling):
    results = doubling.run(["a", "hangs", "b"])
    next(results)
    before = children()
    doubling.close()
    doubling.close()
    assert before
    assert children() == []


PARENT = """
import sys
from extract.processes import Processes
import misbehaving
processes = Processes(misbehaving.double, most=2)
results = processes.run(["a", "b", "hangs"])
print(next(results), next(results), flush=True)
next(results)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process ends when its C code does")
def test_killing_the_parent_leaves_no_process_not_even_one_that_hangs():
    path = os.pathsep.join([str(TESTS), *sys.path])
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    ) as parent:
        parent.stdout.readline()
        family = psutil.Process(parent.pid).children()
        parent.kill()
    assert family
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
