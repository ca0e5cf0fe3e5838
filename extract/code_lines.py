"""Code and diagrams in text that has lost its fences: found by how their lines look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_STARTS = re.compile(
    r"(?:from\s+[\w.]+\s+import\s|import\s+[\w.]+(?:\s+as\s+\w+)?\s*;?$|import\s.+\sfrom\s+['\"]"
    r"|(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*(?:\([\w., ]*\))?\s*[:{]|@\w[\w.]*(?:\(.*\))?$"
    r"|(?:for\s+\w+(?:\s*,\s*\w+)*\s+in|while|if|elif|with)\s[^.?!]*:$|try:$"
    r"|(?:const|let|var)\s+\w+\s*=|(?:export\s+)?(?:async\s+)?function\s+\w+\s*\(|print\(|console\.log\("
    r"|(?:public|private|protected|static)\s+[\w<>]+\s+\w+|\#include\s*<|package\s+[\w.]+;?$"
    r"|(?:SELECT|INSERT INTO|CREATE (?:TABLE|INDEX)|UPDATE|DELETE FROM)\s.*\b(?:FROM|VALUES|ON|SET|\()"
    r"|[A-Za-z_][\w.]*(?:\[[^\]]+\])?\s(?:=|\+=|:=)\s\S|[A-Za-z_][\w.]*:\s\w+(?:\[.*\])?\s=\s"
    r"|(?:\$\s+|>>>\s+)\S|(?:sudo\s+)?(?:pip3?|npm|npx|yarn|brew|apt(?:-get)?|conda|uv|poetry|cargo)\s+(?:install|add|run)\b"
    r"|git\s+(?:clone|pull|push|checkout|commit|init|add)\b|docker\s+(?:run|build|compose|pull)\b|kubectl\s+\w+"
    r"|(?:curl|wget)\s+(?:-|https?:)|cd\s+[\w./~-]+$|cat\s+[\w./~-]+$|export\s+\w+=|[\u2502\u251c\u2514]|[{\[]$)"
)
_GOES_ON = re.compile(
    r"(?:(?:if|elif|for|while|with)\s.+:$|\#|//|--\s|/\*|\*/|\"\"\"|'''|[)}\]]|\.\w+\(|(?:else|finally|except\b.*|elif\b.*|do|then|fi|done)\s*[:{]?$"
    r"|(?:break|continue|pass)$|(?:return|raise|yield|await|assert|del|throw|case)\b|[\w.\[\]'\"]+\(.*\)?[,;:{]?$"
    r"|[\"'][\w $.-]+[\"']\s*:|\w+:\s[\w\[\], |.]+(?:\s=\s.+)?(?:\s*\#.*)?$|.*[{(\[,;\\]$)"
)
_COMMENT = re.compile(r"(?:\#|//)\s?\S")  # one "#": two begin a heading
_TREE_ROOT = re.compile(r"[\w.-]+/$")
_TREE = re.compile(r"[\u2502\u251c\u2514]")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\s\#.*$")
_MAX_OPEN = 80  # lines that a bracket or docstring may stay open; past that it was no code

_DIAGRAM = re.compile(
    r"(?:(?:flowchart|graph)\s+(?:TB|TD|BT|RL|LR)\b|(?:sequence|class|er|requirement)Diagram\b"
    r"|stateDiagram(?:-v2)?\b|gitGraph\b|(?:gantt|mindmap|timeline|journey)$|C4(?:Context|Container)\b)"
)
_DIAGRAM_LINE = re.compile(
    r".*(?:-->|---|-\.->|==>|->>|--x)|(?:subgraph|participant|actor|style|classDef|class|note|loop|alt|opt|title|"
    r"section|direction|%%)\b|end$|\w+(?:\[.*\]|\(.*\)|\{.*\})$"
)
_SHELL = re.compile(r"(?:\$\s|git |cd |cat |pip|npm|docker|kubectl|curl|wget|export |sudo |brew|apt)")
_PYTHON = re.compile(r"(?:from\s+\S+\s+import|import\s+[\w.]+$|(?:async\s+)?def\s|class\s+\w+.*:$|@\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRegion:
    """Lines ``first`` to ``last``, counted from 0 and both included."""

    first: int
    last: int
    language: str  # as of a fence; "" where it cannot be told


def find_code(lines: Sequence[str]) -> list[CodeRegion]:
    """Return the stretches of lines that are code or a diagram, in order."""
    regions: list[CodeRegion] = []
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        if _DIAGRAM.match(line):
            region = CodeRegion(first=at, last=_diagram_end(lines, at), language="mermaid")
        elif _STARTS.match(line) or (_TREE_ROOT.match(line) and _TREE.match(_after(lines, at))):
            last = _code_end(lines, at)
            while at and _COMMENT.match(lines[at - 1].strip()) and (not regions or regions[-1].last < at - 1):
                at -= 1
            region = CodeRegion(first=at, last=last, language=_language(lines[at : last + 1]))
        else:
            at += 1
            continue
        regions.append(region)
        at = region.last + 1
    return regions


def _after(lines: Sequence[str], at: int) -> str:
    return lines[at + 1].strip() if at + 1 < len(lines) else ""


def _diagram_end(lines: Sequence[str], first: int) -> int:
    at = first
    while at + 1 < len(lines) and _DIAGRAM_LINE.match(lines[at + 1].strip()):
        at += 1
    return at


def _code_end(lines: Sequence[str], first: int) -> int:
    """Return the last line of the code that begins at ``first``: brackets and docstrings keep it open."""
    last = at = first
    depth, in_string = 0, False
    while at < len(lines) and at - last <= _MAX_OPEN:
        line = lines[at].strip()
        is_open = depth > 0 or in_string
        if not is_open and at > first and not _is_code(lines, at):
            break
        if (line.count('"""') + line.count("'''")) % 2:
            in_string = not in_string
        elif not in_string:
            bare = _STRING.sub("", line)
            opened = sum(bare.count(bracket) for bracket in "([{")
            depth = max(depth + opened - sum(bare.count(bracket) for bracket in ")]}"), 0)
        if line and depth == 0 and not in_string:
            last = at
        at += 1
    return last


def _is_code(lines: Sequence[str], at: int) -> bool:
    """Whether a line goes on with the code above it; blank lines do where code follows them."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    if at == len(lines):
        return False
    line = lines[at].strip()
    return bool(_STARTS.match(line) or _GOES_ON.match(line))


def _language(lines: Sequence[str]) -> str:
    if any(_PYTHON.match(line.strip()) for line in lines):
        return "python"
    return "bash" if _SHELL.match(lines[0].strip()) else ""
