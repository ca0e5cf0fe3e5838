"""What a question asks for, told from its words alone: a definition, a set, a comparison, a connection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from kg.model import Direction, EntityKind, RelationType


class Shape(StrEnum):
    """What sort of answer a question asks for."""

    DEFINITION = "DEFINITION"  # what is X
    SET = "SET"  # which entities stand in a relation to X
    TRADE_OFFS = "TRADE_OFFS"  # what X gains and costs
    COMPARISON = "COMPARISON"  # X or Y
    CONNECTION = "CONNECTION"  # how X is tied to Y
    OVERVIEW = "OVERVIEW"  # what the whole material is about
    OPEN = "OPEN"  # why, how and all else


@dataclass(frozen=True, slots=True)
class Wanted:
    """The entities that a SET question asks for: those that one relation ties to its subject."""

    types: tuple[RelationType, ...]  # none means any
    direction: Direction  # as seen from the subject
    heading: str  # "{}" stands for the subject's name
    kinds: frozenset[EntityKind] = frozenset()  # none means all


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what it asks for; ``subjects`` are names as written, not yet looked up."""

    text: str
    shape: Shape
    subjects: tuple[str, ...] = ()
    wanted: Wanted | None = None

    @property
    def how(self) -> bool:
        """Whether it asks for a way to do something, which names alone do not tell."""
        return _HOW.search(self.text) is not None

    @property
    def differs(self) -> bool:
        """Whether a comparison asks what the two are, rather than which to use."""
        return _CHOICE.match(self.text.strip()) is None

    @property
    def asks(self) -> bool:
        """Whether it asks at all, by its mark or words, rather than tells or orders."""
        return self.shape is not Shape.OPEN or _ASKS.search(self.text) is not None


_ASKS = re.compile(
    r"\?|\b(?:what|whats|who|which|how|why|when|where|is|are|does|do|can|should|will|explain|describe|tell|list|name|"
    r"show|give|find|best|difference|tips?|ways?)\b",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"when|why|should|which", re.IGNORECASE)
_HOW = re.compile(r"\b(?:how|why|good for|useful for)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:(?:please|hi|hello|so|and|ok|okay)[, ]+|(?:can|could|would) you (?:please )?(?:tell|show) me "
    r"|(?:tell|show) me (?!about)|i(?:'d| would)? (?:like|want) to know )+",
    re.IGNORECASE,
)
_X, _Y = r"(?P<x>.+?)", r"(?P<y>.+?)"
_TOOLS = r"(?:tools?|librar(?:y|ies)|frameworks?|software|products?|services?|platforms?|packages?|vendors?)"
_WHICH = r"(?:what|which|list|name)(?: are| is)?(?: all)?(?: the)?(?: main| common| popular| best| key)?"
_FOR = r"(?:for|of|in|to|with|about|on|behind)"
_SHOULD = r"(?:should|must|do|does|would|can|could|to)(?: i| you| we| one)?(?: need to| have to| first)?"
_GUARD = r"(?:mitigat|prevent|avoid|stop|combat|fight|detect|guard against|protect against)(?:e|es|s|ing)?"
_LOWER = r"(?:reduc|lower|fix|limit|handl|cut|speed up|deal with)(?:e|es|s|ing)?"
_RAISE = r"(?:improv|increas|rais|boost|help)(?:e|es|s|ing)?"
_HARM = r"(?:worsen|hurt|harm|degrad|damag|lower|decreas)(?:e|es|s|ing)?"
_RISKS = r"(?:risks?|failure modes?|dangers|hazards|attacks|pitfalls)"
_KNOW = r"(?:know|learn|understand|study|read)"

IN, OUT, BOTH = Direction.IN, Direction.OUT, Direction.BOTH
_R, _K = RelationType, EntityKind

