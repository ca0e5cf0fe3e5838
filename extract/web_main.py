"""The part of a web page that is its text: without menus, sidebars, footers and scripts."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extract.content import LoadError
from extract.page import HEADING_MARKS

_NO_TEXT = (
    "script,style,noscript,template,svg,math,iframe,object,canvas,form,button,select,input,textarea,dialog,"
    "nav,footer,aside,[role=navigation],[role=banner],[role=contentinfo],[role=search],[aria-hidden=true],"
    "[hidden],"
    ".sidebar,.breadcrumb,.breadcrumbs,.toc,#toc,.table-of-contents,.menu,.navbar,.pagination,.cookie-banner,"
    ".headerlink,.anchor-link"
)
_MAIN = ("main", "[role=main]", "article", ".markdown-body", "#content", ".post-content", ".entry-content")
_MAIN_SHARE = 0.3  # a "main" with less of the page's text than this is something else
_SITE = re.compile(r"\s+[|\u2013\u2014\u00b7-]\s+[^|\u2013\u2014\u00b7]{2,40}$")
_MAX_DEPTH = 10_000  # open elements; the parser's time grows with the square of their number
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_CLOSED_BY_OTHERS = frozenset(  # elements that HTML need not close
    "area base br col dd dt embed hr img input li link meta option p param source tbody td tfoot th thead tr "
    "track wbr".split()
)


def main_element(html: str) -> tuple[str, LexborNode | None]:
    """Return a page's title, or "", and the element that holds its text, or None.

    Raises:
        LoadError: its elements are nested far deeper than any page's.
    """
    if _depth(html) > _MAX_DEPTH:
        raise LoadError(f"elements nested more than {_MAX_DEPTH:,} deep, as in no page")
    tree = LexborHTMLParser(html)
    head = tree.css_first("title")
    stated = _SITE.sub("", _words(head))
    for node in tree.css(_NO_TEXT):
        node.decompose()
    root = _main(tree)
    return _words(root.css_first("h1") if root else None) or stated, root


def _depth(html: str) -> int:
    """Return about how many elements are open at once, at most."""
    depth = deepest = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() not in _CLOSED_BY_OTHERS:
            depth += -1 if tag[1] else 1
            deepest = max(deepest, depth)
    return deepest


def _words(node: LexborNode | None) -> str:
    text = " ".join((node.text() or "").split()) if node is not None else ""
    return HEADING_MARKS.sub("", text)


def _main(tree: LexborHTMLParser) -> LexborNode | None:
    """Return the element with the page's own text: the largest that says it has it, or the body."""
    body = tree.body
    if body is None:
        return None
    whole = len(body.text() or "")
    for selector in _MAIN:
        found = tree.css(selector)
        largest = max(found, key=lambda node: len(node.text() or ""), default=None)
        if largest is not None and len(largest.text() or "") > whole * _MAIN_SHARE:
            return largest
    return body
