"""Fits ``extract/weights.json`` to the labels in ``tests/gold``: ``python -m tests.fit GUIDE OTHERS``.

Three kinds of labels are used. Of sections that were labelled from nothing (``tuning.jsonl``) much is right
that the labels do not name. Sections whose names were given (``sections.jsonl``) have all relations between
these. Names and relations judged one by one say how often a proposal is right. The set-aside sections, and
all else of their documents, are left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from extract.catalogue import Catalogue, bundled_catalogue, read_catalogue
from extract.claims import extract
from extract.entities import Named, name_entities
from extract.fold import curated_ids, named_passages, sorted_claims, stated_by_catalogue
from extract.link import NameIndex
from extract.load import load
from extract.pairs import Pair, PairReader
from extract.places import Texts
from extract.vocabulary import NAMED_WHOLE, Vocabulary
from extract.weights import SCALE, weights
from extract.worth import Surroundings, kind_features, name_features
from kg.model import SYMMETRIC, Document, EntityKind, RelationType, Source
from kg.names import name_key

GOLD = Path(__file__).parent / "gold"
SEEDS = Path(__file__).parents[1] / "seeds" / "guide"
WEIGHTS = Path(__file__).parents[1] / "extract" / "weights.json"
_JUDGED = 2.0  # how much a judged proposal counts beside a name or pair of a labelled section
_LISTED = 1.5  # likewise, a pair of a section with all relations between the names listed
_SILENT = 0.45  # likewise, where it says nothing of a pair: of what the model says there half is right
_TYPES = 0.1  # strength of the fit of types: little, as there are many features
_LEAST = 4  # hundredths; a smaller weight changes nothing
_NONE = "NONE"
_KINDS = [kind for kind in EntityKind if kind not in NAMED_WHOLE]


@dataclass(frozen=True)
class Row:
    """One example: its features, what it is, how much it counts, and the document it is from."""

    features: frozenset[str]
    label: str
    weight: float
    group: str


def main() -> None:
    """Fit the models in turn, print how each does on documents that it has not seen, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="the labelled material besides seeds/guide")
    folders = [*parser.parse_args().folders, SEEDS]
    sources = read_all(folders)
    catalogue = read_catalogue([bundled_catalogue()])
    fitted: dict[str, Any] = json.loads(WEIGHTS.read_text("utf-8"))
    lab = Laboratory(sources, catalogue)
    fitted["names"] = fit_binary("names", list(lab.name_rows()))
    # Elsewhere the catalogue knows nothing: what it knows here stands for the good names there.
    elsewhere = [without_words(row) for row in lab.name_rows(catalogued=True)]
    fitted["names_elsewhere"] = fit_binary("names elsewhere", elsewhere)
    fitted["kind_classes"], fitted["kinds"] = fit_classes("kinds", list(lab.kind_rows()), 1.0)
    save(fitted)
    pairs = list(lab.labelled_pairs())
    fitted["type_classes"], fitted["types"] = fit_classes(
        "types", [Row(pair.features, label, *rest) for pair, label, *rest in pairs], _TYPES
    )
    save(fitted)


def save(fitted: dict[str, Any]) -> None:
    """Write the weights, one feature on a line, so that a change of them can be read."""
    tables = [
        json.dumps(name) + ": {\n" + ",\n".join(_line(*item) for item in sorted(value.items())) + "\n}"
        if isinstance(value, dict)
        else f"{json.dumps(name)}: {json.dumps(value)}"
        for name, value in sorted(fitted.items())
    ]
    WEIGHTS.write_text("{\n" + ",\n".join(tables) + "\n}\n", "utf-8")
    weights.cache_clear()


def _line(feature: str, weigh: int | list[int]) -> str:
    return f"{json.dumps(feature, ensure_ascii=False)}: {json.dumps(weigh, separators=(',', ':'))}"


def read_all(folders: Iterable[Path]) -> list[Source]:
    """Return what the extractor claims of every document of the folders."""
    files = [
        (folder, path)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".md", ".txt")
    ]
    with ProcessPoolExecutor() as pool:
        return [source for source in pool.map(_read, files, chunksize=8) if source is not None]


def _read(item: tuple[Path, Path]) -> Source | None:
    folder, path = item
    data = path.read_bytes()
    if not data.strip():
        return None
    name = path.relative_to(folder).as_posix()
    loaded = load(name, data)
    document = Document(
        root=str(folder), path=name, title=loaded.title, content_hash=sha256(data).hexdigest()
    )
    return extract(document, loaded)


