"""Which sentence of the material says best what an entity is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kg.model import Entity, Passage
from kg.names import WORD, name_key
from kg.prose import is_readable
from kg.quotes import as_sentence, plain, sentences, stems, table_rows
from kg.store import GraphStore
from kg.telling import Quote

_MENTIONS = 300  # of an entity; only the passages that may define it are read
_READ = 8  # passages read because they name it most often
_FEWEST_WORDS = 4
_CURT, _CURT_MALUS = 9, 0.25  # words below which it says little: "Fine-tuning is a commitment."
_DEFINITE = 0.8  # form from which a sentence is a definition
_SAME = 0.6  # share of a description's words that make a sentence the one it was taken from
_SURE, _LIKELY = 0.9, 0.6  # support of a sentence that defines a name, and of one that only begins with it

# After the name and what stands in brackets behind it: how surely the sentence is a definition.
_FORMS = [
    (
        re.compile(r"\W*(?:is|are) (?:an?|the|when|where|how|what|any|one of)\b(?! (?:\w+est|most|same)\b)"),
        1.0,
    ),
    (re.compile(r"\W*(?:means|refers? to|stands? for|describes?|denotes?|measures?)\b"), 1.0),
    (
        re.compile(
            r"\W*(?:combin|us|stor|let|allow|provid|enabl|encod|extend|split|turn|break|keep|fus|add|compar|"
            r"group|rank|generat|train|check|rout|measur|track|convert|map|replac|giv|mak|reus)(?:e?s)?\b"
        ),
        0.8,
    ),
    (re.compile(r"\W*(?:is|are)\b"), 0.5),
]
_ENTRY = re.compile(r"\s*(?:[-\u2013\u2014:]+|\|)\s")  # as lists of terms have it
_ENTRY_WORTH, _ENTRY_WORTH_IN_GLOSSARY = 0.7, 1.1
_GLOSSARY = re.compile(r"glossar|terminolog|key terms|definitions", re.IGNORECASE)
_MARKS = "|*_`#>-+\u2022 \t0123456789.)"
_BRACKETS = re.compile(r"\W{0,4}(\([^)]{1,60}\))\W{0,3}")
_DEPARTS = re.compile(  # it says how good the thing is or what became of it, not what it is
    r"\W*(?:is|are|has|have|was|were) (?:not?\b|now|also|still|only|often|usually|never|just|already|"
    r"essential|critical|important|themselves|inherent|hard|expensive|dead)"
)


def defining_quotes(store: GraphStore, entities: Sequence[Entity]) -> dict[str, Quote]:
    """Return the sentence that says best what each entity is; none for those that no sentence tells of.

    It is one that begins with the entity's name, best in the form of a definition, in a passage about
    the entity, and best the one that the entity's description was taken from.
    """
    mentions = store.mentions([entity.id for entity in entities], limit=_MENTIONS)
    begins = {entity.id: _beginning(entity) for entity in entities}
    wanted = {
        entity_id: [
            one.passage_id
            for rank, one in enumerate(found)
            if rank < _READ or begins[entity_id].match(one.quote.lstrip(_MARKS))
        ]
        for entity_id, found in mentions.items()
    }
    passages = store.passages({one for ids in wanted.values() for one in ids})
    quotes: dict[str, Quote] = {}
    for entity in entities:
        read = [passages[one] for one in wanted.get(entity.id, ()) if one in passages]
        best = max(_about(entity, begins[entity.id], read), key=lambda found: found[0], default=None)
        if best is not None:
            quotes[entity.id] = best[1]
    return quotes


def is_definition(quote: Quote) -> bool:
    """Whether the quote defines its entity, rather than only beginning with its name."""
    return quote.support >= _SURE


def _beginning(entity: Entity) -> re.Pattern[str]:
    names = sorted({entity.name, *entity.aliases}, key=lambda name: (-len(name), name))
    return re.compile(rf"(?:an?\b|the\b)?\s*(?:{'|'.join(map(re.escape, names))})(?:es|s)?\b", re.IGNORECASE)


def _about(
    entity: Entity, begins: re.Pattern[str], passages: Iterable[Passage]
) -> Iterable[tuple[float, Quote]]:
    described = stems(entity.description or "")
    named = stems(entity.name)
    keys = {name_key(name) for name in (entity.name, *entity.aliases)}
    for passage in passages:
        headed = any(name_key(heading) in keys for heading in passage.headings[-2:])
        glossary = any(_GLOSSARY.search(heading) for heading in passage.headings)
        for quote in (*sentences(passage.text), *table_rows(passage.text)):
            text = plain(quote)
            start = begins.match(text)
            if start is None or len(WORD.findall(text)) < _FEWEST_WORDS:
                continue
            row = quote.startswith("|")
            if not (row and glossary) and not is_readable(quote):
                continue
            words = stems(text)
            # Both ways: a long paragraph holds the words of many a short description.
            same = len(described & words) / len(described | words) if described else 0.0
            form = _form(text, start.end(), glossary)
            score = form + 0.4 * same + 0.3 * headed + 0.15 * (named <= stems(start.group()))
            score -= _CURT_MALUS * (len(WORD.findall(text)) < _CURT)
            support = _SURE if form >= _DEFINITE or same >= _SAME else _LIKELY
            yield score - len(as_sentence(quote)) / 2_000, Quote(passage.id, quote, support)


def _form(text: str, end: int, glossary: bool) -> float:
    """Return how much like a definition reads what follows the name, 0 and up."""
    brackets = _BRACKETS.match(text, end)
    after = brackets.end() - 1 if brackets else end
    if _ENTRY.match(text, after) or (brackets and _ENTRY.match(text, brackets.end(1))):
        return _ENTRY_WORTH_IN_GLOSSARY if glossary else _ENTRY_WORTH
    if _DEPARTS.match(text, after):
        return 0.0
    return next((worth for form, worth in _FORMS if form.match(text, after)), 0.0)
