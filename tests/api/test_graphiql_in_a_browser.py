"""GraphiQL in a real browser: it asks, shows the answer, and loads nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
]


@pytest.fixture
def page():
    """Give a page of a headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--no-first-run"])
        yield browser.new_page()
        browser.close()


def test_graphiql_asks_and_answers_without_a_network(page: Page, served: str):
    hosts, troubles = set(), []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.extend([message.text] * (message.type == "error")))
    page.goto(f"{served}/graphql")
    page.get_by_label("Execute query").click()
    expect(page.locator(".graphiql-response")).to_contain_text('"documents": 3')
    assert hosts <= {"127.0.0.1", None, ""}
    assert troubles == []