# The first that fits the whole question decides, so the more particular come first.
_SETS: list[tuple[str, Wanted]] = [
    (
        rf"(?:{_WHICH} )?{_TOOLS}(?: that)?(?: can| could| do| does| are| is)?"
        rf"(?: i use| used| available| there)?(?: to)?"
        rf"(?: implements?| provides?| supports?| offers?| handles?| {_FOR})+ {_X}",
        Wanted((_R.IMPLEMENTS,), IN, "Tools that implement {}", frozenset({_K.TOOL, _K.MODEL})),
    ),
    (
        rf"(?:{_WHICH} )?models?(?: that)?(?: can| could| do| are)?(?: used)?"
        rf"(?: implements?| provides?| supports?| offers?| {_FOR})+ {_X}",
        Wanted((_R.IMPLEMENTS,), IN, "Models that implement {}", frozenset({_K.MODEL})),
    ),
    (
        rf"(?:what|who|which \w+) (?:implements?|provides?|offers?) {_X}",
        Wanted((_R.IMPLEMENTS,), IN, "What implements {}"),
    ),
    (
        rf"what (?:does|do|can) {_X} (?:implement|provide|offer)",
        Wanted((_R.IMPLEMENTS,), OUT, "What {} implements"),
    ),
    (
        rf"{_WHICH} {_RISKS} (?:does|do|can) {_X} (?:{_GUARD}|{_LOWER})|what (?:does|do|can) {_X} {_GUARD}",
        Wanted((_R.MITIGATES,), OUT, "What {} mitigates"),
    ),
    (
        rf"(?:what|which \w+)(?: can| could| helps?)?(?: to)? {_GUARD} {_X}|how {_SHOULD} {_GUARD} {_X}"
        rf"|how (?:is|are) {_X} (?:mitigated|prevented|avoided)"
        rf"|{_WHICH} (?:mitigations?|defen[cs]es?|remed(?:y|ies)|guards?) (?:{_FOR}|against) {_X}",
        Wanted((_R.MITIGATES,), IN, "What mitigates {}"),
    ),
    (
        rf"(?:what|which \w+)(?: can| could| helps?)?(?: to)? {_LOWER} {_X}|how {_SHOULD} {_LOWER} {_X}"
        rf"|how (?:is|are) {_X} (?:reduced|lowered|handled)|what helps (?:with|against) {_X}",
        # Of a risk it is what mitigates it, of a metric such as latency what makes it better.
        Wanted((_R.MITIGATES, _R.IMPROVES), IN, "What helps with {}"),
    ),
    (
        rf"{_WHICH} {_RISKS} {_FOR} {_X}|{_WHICH} {_RISKS} (?:does|do) {_X} (?:have|bring|carry|face)"
        rf"|how (?:does|do|can) {_X} fail",
        Wanted((), BOTH, "Risks around {}", frozenset({_K.RISK})),
    ),
    (
        rf"{_WHICH} prerequisites? {_FOR} {_X}|prerequisites? {_FOR} {_X}"
        rf"|what {_SHOULD} {_KNOW} before(?: learning| studying| starting| reading)? {_X}"
        rf"|what (?:does|do) {_X} (?:require|build on|build upon|presuppose)|what comes before {_X}",
        Wanted((_R.PREREQUISITE_OF,), IN, "Prerequisites of {}"),
    ),
    (
        rf"what {_SHOULD} {_KNOW} (?:after|next after) {_X}"
        rf"|what (?:builds on|comes after|requires|needs) {_X}|what is {_X} a prerequisite (?:of|for)",
        Wanted((_R.PREREQUISITE_OF,), OUT, "What builds on {}"),
    ),
    (
        rf"(?:what|which \w+) (?:measures?|quantif(?:y|ies)|evaluates?) {_X}"
        rf"|how (?:is|are) {_X} (?:measured|evaluated)|how {_SHOULD} (?:measure|evaluate|quantify) {_X}"
        rf"|{_WHICH} (?:metrics?|measures)(?: used)?(?: that measure| {_FOR}) {_X}",
        Wanted((_R.MEASURES,), IN, "What measures {}"),
    ),
    (
        rf"what (?:does|do|can) {_X} (?:measure|quantify|evaluate)",
        Wanted((_R.MEASURES,), OUT, "What {} measures"),
    ),
    (
        rf"(?:{_WHICH} )?alternatives? (?:to|for|of) {_X}"
        rf"|what (?:can|could|should) (?:i|you|we|one) use instead of {_X}",
        Wanted((_R.ALTERNATIVE_TO,), BOTH, "Alternatives to {}"),
    ),
    (
        rf"what (?:does|do) {_X} (?:use|rely on|depend on|need)",
        Wanted((_R.USES,), OUT, "What {} uses"),
    ),
    (
        rf"(?:what|who|which \w+) (?:uses?|rel(?:y|ies) on|depends? on) {_X}|where (?:is|are) {_X} used",
        Wanted((_R.USES,), IN, "What uses {}"),
    ),
    (
        rf"{_WHICH} (?:parts?|components?|steps?|stages?|building blocks) {_FOR} {_X}"
        rf"|what (?:does|do) {_X} consist of|what (?:is|are) {_X} made (?:up )?of"
        rf"|{_WHICH} (?:parts?|components?|steps?|stages?) (?:does|do) {_X} (?:have|need)",
        Wanted((_R.PART_OF,), IN, "Parts of {}"),
    ),
    (
        rf"what (?:is|are) {_X} (?:a )?(?:part|step|component) of",
        Wanted((_R.PART_OF,), OUT, "What {} is part of"),
    ),
    (
        rf"{_WHICH}(?: different)? (?:types?|kinds?|variants?|forms?|examples?|sorts?) of {_X}",
        Wanted((_R.IS_A,), IN, "Kinds of {}"),
    ),
    (rf"what (?:kind|type|sort) of \w+ (?:is|are) {_X}", Wanted((_R.IS_A,), OUT, "What {} is a kind of")),
    (
        rf"(?:what|which \w+)(?: can)? {_RAISE} {_X}|how {_SHOULD} {_RAISE} {_X}",
        Wanted((_R.IMPROVES,), IN, "What improves {}"),
    ),
    (rf"what (?:does|do|can) {_X} {_RAISE}", Wanted((_R.IMPROVES,), OUT, "What {} improves")),
    (rf"(?:what|which \w+)(?: can)? {_HARM} {_X}", Wanted((_R.WORSENS,), IN, "What worsens {}")),
    (rf"what (?:does|do|can) {_X} {_HARM}", Wanted((_R.WORSENS,), OUT, "What {} worsens")),
    (
        rf"(?:{_WHICH} )?(?:(?:interview|review) )?questions?(?: are| is)?(?: asked)? {_FOR} {_X}"
        rf"|what (?:might|may|could) (?:i|you) be asked about {_X}",
        Wanted((_R.ASKS_ABOUT,), IN, "Questions about {}"),
    ),
    (
        rf"{_WHICH} (?:resources?|books?|papers?|courses?|articles?)(?: cover| teach| {_FOR}) {_X}"
        rf"|where (?:can|should|do) (?:i|you|we) (?:learn|read|study)(?: more)?(?: about)? {_X}"
        rf"|what teaches {_X}",
        Wanted((_R.TEACHES,), IN, "Resources on {}"),
    ),
    (rf"what (?:does|do) {_X} (?:teach|cover|explain)", Wanted((_R.TEACHES,), OUT, "What {} covers")),
    (rf"what (?:is|are) {_X} (?:related|tied|connected) to", Wanted((), BOTH, "What {} is related to")),
    (rf"what (?:is|are) (?:related|tied|connected) to {_X}", Wanted((), BOTH, "What is related to {}")),
    (rf"what (?:is|are) {_X} used for", Wanted((_R.USES,), IN, "What uses {}")),
    (rf"(?:what|which) {_X} (?:are there|exist)", Wanted((_R.IS_A,), IN, "Kinds of {}")),
]

