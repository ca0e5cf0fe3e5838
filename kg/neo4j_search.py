"""Names, keywords and vectors looked up in Neo4j's indexes: as many as a search needs, in one query."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kg.names import NAME_SEPARATOR, WORD, name_key
from kg.neo4j_lucene import any_of, beginning_with, quoted
from kg.neo4j_published import Reading
from kg.neo4j_rows import indexed_key
from kg.neo4j_schema import ENTITY_VECTORS, ENTITY_WORDS, NAMES, PASSAGE_VECTORS, PASSAGE_WORDS, PASSAGES
from kg.parameters import bindable
from kg.store import Owner, Rankings
from kg.vectors import require_length

if TYPE_CHECKING:
    import numpy as np

Hits = list[tuple[str, float]]

# A name says more than an alias, an alias more than a description. Lucene scores each field by itself, so
# that few words, as headings are, weigh more anyway: halved, they find as much as in the embedded store.
_FIELDS: dict[Owner, dict[str, float]] = {
    Owner.PASSAGE: {"text": 1, "headings": 0.5},
    Owner.ENTITY: {"name": 4, "aliases": 3, "description": 1},
}
_WORDS = {Owner.PASSAGE: PASSAGE_WORDS, Owner.ENTITY: ENTITY_WORDS}
_VECTORS = {Owner.PASSAGE: PASSAGE_VECTORS, Owner.ENTITY: ENTITY_VECTORS}
_MOST_WORDS = 64
_MANY_BEGUN = 2_000

# What each part of a query gives: a list. Ids and scores go in lists of their own, which are sent and read in
# half the time that pairs take; what is of another build has no id, but counts among what was found.
_NAMED = f"""
    UNWIND $named_queries AS query
    CALL db.index.fulltext.queryNodes('{NAMES}', query) YIELD node AS e
    WHERE e.kg_build = $build
    RETURN collect(DISTINCT [e.id, e.importance, e.kg_name, e.kg_aliases])"""
_BEGINS = "(e.kg_folded STARTS WITH $beginning OR e.kg_folded CONTAINS $alias_beginning)"
# Names as they are folded narrow the search down; where so many begin alike, the first of the most important
# entities are soon found among all.
_BEGUN = f"""
    CALL db.index.fulltext.queryNodes('{NAMES}', $begun_query, {{limit: {_MANY_BEGUN}}}) YIELD node
    WITH collect(node) AS nodes
    CALL (nodes) {{
        WITH nodes WHERE size(nodes) < {_MANY_BEGUN}
        UNWIND nodes AS e
        WITH e WHERE e.kg_build = $build AND {_BEGINS}
        RETURN e ORDER BY e.importance DESC, e.id LIMIT $begun_limit
      UNION ALL
        WITH nodes WHERE size(nodes) = {_MANY_BEGUN}
        MATCH (e:Entity) WHERE e.kg_build = $build AND e.importance >= 0 AND {_BEGINS}
        RETURN e ORDER BY e.kg_build DESC, e.importance DESC, e.id LIMIT $begun_limit
    }}
    RETURN collect(e.id)"""
_HITS = "RETURN [collect(CASE node.kg_build WHEN $build THEN node.id ELSE '' END), collect(score)]"
_BY_WORDS = f"""
    CALL db.index.fulltext.queryNodes('{{index}}', ${{name}}_query, {{{{limit: ${{name}}_most}}}})
    YIELD node, score
    {_HITS}"""
_BY_VECTOR = f"""
    CALL db.index.vector.queryNodes('{{index}}', ${{name}}_most, $vector) YIELD node, score
    {_HITS}"""

_VECTOR = f"""
MATCH (n:Entity|{"|".join(PASSAGES)} {{kg_build: $build, id: $id}}) WHERE n.embedding IS NOT NULL
RETURN n.embedding ORDER BY n:Entity DESC LIMIT 1"""

_LEAST_CANDIDATES = 50  # HNSW finds the nearest the surer, the more of them it looks for
_BEYOND = 40  # and is the slower; so many more show where ties end


@dataclass(frozen=True, slots=True)
class _Part:
    """One look-up of a query, by its name there."""

    name: str
    query: str
    values: Mapping[str, Any]
    limit: int = 0  # of a ranking
    most: int = 0  # asked for of a ranking: more, as the index knows no ties and no builds


def rankings(
    look: Reading,
    *,
    names: Collection[str] = (),
    beginning: str = "",
    words: Sequence[str] = (),
    vector: np.ndarray | None = None,
    limits: Mapping[Owner, int],
) -> Rankings:
    """See ``GraphStore.rankings``."""
    keys = {name: key for name in sorted(set(names)) if (key := name_key(bindable(name)))}
    of = {owner: limit for owner, limit in limits.items() if limit > 0}
    parts = [
        *_named(keys.values()),
        *_begun(beginning, of.get(Owner.ENTITY, 0)),
        *_by_words(words, of),
        *_by_vector(look, vector, of),
    ]
    found: dict[str, Any] = {}
    while parts:
        answers = _ask(look, parts)
        found |= answers
        again = [part for part in parts if _ends_in_ties(answers[part.name], part)]
        parts = [replace(part, most=4 * part.most) for part in again]
    return Rankings(
        named=_by_name(found.get("named", []), keys),
        begun=found.get("begun", []),
        by_words={owner: _best(found.get(f"{owner}_words"), limit) for owner, limit in limits.items()},
        by_vector={
            owner: [(id_, _cosine(score)) for id_, score in _best(found.get(f"{owner}_vectors"), limit)]
            for owner, limit in limits.items()
        },
    )


def vector(look: Reading, owner_id: str) -> list[float] | None:
    """Return the numbers of the vector of a passage or entity."""
    found = look(_VECTOR, id=bindable(owner_id))
    return found[0][0] if found else None


def _named(keys: Collection[str]) -> Iterator[_Part]:
    if keys:
        indexed = {indexed_key(key) for key in keys}
        yield _Part("named", _NAMED, {"named_queries": any_of(indexed, "kg_name", "kg_aliases")})


def _by_name(rows: list[list[Any]], keys: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the ids of what was found, ``_NAMED``, by name; ``keys`` has the key of each."""
    indexed = {name: indexed_key(key) for name, key in keys.items()}
    wanted = set(indexed.values())
    found: defaultdict[str, list[tuple[bool, float, str]]] = defaultdict(list)
    for id_, importance, own, aliases in rows:
        for key in wanted.intersection([own, *aliases]):
            found[key].append((key != own, -importance, id_))
    return {name: [id_ for *_, id_ in sorted(found[key])] for name, key in indexed.items() if key in found}