def read_gold(name: str) -> list[dict[str, Any]]:
    """Return the records of a file of labels."""
    return [json.loads(line) for line in (GOLD / name).read_text("utf-8").splitlines()]


def without_words(row: Row) -> Row:
    """Return the row as it would be in a field whose words the catalogue does not know."""
    told = ("has:", "last:", "suffix:", "first:", "first-suffix:", "head-known:", "words-known:", "extends-")
    return replace(row, features=frozenset(one for one in row.features if not one.startswith(told)))


class Laboratory:
    """The material as the fold sees it, with the labels beside it."""

    def __init__(self, sources: Sequence[Source], catalogue: Catalogue) -> None:
        self.sources = sorted(sources, key=lambda source: source.document.id)
        self.catalogue = catalogue
        self.aside = {section["document"] for section in read_gold("set-aside.jsonl")}
        self.passages = tuple(passage for source in self.sources for passage in source.passages)
        self.paths = {source.document.id: source.document.path for source in self.sources}
        self.vocabulary = Vocabulary(
            catalogue, ((it.document.id, claim) for it in self.sources for claim in it.entity_claims)
        )
        self.around = Surroundings.of(catalogue, self.sources)
        index = NameIndex(self.vocabulary.senses(sorted(self.vocabulary.candidates)))
        self.texts = Texts(self.passages, index)
        places = self.texts.places(index)
        self.found = {
            passage_id: {one.target for one in found}.union(places.headed.get(passage_id, ()))
            for passage_id, found in places.found.items()
        }
        self.spread, self.surfaces = places.spread(), self.texts.surfaces(places)

    def sections(self, name: str = "tuning.jsonl") -> Iterator[tuple[dict[str, Any], list[str]]]:
        """Yield each labelled section with the ids of its passages."""
        by_path: dict[str, list[tuple[list[str], str]]] = defaultdict(list)
        for passage in self.passages:
            keys = [name_key(heading) for heading in passage.headings]
            by_path[self.paths[passage.document_id]].append((keys, passage.id))
        listed = name == "sections.jsonl"  # those below have names and lists of their own
        for section in read_gold(name):
            headings = [name_key(heading) for heading in section["headings"]]
            inside = [
                passage_id
                for keys, passage_id in by_path[section["document"]]
                if keys[: len(headings)] == headings and (not listed or len(keys) == len(headings))
            ]
            yield section, inside

    def name_rows(self, *, catalogued: bool = False) -> Iterator[Row]:
        """Yield names that the catalogue does not know, or all, worth a node ("1") or not ("0")."""
        for section, inside in self.sections():
            wanted = {
                name_key(name)
                for entity in section["entities"]
                for name in (entity["name"], *entity["aliases"])
            }
            for key in sorted({key for passage_id in inside for key in self.found[passage_id]}):
                candidate = self.vocabulary.candidates[key]
                if catalogued or candidate.entry is None:
                    names = {key, *(name_key(alias) for alias in candidate.aliases)}
                    yield self._name_row(key, not names.isdisjoint(wanted), 1.0, section["document"])
        for section, inside in self.sections("sections.jsonl"):
            for key, worth in self._weighed_names(section, inside):
                if catalogued or self.vocabulary.candidates[key].entry is None:
                    yield self._name_row(key, worth, 1.0, section["document"])
        for judged in read_gold("judged-names.jsonl"):
            if judged["name"] in self.vocabulary.candidates:
                yield self._name_row(judged["name"], judged["worth"], _JUDGED, "judged " + judged["name"][:1])

    def _weighed_names(self, section: dict[str, Any], inside: Sequence[str]) -> Iterator[tuple[str, bool]]:
        """Yield the names of a section with a list: those on it, those it lacks, and all others found."""
        junk = {section["names"][place] for place in section["junk"]}
        listed = [(name, name not in junk) for name in section["names"]]
        resolved = [
            (self.vocabulary.resolve(name), worth)
            for name, worth in [*listed, *((name, True) for name in section["missing"])]
        ]
        weighed = {key: worth for key, worth in reversed(resolved) if key in self.vocabulary.candidates}
        yield from sorted(weighed.items())
        found = {key for passage_id in inside for key in self.found[passage_id]}
        yield from ((key, False) for key in sorted(found - weighed.keys()))

    def _name_row(self, key: str, worth: bool, weight: float, group: str) -> Row:
        claims = self.vocabulary.candidates[key].claims
        features = name_features(key, claims, self.spread[key], self.surfaces[key], self.around)
        return Row(frozenset(features), str(int(worth)), weight, group)

    def kind_rows(self) -> Iterator[Row]:
        """Yield labelled and judged names, and the catalogue's, with their kinds."""
        for section in read_gold("tuning.jsonl"):
            for entity in section["entities"]:
                keys = [self.vocabulary.resolve(name) for name in (entity["name"], *entity["aliases"])]
                known = next((key for key in keys if key in self.vocabulary.candidates), None)
                if entity["kind"] in _KINDS and known and not self.vocabulary.candidates[known].entry:
                    yield self._kind_row(known, entity["kind"], 1.0, section["document"])
        for judged in read_gold("judged-names.jsonl"):
            if judged.get("kind") in _KINDS and judged["name"] in self.vocabulary.candidates:
                yield self._kind_row(judged["name"], judged["kind"], _JUDGED, "judged " + judged["name"][:1])
        for entry in self.catalogue.entries:
            if entry.kind in _KINDS:
                features = kind_features(name_key(entry.name), [], [entry.name], Surroundings())
                yield Row(frozenset(features), entry.kind.value, 0.5, "catalogue")

    def _kind_row(self, key: str, kind: str, weight: float, group: str) -> Row:
        claims = self.vocabulary.candidates[key].claims
        features = kind_features(key, claims, self.surfaces[key], self.around)
        return Row(frozenset(features), kind, weight, group)

    def labelled_pairs(self) -> Iterator[tuple[Pair, str, float, str]]:
        """Yield the pairs of the labelled sections, and those judged: what each is, weight, document."""
        documents = tuple(source.document for source in self.sources)
        named = name_entities(self.vocabulary, self.around, documents, self.texts)
        names = {
            entity.id: frozenset(name_key(name) for name in (entity.name, *entity.aliases))
            for entity in named.entities.values()
        }
        pairs = self._pairs(named)
        for section, inside in self.sections():
            labels = _Labels(section)
            for passage_id in inside:
                for pair in pairs[passage_id]:
                    label = labels.of(names[pair.source_id], names[pair.target_id])
                    yield pair, label, _SILENT if label == _NONE else 1.0, section["document"]
        for section, inside in self.sections("sections.jsonl"):
            listed = _Listed(section)
            for passage_id in inside:
                for pair in pairs[passage_id]:
                    known = listed.of(names[pair.source_id], names[pair.target_id])
                    if known is not None:
                        weight = _LISTED * (_SILENT if known == _NONE else 1.0)
                        yield pair, known, weight, section["document"]
        at_line = {(self.paths[it.document_id], it.line): it.id for it in self.passages}
        for judged in read_gold("judged-relations.jsonl"):
            passage_id = at_line.get((judged["document"], judged["line"]), "")
            ends = name_key(judged["source"]), name_key(judged["target"])
            for pair in pairs[passage_id]:
                a, b = names[pair.source_id], names[pair.target_id]
                if (ends[0] in a and ends[1] in b) or (ends[0] in b and ends[1] in a):
                    label = _label(judged["type"], forward=ends[0] in a and ends[1] in b)
                    yield pair, label, _JUDGED, judged["document"]
                    break

    def _pairs(self, named: Named) -> dict[str, list[Pair]]:
        by_id = {entity.id: entity for entity in named.entities.values()}
        contexts = {it.id: f"{' '.join(it.headings)} {it.text}" for it in self.passages}
        known = stated_by_catalogue(self.catalogue, self.vocabulary, named.ids)
        curated = curated_ids(named, self.vocabulary)
        reader = PairReader(named.index, named.ids, by_id, contexts, known, curated, named.sure)
        sources = [source for source in self.sources if source.document.path not in self.aside]
        _, claims = sorted_claims(sources)
        pairs: dict[str, list[Pair]] = defaultdict(list)
        for pair in reader.pairs(claims, named_passages(named, sources, self.texts)):
            pairs[pair.evidence[0].passage_id].append(pair)
        return pairs