_TRADE_OFFS = (
    rf"(?:{_WHICH} )?(?:trade-?offs?|pros and cons|(?:dis)?advantages(?: and disadvantages)?|drawbacks)"
    rf" {_FOR} {_X}|what (?:does|do) {_X} (?:gain|cost|give up|trade off)"
)
_COMPARISONS = (
    rf"(?:what is |what are |what's )?(?:the )?(?:main )?diff\w* between {_X} and {_Y}",
    rf"how (?:does|do|is|are) {_X} (?:compared?|differs?|different)(?: to| with| from) {_Y}",
    rf"compare {_X} (?:and|with|to|against|vs\.?|versus) {_Y}",
    rf"(?:when|why)(?: and why)? {_SHOULD}(?: use| choose| pick| prefer)? {_X} "
    rf"(?:rather than|instead of|over|or|versus|vs\.?) {_Y}",
    rf"(?:should i (?:use|choose|pick) |which is better[,:]? )?{_X},? (?:vs\.?|versus) {_Y}",
    rf"(?:should (?:i|we|you) (?:use|choose|pick)|which is better[,:]?) {_X} or {_Y}",
)
_CONNECTIONS = (
    rf"how (?:does|do|is|are) {_X} (?:relate|related|connect|connected|tied|linked)(?: to| with) {_Y}",
    rf"(?:what is |what's |is there )?(?:the |an? )?(?:relation(?:ship)?|connection|path|link)"
    rf" between {_X} and {_Y}",
    rf"what (?:connects|links|ties) {_X} (?:and|to|with) {_Y}",
)
_MATERIAL = r"(?:guide|material|graph|corpus|documents?|notes|collection|knowledge graph|knowledge base|book)"
_OVERVIEWS = (
    rf"{_WHICH} (?:topics?|themes?|subjects?|areas?)(?: (?:are|is|does|do))?"
    rf"(?: (?:(?:there|here|covered|discussed|in|of|by|cover|this|the|these|all)|{_MATERIAL}))*",
    rf"what (?:does|do) (?:this|the|these) {_MATERIAL} (?:cover|say|contain|hold|discuss)",
    rf"what (?:is|are) (?:this|the|these) {_MATERIAL} (?:all )?about",
    rf"(?:summari[sz]e|give (?:me )?(?:an overview|a summary) of|overview of)"
    rf" (?:this|the|these|all(?: the)?) {_MATERIAL}",
    r"(?:give (?:me )?an )?overview",
)
_TAIL = r"(?: and (?:how does it work|why does it matter|when to use it))?"
_DEFINITIONS = (
    rf"(?:what|how) (?:is|are) {_X} (?:good|useful) for|why (?:is|are) {_X} (?:useful|needed|important)",
    rf"(?:what|who)(?: is|'?s| are|\u2019s)(?: meant by| an?| the)? {_X}{_TAIL}",
    rf"what (?:an? |the )?{_X} (?:is|are|means?)",
    rf"(?:define|explain|describe|what about|tell me about) (?:an? |the )?{_X}",
    rf"what (?:does|do) {_X} (?:mean|do|stand for)|how (?:does|do) {_X} work",
)
# What no relation holds, but the words around the subject are not what an answer must speak of.
_OPEN = (
    rf"(?:why|when|where|how) {_SHOULD} (?:use|choose|pick|prefer|select|build|do|run|handle|evaluate) {_X}",
)