def _begun(beginning: str, limit: int) -> Iterator[_Part]:
    if beginning and limit:
        folded = bindable(beginning.casefold())
        values = {
            "beginning": folded,
            "alias_beginning": NAME_SEPARATOR + folded,
            "begun_query": beginning_with(_certain(folded), "kg_name", "kg_aliases"),
            "begun_limit": limit,
        }
        yield _Part("begun", _BEGUN, values)


_LONGEST_CERTAIN = 500  # characters: keys are cut, and so is what is looked for in them


def _certain(folded: str) -> str:
    """Return what the key of every name begins with that begins with ``folded``."""
    words = WORD.findall(unicodedata.normalize("NFKC", folded).casefold())
    if words:
        # The last character may take a mark that follows it, and `fold_word` may change those before
        # it; a sign that is cut off stands alone.
        words[-1] = words[-1][:-1].rstrip("eis+#")
    return " ".join(words)[:_LONGEST_CERTAIN]


def _by_words(words: Sequence[str], limits: Mapping[Owner, int]) -> Iterator[_Part]:
    clean = list(dict.fromkeys(bindable(word) for word in words))
    # Of very many words the longest: they tell most, as a rule.
    phrases = " ".join(quoted(word) for word in sorted(clean, key=len, reverse=True)[:_MOST_WORDS])
    for owner, limit in limits.items() if phrases else ():
        name = f"{owner}_words"
        query = " ".join(f"{field}:({phrases})^{weight}" for field, weight in _FIELDS[owner].items())
        part = _BY_WORDS.format(index=_WORDS[owner], name=name)
        yield _Part(name, part, {f"{name}_query": query}, limit, _candidates(limit))


def _by_vector(look: Reading, query: np.ndarray | None, limits: Mapping[Owner, int]) -> Iterator[_Part]:
    if query is None or look.state.dimension is None:
        return
    require_length(query, look.state.dimension)
    numbers = query.tolist()
    for owner, limit in limits.items():
        name = f"{owner}_vectors"
        part = _BY_VECTOR.format(index=_VECTORS[owner], name=name)
        yield _Part(name, part, {"vector": numbers}, limit, _candidates(limit))


def _candidates(limit: int) -> int:
    return max(limit + _BEYOND, _LEAST_CANDIDATES)


def _ask(look: Reading, parts: Sequence[_Part]) -> dict[str, Any]:
    """Return what each part finds, by its name."""
    query = "".join(f"CALL () {{ {part.query} AS {part.name} }}\n" for part in parts)
    values = {name: value for part in parts for name, value in part.values.items()}
    most = {f"{part.name}_most": part.most for part in parts if part.most}
    names = [part.name for part in parts]
    found = look.gathered(f"{query}WITH [{', '.join(names)}] AS rows", **values, **most)
    return dict(zip(names, found, strict=True)) if found else {name: [] for name in names}


def _ends_in_ties(found: list[list[Any]], part: _Part) -> bool:
    """Tell whether more hits, yet unseen, may be as good as the last that is wanted."""
    if not found or len(found[0]) < part.most or not part.most:
        return False
    scores = [score for id_, score in zip(*found, strict=True) if id_]
    return len(scores) <= part.limit or scores[-1] == scores[part.limit - 1]


def _best(found: list[list[Any]] | None, limit: int) -> Hits:
    """Return the best hits of ids and scores, ties by id."""
    hits = [hit for hit in zip(*found, strict=True) if hit[0]] if found else []
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[: max(limit, 0)]


def _cosine(score: float) -> float:
    return max(-1.0, min(1.0, 2 * score - 1))