class _Labels:
    """What a labelled section says of two names."""

    def __init__(self, section: dict[str, Any]) -> None:
        self._names: dict[str, set[str]] = defaultdict(set)
        for entity in section["entities"]:
            keys = {name_key(name) for name in (entity["name"], *entity["aliases"])}
            for key in keys:
                self._names[key] |= keys
        self._relations = section["relations"]

    def of(self, a: frozenset[str], b: frozenset[str]) -> str:
        for relation in self._relations:
            source, target = (self._names[name_key(relation[end])] for end in ("source", "target"))
            if not source.isdisjoint(a) and not target.isdisjoint(b):
                return _label(relation["type"], forward=True)
            if not source.isdisjoint(b) and not target.isdisjoint(a):
                return _label(relation["type"], forward=False)
        return _NONE


class _Listed:
    """What a section with listed names says of two of them."""

    def __init__(self, section: dict[str, Any]) -> None:
        self._places = {name_key(name): place for place, name in enumerate(section["names"])}
        self._types = {(source, target): type_ for source, type_, target in section["relations"]}

    def of(self, a: frozenset[str], b: frozenset[str]) -> str | None:
        """Return what they are to each other, or None where one of them is not listed."""
        source, target = (
            next((self._places[it] for it in sorted(one) if it in self._places), None) for one in (a, b)
        )
        if source is None or target is None or source == target:
            return None
        if (source, target) in self._types:
            return _label(self._types[source, target], forward=True)
        return _label(self._types.get((target, source)), forward=False)


