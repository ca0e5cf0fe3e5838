"""How well a sentence of a passage reads where it is quoted alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.names import WORD
from kg.quotes import as_sentence, paragraphs, plain

_FEWEST_WORDS, _MOST_WORDS = 4, 60  # outside these a "sentence" is a label or a wall of text
_FRAGMENT_MALUS = 0.2
_ASIDE_MALUS = 0.15  # for what is told of interviews and chapters
_INTIMATE_MALUS = 0.05  # for what one author did
_LEANING_MALUS = 0.1

_DANGLING = re.compile(
    r"[\"'\u201c(]*(?:this|that|these|those|it|its|they|them|their|he|she|such|both|here|so|but|and|or|then|"
    r"however|therefore|thus|hence|instead|also|otherwise|similarly|additionally|moreover|together|again|"
    r"another|each of|the (?:former|latter|same|first|second|third|other|result|catch|answer|fix|key|idea)|"
    r"better|best|more|less|fewer|cheaper|faster|higher|lower|what (?:it|this|goes)|where it|why it|"
    r"one of these|"
    r"there is no (?:universal|single|simple|right)|"
    r"as a result|for example|for instance|in (?:this|that|these|such)|if (?:yes|no|so|not)|yes|no|first|"
    r"second|third|next|finally|unlike this|at this|by this|with this|after this|to do this)\b",
    re.IGNORECASE,
)
_POINTS_ELSEWHERE = re.compile(
    r"\W*(?:see|refer to|also see|source|sources|figure|updated|last updated|pair this|start with|covers|q|"
    r"scenario|candidate|interviewer|user|system|assistant|key takeaways?|further reading)\b\s*(?:[:,]|\w)"
    r"|.*(?:\bsee|\bdocs|\bdocumentation|\(\d{4}(?:/\d{4})?\))\.?$|.*https?://",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\b(?:candidates?|interview\w*|this (?:chapter|guide|section|document|page|topic))\b",
    re.IGNORECASE,
)
_INTIMATE = re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur)\b")
_LEANS = re.compile(  # on a list above it, or on words before it
    r"(?:fix|mitigation|result|solution|example|advantage|disadvantage|pro|con|symptom|cause|use case|"
    r"cost|problem|thought|action|challenge|benefit|nuance|quality|best for|when to use|adds?|output|"
    r"input|step \d)s?\b[^:.]{0,20}:"
    r"|.*\b(?:this|these|those|above|below)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"[{}\u2514\u251c\u2502]|\w\(\w*\)|=>|->|==|\s=\s|(?:\u2192.*){2}")


def is_readable(quote: str) -> bool:
    """Whether a sentence can stand in an answer: not a label, a pointer, a question or code."""
    text = as_sentence(quote) if quote.startswith("|") else plain(quote)
    return (
        _FEWEST_WORDS <= len(WORD.findall(text)) <= _MOST_WORDS
        and not text.endswith((":", "?", '?"', "..."))
        and not _POINTS_ELSEWHERE.match(text)
        and not _CODE.search(text)
    )


def whole_sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a passage, each that leans on the one before it together with that one."""
    for block, spans in paragraphs(text):
        for index, (start, end) in enumerate(spans):
            quote = block[start:end]
            if not _DANGLING.match(plain(quote)):
                yield quote
            elif index and not _DANGLING.match(plain(block[slice(*spans[index - 1])])):
                yield block[spans[index - 1][0] : end]


def loss_alone(quote: str) -> float:
    """Return how much less than others a sentence says out of its place, 0 to 0.5."""
    return (
        _FRAGMENT_MALUS * _is_fragment(quote)
        + _ASIDE_MALUS * bool(_ASIDE.search(quote))
        + _INTIMATE_MALUS * bool(_INTIMATE.search(quote))
        + _LEANING_MALUS * bool(_LEANS.match(plain(quote)))
    )


def _is_fragment(sentence: str) -> bool:
    """Whether a list item or the like is no whole sentence, by its end."""
    return sentence.startswith("|") or not sentence.rstrip("\"'\u201d\u2019)]*_`").endswith((".", "!"))
