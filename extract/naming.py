"""What can be a name, and how headings, labels and cells give one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from extract.lexicon import GENERIC, NOT_FIRST, NOT_LAST, ORGANIZATIONS, STOPWORDS, role_of
from kg.names import WORD

MAX_WORDS = 6
MAX_CHARS = 60

_NUMBERING = re.compile(
    r"^(?:(?:step|phase|part|chapter|section|level|layer|tier|day|week|month|lesson|module|exercise|"
    r"pattern|question|q|case study|case|option|method|approach|strategy|principle|rule|mistake|pitfall|"
    r"architecture|era|stage|scenario|example|topic|tip|anti-pattern|failure(?: mode)?|technique|reason|"
    r"theme|kit|project|appendix)"
    r"\s*#?(?:\d+|[IVX]+|[A-H])\b[.:)\s-]*|[\d]+(?:\.\d+)*[.):]?\s+|[A-Z]\.\s|\(\d+\)\s*|#\d+\s*)+(?:[-:.–—]\s*)?",  # noqa: RUF001
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:what(?:'s| is| are)|how(?: do| does)?|why(?: use)?|when (?:to|should you|do you) use|"
    r"(?:an? )?(?:introduction|intro|guide) to|understanding|introducing|the case for|anatomy of)\s+"
    r"(?:an?\s+|the\s+)?",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s+(?:deep[- ]dive|fundamentals|basics|overview|guide|explained|introduction|primer|essentials|"
    r"cheat ?sheet|work|works|matters?|in practice|in production|in depth|at scale|playbook|walkthrough|"
    r"refresher|101|"
    r"\(?(?:20\d\d|advanced|beginner|intermediate|optional|recommended|new|updated[^)]*|\w+ 20\d\d)\)?)$",
    re.IGNORECASE,
)
_VERSUS = re.compile(r"\s+(?:vs\.?|versus|or)\s+", re.IGNORECASE)
_AND = re.compile(r"\s+(?:and|&|\+)\s+")
LONGEST_HEADING = 400
"""Characters; four names and a label. What is longer is a text without an end, and names nothing."""
_PARENTHESIS = re.compile(r"^(?P<outer>[^()]{2,60}?)\s*\((?P<inner>[^()]{2,60})\)\s*$")
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)")
_INNER = re.compile(
    r"^(?P<first>[\w-]+) \((?P<other>[\w-]+)\) (?P<head>[\w -]+)$"
)  # "Dense (Semantic) Retrieval"
_MODIFIER = re.compile(
    r"-(?:based|side|first|aware|native|specific|agnostic|hosted|level|wide|only|free|ready|time)$"
)
_VERBS = frozenset("is are was were has have can cannot must should will does do not may need needs".split())
_LIST_MARKS = re.compile(r"\s*(?:[,;/•|+→]|\s(?:and|or|&|vs\.?)\s)\s*")
_LIST_LEAD = re.compile(r"^(?:and|or|an?|the|e\.g\.|use|via|with)\s+", re.IGNORECASE)
_MARKS = re.compile(r"[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff¶★☆◆○●✅❌⚠]+")
_EDGES = " \t\n:;,.*_`\"'“”‘’|-–—→#>"  # noqa: RUF001
_CODE = re.compile(
    r"_\w|\w\(\)|[{}<>=\\]|^/|\.(?:py|js|ts|md|json|yaml|yml|toml|txt|sh|html)$|://|^--|^\$|^@"
)
_VALUE = re.compile(
    r"^[~<>≈$€£+\-±]|%|\$\d|^\d+(?:[.,]\d+)?\s?(?:x|ms|s|gb|mb|k|m|tokens?|hours?|days?|min)?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name and its other forms, as one place in the material gives them."""

    name: str
    aliases: tuple[str, ...] = ()


def tidy(text: str) -> str:
    """Strip marks, numbering, quotes and punctuation from around a name."""
    return _NUMBERING.sub("", _MARKS.sub(" ", text).strip(_EDGES)).strip(_EDGES)


@lru_cache(maxsize=50_000)
def is_name(text: str) -> bool:
    """Whether a tidy text has the shape of a name: short, no sentence, no value, no code, not generic."""
    words = text.split()
    if not 1 <= len(words) <= MAX_WORDS or not 2 <= len(text) <= MAX_CHARS:
        return False
    lower = text.casefold()
    first, last = words[0].casefold(), words[-1].casefold().rstrip(".,;:")
    plain = " ".join(WORD.findall(lower))
    if lower in GENERIC or plain in GENERIC or plain.removeprefix("the ") in GENERIC or role_of(text):
        return False
    if (
        first in NOT_FIRST
        or first in STOPWORDS
        or last in STOPWORDS
        or (len(words) == 1 and last in NOT_FIRST)
    ):
        return False
    if (len(words) == 1 and _MODIFIER.search(lower)) or "\n" in text or " / " in text:
        return False
    if lower in ORGANIZATIONS or last in NOT_LAST or not _VERBS.isdisjoint(lower.split()[1:-1]):
        return False
    if any(mark in text for mark in '?!;:,"“”|→=…`') or _CODE.search(text) or _VALUE.search(text):
        return False
    return any(char.isalpha() for char in text) and sum(char.isalpha() for char in text) >= len(text) / 2