def _label(type_: str | None, *, forward: bool) -> str:
    if type_ is None:
        return _NONE
    return f"{type_}{'>' if forward or RelationType(type_) in SYMMETRIC else '<'}"


def fit_binary(name: str, rows: list[Row]) -> dict[str, int]:
    """Return the weights of a logistic regression of "1" against "0", in hundredths."""
    classes, fitted = fit_classes(name, rows, 0.15)
    return {feature: weigh[classes.index("1")] for feature, weigh in fitted.items()}


def fit_classes(name: str, rows: list[Row], strength: float) -> tuple[list[str], dict[str, list[int]]]:
    """Return the classes of a multinomial logistic regression and its weights by feature, in hundredths."""
    often = Counter(row.label for row in rows)
    rows = [row for row in rows if often[row.label] >= 5]
    seen = Counter(feature for row in rows for feature in row.features)
    used = [{feature: 1 for feature in sorted(row.features) if seen[feature] >= 3} for row in rows]
    vectorizer = DictVectorizer()
    features = vectorizer.fit_transform(used)
    labels = np.array([row.label for row in rows])
    counts = np.array([row.weight for row in rows])
    report(name, features, labels, counts, [row.group for row in rows], strength)
    model = LogisticRegression(C=strength, max_iter=2000).fit(features, labels, sample_weight=counts)
    coefficients, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coefficients, bias = np.vstack([0 * coefficients, coefficients]), np.array([0.0, bias[0]])
    whole = np.rint(SCALE * np.vstack([bias, coefficients.T])).astype(int)
    named = zip(["", *vectorizer.feature_names_], whole.tolist(), strict=True)
    return list(model.classes_), {feature: row for feature, row in named if max(map(abs, row)) >= _LEAST}


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def report(
    name: str, features: Any, labels: np.ndarray, weights: np.ndarray, groups: list[str], strength: float
) -> None:
    """Print how often the model is right of documents that it has not seen, by how sure it is."""
    right: dict[int, list[tuple[bool, float]]] = defaultdict(list)
    judged = weights == _JUDGED
    for train, test in GroupKFold(5).split(features, labels, groups):
        model = LogisticRegression(C=strength, max_iter=2000)
        model.fit(features[train], labels[train], sample_weight=weights[train])
        shares = model.predict_proba(features[test])
        for row, at in zip(shares, test, strict=True):
            for place, label in enumerate(model.classes_):
                if judged[at] and label not in (_NONE, "0"):
                    right[int(10 * row[place])].append((label == labels[at], row[place]))
    say(f"{name}: {len(labels)} examples, {features.shape[1]} features; judged ones, unseen documents:")
    for tenth in sorted(right):
        some = right[tenth]
        share = sum(hit for hit, _ in some) / len(some)
        say(f"  said {tenth / 10:.1f} to {tenth / 10 + 0.1:.1f}: {len(some):5} of which right {share:.2f}")


if __name__ == "__main__":
    main()