def _compiled(pattern: str) -> re.Pattern[str]:
    # One name may stand once in a pattern, so that its alternatives are numbered apart.
    count = iter(range(100))
    return re.compile(re.sub(r"\(\?P<([xy])>", lambda m: f"(?P<{m[1]}{next(count)}>", pattern), re.IGNORECASE)


_RULES: list[tuple[re.Pattern[str], Shape, Wanted | None]] = [
    *((_compiled(pattern), Shape.OVERVIEW, None) for pattern in _OVERVIEWS),
    *((_compiled(pattern), Shape.COMPARISON, None) for pattern in _COMPARISONS),
    *((_compiled(pattern), Shape.CONNECTION, None) for pattern in _CONNECTIONS),
    (_compiled(_TRADE_OFFS), Shape.TRADE_OFFS, None),
    *((_compiled(pattern), Shape.SET, wanted) for pattern, wanted in _SETS),
    *((_compiled(pattern), Shape.OPEN, None) for pattern in _OPEN),
    *((_compiled(pattern), Shape.DEFINITION, None) for pattern in _DEFINITIONS),
]
_EITHER = re.compile(r"(\S.*?),? or (\S.*)", re.IGNORECASE)
_FEW_WORDS = 7
_LONGEST = 300  # characters; what is longer is a text, and its first words say nothing of its shape


def understand(text: str) -> Question:
    """Tell what a question asks for; a few words that are no question ask for a definition."""
    plain = _LEAD.sub("", " ".join(text.split()), count=1).rstrip(" ?!.")
    if len(plain) <= _LONGEST:
        for pattern, shape, wanted in _RULES:
            match = pattern.fullmatch(plain)
            if match is not None:
                subjects = tuple(subject for subject in match.groups() if subject)
                return Question(text, shape, subjects, wanted)
        either = _EITHER.fullmatch(plain)
        if either is not None and len(plain.split()) <= _FEW_WORDS:
            return Question(text, Shape.COMPARISON, either.groups())
        if plain and len(plain.split()) <= 4:
            return Question(text, Shape.DEFINITION, (plain,))
    return Question(text, Shape.OPEN)