def without_asides(text: str) -> str:
    """Return the text without what stands in parentheses."""
    return _ASIDE.sub(" ", text)


def split_parenthesis(text: str) -> Name | None:
    """Read "Long Form (LF)", "LF (Long Form)" or "Dense (Semantic) Retrieval" as a name and its alias."""
    aside = _INNER.match(text)
    if aside is not None and is_name(f"{aside['first']} {aside['head']}"):
        return Name(f"{aside['first']} {aside['head']}", (f"{aside['other']} {aside['head']}",))
    match = _PARENTHESIS.match(text)
    if match is None:
        return Name(text) if is_name(text) else None
    outer, inner = tidy(match["outer"]), tidy(match["inner"])
    if not is_name(outer):
        return None
    if initials_match(inner, outer):
        return Name(outer, (inner,))
    if initials_match(outer, inner) and is_name(inner):
        return Name(inner, (outer,))
    return Name(outer)


def initials_match(short: str, long: str) -> bool:
    """Whether ``short`` can stand for ``long``: its letters begin words of it, in order.

    After Schwartz and Hearst (2003). At least two capitals, and the first letters must agree: "LoRA"
    stands for "Low-Rank Adaptation".
    """
    letters = [char.casefold() for char in short if char.isalnum()]
    if not 2 <= len(short) <= 10 or " " in short or sum(char.isupper() for char in short) < 2:
        return False
    words = [word.casefold() for word in WORD.findall(long)]
    if short.endswith("s"):  # "LLMs"
        letters = letters[:-1]
    if len(words) < 2 or letters[0] != words[0][0]:
        return False
    return _letters_within(letters, words)


def _letters_within(letters: list[str], words: list[str]) -> bool:
    """Match letters to words in order: each begins a word or goes on within the word of the last one."""
    at_word, at_char, used = 0, 0, {0}
    for letter in letters[1:]:
        for word in range(at_word + 1, len(words)):
            if words[word][0] == letter:
                at_word, at_char = word, 0
                used.add(word)
                break
        else:
            at_char = words[at_word].find(letter, at_char + 1)
            if at_char < 0:
                return False
    skipped = [word for number, word in enumerate(words) if number not in used]
    return all(word in STOPWORDS for word in skipped) or len(used) >= max(2, len(words) - 1)


def both_names(text: str) -> list[str]:
    """Split "KV Cache and Context Caching" into its two names; [] where it is not two names."""
    parts = [tidy(part) for part in _AND.split(text)]
    return parts if len(parts) == 2 and all(is_name(part) for part in parts) else []


def names_in_heading(heading: str) -> list[Name]:
    """Return the names that a heading gives: none, one, or the sides of "X vs Y" or "X and Y".

    "What Is RAG?" and "RAG Fundamentals" give "RAG"; "Phase 2: Indexing" gives "Indexing";
    "Choosing a Database" gives none.
    """
    if len(heading) > LONGEST_HEADING:
        return []
    text = tidy(heading)
    text = _ARTICLE.sub("", _QUESTION.sub("", text).rstrip("?! ").strip(_EDGES))
    if ":" in text:
        before, after = (tidy(part) for part in text.split(":", 1))
        text = before if is_name(_TAIL.sub("", before)) else after
    previous = ""
    while previous != text:
        previous, text = text, _TAIL.sub("", text).strip(_EDGES)
    both = both_names(text)
    if both:
        return [Name(side) for side in both]
    sides = [tidy(side) for side in _VERSUS.split(text)]
    if 2 <= len(sides) <= 4:
        sides = _share_head(sides)
        found = [split_parenthesis(side) for side in sides]
        return [name for name in found if name] if all(found) else []
    name = split_parenthesis(text)
    return [name] if name else []


def _share_head(sides: list[str]) -> list[str]:
    """Give "Dense" in "Dense vs Sparse Retrieval" the head that the last side has."""
    last = sides[-1].split()
    if len(last) < 2 or (len(sides) > 2 and any(" " in side for side in sides[:-1])):
        return sides
    return [
        f"{side} {last[-1]}"
        if " " not in side
        and side.islower() == last[0].islower()
        and not _proper(side)
        and not _proper(last[0])
        else side
        for side in sides
    ]


def _proper(word: str) -> bool:
    return any(sum(char.isupper() for char in part) >= 2 for part in word.split("-")) or any(
        map(str.isdigit, word)
    )


def is_versus(heading: str) -> bool:
    """Whether a heading weighs its names against each other."""
    return _VERSUS.search(heading) is not None


def listed_names(text: str) -> list[str]:
    """Split a cell or an item such as "A, B (x) and C" into names; what is no name is left out."""
    text = without_asides(text)
    tidied = (tidy(_LIST_LEAD.sub("", part.strip())) for part in _LIST_MARKS.split(text))
    return [part for part in tidied if is_name(part)]
