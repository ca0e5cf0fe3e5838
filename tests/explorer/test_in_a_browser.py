"""The explorer as a reader meets it, in a real browser that may ask nothing beyond this machine."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


def heading(tab: Page) -> Locator:
    return tab.get_by_role("heading", level=1)


def drawn(tab: Page, name: str) -> Locator:
    return tab.get_by_test_id("stEChartsChart").locator("svg text").get_by_text(name, exact=True)


def test_from_search_over_a_drawing_and_prerequisites_to_a_plan_that_outlives_a_reload(tab, explorer_url):
    tab.goto(explorer_url)
    tab.get_by_label("Search", exact=True).last.fill("graphr")
    tab.get_by_role("link", name="GraphRAG").first.click()
    expect(heading(tab)).to_have_text("GraphRAG")
    expect(tab).to_have_url(re.compile(r"/entity\?entity=GraphRAG$"))

    tab.get_by_role("main").get_by_role("link", name="Neighbourhood").click()
    expect(heading(tab)).to_have_text("Around GraphRAG")
    drawn(tab, "Neo4j").click()
    expect(heading(tab)).to_have_text("Around Neo4j")
    expect(tab).to_have_url(re.compile(r"/neighborhood\?entity=Neo4j$"))

    tab.go_back()
    expect(heading(tab)).to_have_text("Around GraphRAG")
    expect(tab.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    onward = tab.get_by_role("main").get_by_role("link", name="Prerequisites")
    expect(onward).to_have_attribute("href", re.compile(r"entity=GraphRAG$"))
    onward.click()
    expect(heading(tab)).to_have_text("What leads up to GraphRAG")
    drawn(tab, "RAG").click()
    expect(heading(tab)).to_have_text("What leads up to RAG")

    tab.get_by_role("link", name="Plan to learn this").click()
    expect(tab).to_have_url(re.compile(r"/plan\?goals=RAG$"))
    tab.get_by_label("Hours a week").fill("2")
    tab.get_by_label("Hours a week").press("Enter")
    expect(tab).to_have_url(re.compile(r"hours=2"))
    tab.reload()
    expect(tab.get_by_label("Hours a week")).to_have_value("2.00")
    expect(tab.get_by_role("heading", name="Week 1")).to_be_visible()
    expect(tab.get_by_role("img", name="Steps of the plan")).to_be_visible()


def test_a_click_on_a_line_shows_what_is_said(tab, explorer_url):
    tab.goto(f"{explorer_url}/prerequisites?entity=Hybrid+search")
    chart = tab.get_by_test_id("stEChartsChart")
    expect(drawn(tab, "Embedding")).to_be_visible()
    first, second = (drawn(tab, name).bounding_box() for name in ("Tokenization", "Embedding"))
    assert first is not None
    assert second is not None
    # A name stands below its entity: the line runs some pixels higher, midway.
    chart.page.mouse.click((first["x"] + second["x"] + first["width"]) / 2, first["y"] - 14)
    expect(tab.get_by_text("An embedding is computed from tokens")).to_be_visible()


def test_a_link_from_a_page_to_itself_changes_the_address(tab, explorer_url):
    tab.goto(f"{explorer_url}/entity?entity=RAG")
    tab.get_by_role("link", name="Hallucination").first.click()
    expect(heading(tab)).to_have_text("Hallucination")
    expect(tab).to_have_url(re.compile(r"\?entity=Hallucination$"))


def test_the_menu_keeps_the_entity(tab, explorer_url):
    tab.goto(f"{explorer_url}/entity?entity=RAG")
    expect(heading(tab)).to_have_text("RAG")
    tab.get_by_role("link", name="Neighbourhood").first.click()
    expect(heading(tab)).to_have_text("Around RAG")
    expect(tab).to_have_url(re.compile(r"/neighborhood\?entity=RAG$"))


def test_a_file_of_the_plan_can_be_saved(tab, explorer_url):
    tab.goto(f"{explorer_url}/plan?goals=GraphRAG")
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Checklist").click()
    assert saved.value.suggested_filename == "study-plan.md"
    assert "GraphRAG" in saved.value.path().read_text(encoding="utf-8")


@pytest.mark.parametrize("path", ["", "entity?entity=RAG", "neighborhood?entity=RAG", "plan?goals=GraphRAG"])
def test_nothing_sticks_out_of_a_narrow_screen(tab, explorer_url, path):
    tab.set_viewport_size({"width": 400, "height": 800})
    tab.goto(f"{explorer_url}/{path}")
    expect(heading(tab)).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 400


def test_a_page_can_be_walked_with_the_keyboard(tab, explorer_url):
    tab.goto(f"{explorer_url}/neighborhood?entity=RAG")
    tab.locator("summary").filter(has_text="The same as tables").press("Enter")
    link = tab.get_by_role("main").get_by_role("link", name="Embedding").last
    link.press("Enter")
    expect(heading(tab)).to_have_text("Around Embedding")
