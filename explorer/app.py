"""The explorer's frame: its pages, and the one place where an expected error is shown."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from api.client import ApiError
from explorer import address, links

_HERE = Path(__file__).parent


def main() -> None:
    """Run the page that the address names."""
    # A file: Streamlit would have the browser fetch a Material symbol for the tab from afar.
    st.set_page_config(page_icon=str(_HERE / "icon.svg"), layout="wide")
    st.html(_HERE / "style.css")
    page = st.navigation(_pages(), position="top")
    about = address.text("entity") or address.text("q")
    st.set_page_config(page_title=" · ".join(filter(None, [about, page.title, "guidegraph"])))
    address.settle()
    try:
        page.run()
    except ApiError as error:  # expected: say it and stop; anything else is a bug and must show
        st.error(str(error), icon=":material/error:")


def _pages() -> list[st.Page]:
    return [
        st.Page(links.SEARCH, title="Search", icon=":material/search:", url_path="search", default=True),
        st.Page(links.ENTITY, title="Entity", icon=":material/article:", url_path="entity"),
        st.Page(links.NEIGHBORHOOD, title="Neighbourhood", icon=":material/hub:", url_path="neighborhood"),
        st.Page(
            links.PREREQUISITES,
            title="Prerequisites",
            icon=":material/account_tree:",
            url_path="prerequisites",
        ),
        st.Page(links.COMPARE, title="Compare", icon=":material/compare_arrows:", url_path="compare"),
        st.Page(links.TOPICS, title="Topics", icon=":material/category:", url_path="topics"),
        st.Page(links.PLAN, title="Study plan", icon=":material/event_note:", url_path="plan"),
        st.Page(links.ABOUT, title="About", icon=":material/info:", url_path="about"),
    ]


if __name__ == "__main__":
    main()
