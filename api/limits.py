"""What a GraphQL document may cost: one memoised pass before validation, linear in the document.

Validation itself can be made to burn seconds by a few hundred bytes: it walks nested fragment spreads
again and again, and compares repeated fields pairwise. So this pass comes first, visits every
fragment once, and refuses what neither validation nor execution should have to face.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    parse,
)

from api.arguments import MAX_PAGE
from kg.errors import KGError

MAX_CHARS = 65_536
_SIZES = ("first", "limit")
_MOST = 1_000  # a size beyond this is refused by its resolver
_UNSIZED = 10  # what a list without a size is taken to hold
_UNSIZED_META = 4  # the same for the schema's own lists, which are many and short
_META_LISTS = frozenset({"fields", "inputFields", "interfaces", "possibleTypes"})

WEIGHTS = {
    **dict.fromkeys(("ask", "compare", "search", "studyPlan"), 100),
    **dict.fromkeys(("paths", "prerequisites", "learningPath", "ready", "neighborhood", "similar"), 20),
    **dict.fromkeys(("export", "__schema"), 1_000),
}
"""Fields that do work of their own, in objects looked up."""


class DocumentTooLargeError(KGError):
    """A GraphQL document asks for more than this server gives at once."""

    code = "DOCUMENT_TOO_LARGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Most of everything that one document may hold."""

    tokens: int = 1_000
    cost: int = 10_000  # objects that may be looked up
    depth: int = 20
    aliases: int = 50
    spreads: int = 50
    repeats: int = 20  # of one response name in one selection
    overlap: int = 2_000  # comparisons that validation must make between fields of one response name
    values: int = 100  # fields of input objects


@dataclass(frozen=True, slots=True)
class _Measure:
    depth: int = 0
    cost: int = 0
    fields: int = 0  # with those below them, fragments written out
    meta_lists: int = 0  # how deep the schema's own lists are nested


def read_document(text: str, limits: Limits) -> DocumentNode:
    """Parse a GraphQL document.

    Raises:
        DocumentTooLargeError: it is too long to be read.
        GraphQLError: it is no GraphQL.
    """
    if len(text) > MAX_CHARS:
        raise DocumentTooLargeError(f"a document may have at most {MAX_CHARS} characters")
    try:
        return parse(text, max_tokens=limits.tokens)
    except GraphQLError as error:
        if "tokens. Parsing aborted" in error.message:
            raise DocumentTooLargeError(f"a document may have at most {limits.tokens} tokens") from error
        raise


def check_document(
    document: DocumentNode, schema: GraphQLSchema, variables: Mapping[str, Any], limits: Limits
) -> None:
    """Refuse a document that holds or asks for too much.

    Raises:
        DocumentTooLargeError: naming the limit.
    """
    walk = _Pass(document, schema, variables, limits)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            walk.values(variable.default_value for variable in definition.variable_definitions or ())
            root = schema.get_root_type(definition.operation)
            measure = walk.selection(definition.selection_set, root, sized=True)
        elif isinstance(definition, FragmentDefinitionNode):
            measure = walk.fragment(definition.name.value, sized=True)
        else:
            continue
        walk.require("cost", measure.cost)
        if measure.meta_lists > 1:
            raise DocumentTooLargeError("the schema's own lists may not be nested in each other")


