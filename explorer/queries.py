"""What the pages ask: one GraphQL document for each, valid against the API's schema."""

from __future__ import annotations

_BRIEF = """
fragment Brief on Entity { id name kind description difficulty importance }
"""

_PLACED = """
fragment Placed on Entity { id name kind description importance x y }
"""

_SAID = """
fragment Said on Evidence { quote headings line document { title path } }
"""

_READ = """
fragment Read on Passage { id text headings line document { title path } }
"""

_TIE = """
fragment Tie on Relation {
  id type confidence foundBy
  source { id name kind }
  target { id name kind }
  evidence(first: 2) { ...Said }
}
"""

NAMES = """
query Names($after: String) {
  entities(orderBy: IMPORTANCE, first: 100, after: $after) {
    nodes { name kind }
    pageInfo { hasNextPage endCursor }
  }
}
"""

START = (
    """
query Start {
  entities(orderBy: IMPORTANCE, first: 30) { nodes { ...Brief } }
}
"""
    + _BRIEF
)

SUGGEST = """
query Suggest($text: String!) {
  suggest(text: $text, first: 8) { name kind }
}
"""

SEARCH = (
    """
query Search($text: String!, $mode: SearchMode!, $kinds: [EntityKind!], $first: Int!) {
  search(query: $text, mode: $mode, kinds: $kinds, first: $first) {
    entities { score entity { ...Brief aliases } }
    passages { score passage { ...Read entities { name kind } } }
  }
}
"""
    + _BRIEF
    + _READ
)

ASK = (
    """
query Ask($question: String!, $mode: AnswerMode!) {
  ask(question: $question, mode: $mode) {
    text abstained confidence mode
    citations { number quote passage { ...Read } }
    entities { score entity { name kind } }
  }
}
"""
    + _READ
)

ENTITY = (
    """
query Entity($name: String!, $types: [RelationType!], $first: Int!) {
  entity(name: $name) {
    ...Brief
    aliases
    mentionCount
    topics { title }
    evidence(first: 6) { ...Said }
    relationCounts { type out in }
    relations(types: $types, first: $first) { nodes { ...Tie } totalCount }
    similar(first: 6) { score entity { name kind } }
  }
}
"""
    + _BRIEF
    + _SAID
    + _TIE
)

COUNTS = """
query Counts($name: String!) {
  entity(name: $name) { name kind relationCounts { type out in } }
}
"""

TRADE_OFFS = (
    """
query TradeOffs($of: String, $first: Int!) {
  tradeOffs(of: $of, first: $first) {
    entity { name kind description }
    sides { entity { name kind } gains costs evidence { ...Said } }
  }
}
"""
    + _SAID
)

NEIGHBORHOOD = (
    """
query Neighborhood(
  $of: [String!]!, $depth: Int!, $types: [RelationType!], $kinds: [EntityKind!],
  $minConfidence: Float!, $limit: Int!
) {
  neighborhood(
    of: $of, depth: $depth, types: $types, kinds: $kinds, minConfidence: $minConfidence, limit: $limit
  ) {
    nodes { ...Placed }
    edges { ...Tie }
    truncated
  }
}
"""
    + _PLACED
    + _SAID
    + _TIE
)

PREREQUISITES = (
    """
query Prerequisites($of: String!, $depth: Int) {
  prerequisites(of: $of, depth: $depth) {
    nodes { ...Placed difficulty }
    edges { ...Tie }
    truncated
  }
}
"""
    + _PLACED
    + _SAID
    + _TIE
)

LEARNING_PATH = (
    """
query LearningPath($from: String, $to: String!) {
  learningPath(from: $from, to: $to) { ...Brief }
}
"""
    + _BRIEF
)

COMPARE = (
    """
query Compare($a: String!, $b: String!) {
  compare(a: $a, b: $b) {
    a { ...Brief }
    b { ...Brief }
    shared { name kind }
    onlyA { ...Tie }
    onlyB { ...Tie }
    tradeOffs {
      entity { name kind description }
      sides { entity { name kind } gains costs evidence { ...Said } }
    }
    passages { score passage { ...Read } }
  }
  paths(from: $a, to: $b) { confidence entities { name kind } relations { ...Tie } }
}
"""
    + _BRIEF
    + _SAID
    + _READ
    + _TIE
)

TOPICS = """
query Topics($level: Int!, $first: Int!) {
  topics(level: $level, first: $first) {
    id title summary size
    parent { title }
    entities(first: 12) { score entity { name kind } }
  }
}
"""

TRACKS = """
query Tracks {
  tracks { name description }
}
"""

STUDY_PLAN = (
    """
query StudyPlan($input: StudyPlanInput!) {
  studyPlan(input: $input) {
    weeks totalMinutes
    goals { name kind }
    keyPrerequisites { name kind }
    criticalPath { name kind }
    alreadyKnown { name kind }
    deferred { name kind }
    steps {
      position week minutes slackMinutes
      entity { ...Brief }
      because { ...Tie }
      alternatives { name kind }
      readings { minutes passage { ...Read } }
      questions { name kind }
    }
    checkpoints { week questions { name kind } }
  }
}
"""
    + _BRIEF
    + _SAID
    + _READ
    + _TIE
)

PLAN_EXPORT = """
query PlanExport($input: StudyPlanInput!, $format: PlanFormat!) {
  studyPlan(input: $input) { export(format: $format) }
}
"""

READY = (
    """
query Ready($known: [String!]!, $goals: [String!]) {
  ready(known: $known, goals: $goals, first: 6) { unlocks entity { name kind } because { ...Tie } }
}
"""
    + _SAID
    + _TIE
)

STATS = """
query Stats {
  stats { documents passages entities relations kinds { kind count } types { type count } }
}
"""

GRAPH_EXPORT = """
query GraphExport($format: GraphFormat!) {
  export(format: $format)
}
"""