class _Pass:
    """One walk over a document; remembers what each fragment measures."""

    def __init__(
        self, document: DocumentNode, schema: GraphQLSchema, variables: Mapping[str, Any], limits: Limits
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._limits = limits
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._fragment_measures: dict[tuple[str, bool], _Measure] = {}
        self._below: dict[
            int, int
        ] = {}  # fields at and below one; by identity, as a node hashes all below it
        self._counted: set[int] = set()
        self._spreads = 0
        self._aliases = 0
        self._overlap = 0
        self._values = 0
        self._depth = 0  # of the walk itself, through fields and fragments alike

    def require(self, name: str, value: int) -> None:
        """Hold ``value`` against the limit of that name."""
        most = getattr(self._limits, name)
        if value > most:
            raise DocumentTooLargeError(f"a document's {name} may be at most {most}, not {value}")

    def selection(
        self, selections: SelectionSetNode, parent: GraphQLCompositeType | None, *, sized: bool
    ) -> _Measure:
        """Measure what is selected on ``parent``; ``sized`` where its lists were sized a level above."""
        self._depth += 1
        self.require("depth", self._depth)
        measures = [self._one(node, parent, sized=sized) for node in selections.selections]
        self._depth -= 1
        self._count(selections)
        return _Measure(
            depth=max((measure.depth for measure in measures), default=0),
            cost=sum(measure.cost for measure in measures),
            fields=sum(measure.fields for measure in measures),
            meta_lists=max((measure.meta_lists for measure in measures), default=0),
        )

    def values(self, values: Iterable[ValueNode | None]) -> None:
        """Count the fields of input objects: for each unknown one, validation looks for similar names."""
        for value in values:
            if isinstance(value, ObjectValueNode):
                self._values += len(value.fields)
                self.values(field.value for field in value.fields)
            elif isinstance(value, ListValueNode):
                self.values(value.values)
        self.require("values", self._values)

    def fragment(self, name: str, *, sized: bool) -> _Measure:
        """Measure a fragment once, however often it is spread."""
        key = (name, sized)
        if key not in self._fragment_measures:
            self._fragment_measures[key] = _Measure()  # one that spreads itself ends here; validation says so
            if definition := self._fragments.get(name):
                parent = _composite(self._schema.get_type(definition.type_condition.name.value))
                self._fragment_measures[key] = self.selection(definition.selection_set, parent, sized=sized)
        measure = self._fragment_measures[key]
        self.require("depth", self._depth + measure.depth)
        return measure

    def _one(self, node: SelectionNode, parent: GraphQLCompositeType | None, *, sized: bool) -> _Measure:
        if isinstance(node, FragmentSpreadNode):
            return self.fragment(node.name.value, sized=sized)
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            narrowed = _composite(self._schema.get_type(condition.name.value)) if condition else parent
            return self.selection(node.selection_set, narrowed, sized=sized)
        return self._field(cast("FieldNode", node), parent, sized=sized)

    def _field(self, node: FieldNode, parent: GraphQLCompositeType | None, *, sized: bool) -> _Measure:
        name = node.name.value
        self.values(argument.value for argument in node.arguments or ())
        definition = self._schema.get_field(parent, name) if parent else None
        if not node.selection_set:
            self._below[id(node)] = 1
            return _Measure(depth=1, cost=WEIGHTS.get(name, 0), fields=1)
        size = self._size(node, definition) if definition else None
        is_list = definition is not None and is_list_type(get_nullable_type(definition.type))
        type_ = _composite(get_named_type(definition.type)) if definition else None
        below = self.selection(node.selection_set, type_, sized=size is not None and not is_list)
        if size is None:
            size = _unsized(name, parent) if is_list and not sized else 1
        self._below[id(node)] = below.fields + 1
        return _Measure(
            depth=below.depth + 1,
            cost=WEIGHTS.get(name, 1) + size * (1 + below.cost),
            fields=below.fields + 1,
            meta_lists=below.meta_lists + (name in _META_LISTS),
        )

    def _size(self, node: FieldNode, definition: GraphQLField) -> int | None:
        """Return the size that a field is asked for, None where it takes none."""
        name = next((name for name in _SIZES if name in definition.args), None)
        if name is None:
            return None
        given = next(
            (argument.value for argument in node.arguments or () if argument.name.value == name), None
        )
        if isinstance(given, IntValueNode):
            digits = given.value.lstrip("-")
            size: Any = int(digits) if len(digits) < len(str(_MOST)) else _MOST
        elif isinstance(given, VariableNode):
            size = self._variables.get(given.name.value, MAX_PAGE)
        else:
            size = definition.args[name].default_value
        return max(1, min(size, _MOST)) if isinstance(size, int) else MAX_PAGE

    def _count(self, selections: SelectionSetNode) -> None:
        """Count what a selection makes validation compare, and its aliases and spreads, once."""
        if id(selections) in self._counted:
            return
        self._counted.add(id(selections))
        below: defaultdict[str, list[int]] = defaultdict(list)
        for field in self._flat(selections, set()):
            below[(field.alias or field.name).value].append(self._below.get(id(field), 1))
        for counts in below.values():
            self.require("repeats", len(counts))
            # Each pair is compared, and at worst all that lies below the one with all below the other.
            self._overlap += (sum(counts) ** 2 - sum(count**2 for count in counts)) // 2
        self.require("overlap", self._overlap)
        for node in selections.selections:
            self._spreads += isinstance(node, FragmentSpreadNode)
            self._aliases += isinstance(node, FieldNode) and node.alias is not None
        self.require("spreads", self._spreads)
        self.require("aliases", self._aliases)

    def _flat(self, selections: SelectionSetNode, seen: set[str]) -> Iterator[FieldNode]:
        # As execution collects fields: through inline fragments, and through each named one once.
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._flat(node.selection_set, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                if definition := self._fragments.get(node.name.value):
                    yield from self._flat(definition.selection_set, seen)


def _composite(type_: GraphQLNamedType | None) -> GraphQLCompositeType | None:
    return type_ if is_composite_type(type_) else None


def _unsized(name: str, parent: GraphQLCompositeType | None) -> int:
    meta = name in _META_LISTS or (parent is not None and parent.name.startswith("__"))
    return _UNSIZED_META if meta else _UNSIZED
