"""The sample graph as it is written by hand: documents, texts, entities, and relations by name."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from kg.model import Difficulty, Document, EntityKind, Origin, RelationType

K, D, T = EntityKind, Difficulty, RelationType

BASICS, RETRIEVAL, CHUNKS, CATALOGUE = (
    Document(root="sample", path=path, title=title, content_hash=hashlib.sha256(path.encode()).hexdigest())
    for path, title in [
        ("basics.md", "Language model basics"),
        ("retrieval/rag.md", "Retrieval-augmented generation"),
        ("retrieval/chunking.md", "Chunking"),
        ("catalogue.yaml", "Catalogue"),
    ]
)
CATALOGUE = replace(CATALOGUE, origin=Origin.CATALOGUE)

SECTIONS = [  # document, headings below its title, first line, text
    (BASICS, (), 1, "Tokenization cuts text into tokens, the units that a model reads."),
    (
        BASICS,
        ("Embeddings",),
        5,
        "An **embedding** is a vector that stands for the meaning of a text.\n"
        "An embedding is computed from tokens, so learn tokenization first.\n"
        "Learn attention before embedding models, if you can.",
    ),
    (
        BASICS,
        ("Attention",),
        12,
        "Attention lets each token look at every other token.\n"
        "Attention reads tokens, so tokenization comes before it.\n"
        "Understand attention before you study BERT.\n"
        'The paper "Attention Is All You Need" explains attention.',
    ),
    (
        BASICS,
        ("Models",),
        20,
        "BERT is an encoder that turns text into vectors.\nLlama 4 is a family of open models.",
    ),
    (
        RETRIEVAL,
        (),
        1,
        "Retrieval-augmented generation (RAG) fetches passages and gives them to a model.\n"
        "RAG uses embeddings to find passages.\n"
        "RAG reduces hallucination, because answers rest on passages.\n"
        "RAG builds on vector search.\n"
        "Understand embeddings before RAG.",
    ),
    (
        RETRIEVAL,
        ("Search",),
        10,
        "Vector search compares embeddings, so study embeddings before it.\n"
        "FAISS implements vector search.\n"
        "Neo4j also offers vector search.\n"
        "FAISS and Neo4j are alternatives for it.\n"
        "Recall@k measures how much vector search finds.",
    ),
    (
        RETRIEVAL,
        ("Search", "Hybrid search"),
        18,
        "Hybrid search fuses keyword search and vector search.\n"
        "Keyword search comes before hybrid search, and vector search comes before hybrid search too.\n"
        "Vector search is one half of hybrid search.\n"
        "Hybrid search improves recall@k.",
    ),
    (
        RETRIEVAL,
        ("GraphRAG",),
        26,
        "GraphRAG is a kind of RAG that walks a knowledge graph.\n"
        "GraphRAG builds on RAG, and a little on hybrid search.\n"
        "GraphRAG keeps its graph in Neo4j.\n"
        "GraphRAG increases latency.",
    ),
    (
        RETRIEVAL,
        ("Caching",),
        34,
        "A semantic cache uses embeddings to find a question that was asked before.\n"
        "A semantic cache lowers latency.",
    ),
    (
        RETRIEVAL,
        ("Quality and safety",),
        40,
        "| tool | measures |\n|---|---|\n| Ragas | faithfulness |\n\n"
        "Faithfulness measures hallucination.\n"
        "Hallucination and faithfulness belong together.\n"
        "Prompt injection hides orders in a passage.",
    ),
    (
        RETRIEVAL,
        ("Questions",),
        50,
        "When would you choose RAG over fine-tuning?\nRAG and fine-tuning are choices for the same job.",
    ),
    (
        CHUNKS,
        (),
        1,
        "Chunking cuts documents into passages and is a step of RAG.\n"
        "Know chunking before RAG.\n"
        "Chunk sizes are counted in tokens, so tokenization helps with chunking.",
    ),
    (
        CHUNKS,
        ("Chunk size",),
        8,
        "Chunk size weighs precision against context.\n"
        "- Small chunks are precise but lose context.\n"
        "- Large chunks keep context but are vague.\n"
        "Chunk size belongs to chunking.",
    ),
    (CATALOGUE, (), 1, "Tokenization\nRAG\nTokenization is a general prerequisite of embeddings."),
]

ENTITIES = [  # name, kind, aliases, description, difficulty
    ("Tokenization", K.CONCEPT, ("tokenizer",), "Tokenization cuts text into tokens.", D.BEGINNER),
    ("Embedding", K.CONCEPT, ("text embedding",), "A vector that stands for a meaning.", D.BEGINNER),
    ("Attention", K.CONCEPT, ("self-attention",), "Lets each token look at the others.", D.INTERMEDIATE),
    ("Vector search", K.CONCEPT, ("dense retrieval",), "Search that compares embeddings.", D.INTERMEDIATE),
    ("Keyword search", K.CONCEPT, ("BM25",), None, D.BEGINNER),
    ("Chunking", K.CONCEPT, ("splitting",), "Cuts documents into passages.", D.BEGINNER),
    ("Fine-tuning", K.CONCEPT, (), None, D.ADVANCED),
    ("Small chunks", K.CONCEPT, (), None, None),
    ("Large chunks", K.CONCEPT, (), None, None),
    (
        "RAG",
        K.PATTERN,
        ("Retrieval-augmented generation",),
        "Fetches passages and gives them to a model.",
        D.INTERMEDIATE,
    ),
    ("GraphRAG", K.PATTERN, ("graph RAG",), "A kind of RAG that walks a knowledge graph.", D.ADVANCED),
    ("Hybrid search", K.PATTERN, (), "Fuses keyword search and vector search.", D.INTERMEDIATE),
    ("Semantic cache", K.PATTERN, (), None, None),
    ("FAISS", K.TOOL, (), None, None),
    ("Neo4j", K.TOOL, (), None, None),
    ("Ragas", K.TOOL, (), None, None),
    ("BERT", K.MODEL, (), "An encoder that turns text into vectors.", None),
    ("Llama 4", K.MODEL, (), None, None),
    ("Recall@k", K.METRIC, ("recall at k",), None, None),
    ("Latency", K.METRIC, (), None, None),
    ("Faithfulness", K.METRIC, ("groundedness",), None, None),
    ("Hallucination", K.RISK, (), None, None),
    ("Prompt injection", K.RISK, (), "Hides orders in a passage.", None),
    ("Chunk size", K.TRADE_OFF, (), "Weighs precision against context.", None),
    ("When would you choose RAG over fine-tuning?", K.QUESTION, (), None, None),
    ("Attention Is All You Need", K.RESOURCE, (), None, None),
]

QUESTION = "When would you choose RAG over fine-tuning?"
RELATIONS = [  # source, type, target, confidence, the words behind it
    ("Tokenization", T.PREREQUISITE_OF, "Embedding", 0.9, "An embedding is computed from tokens"),
    ("Tokenization", T.PREREQUISITE_OF, "Attention", 0.75, "Attention reads tokens"),
    ("Tokenization", T.PREREQUISITE_OF, "Chunking", 0.6, "Chunk sizes are counted in tokens"),
    ("Attention", T.PREREQUISITE_OF, "Embedding", 0.5, "Learn attention before embedding"),
    ("Attention", T.PREREQUISITE_OF, "BERT", 0.8, "Understand attention before you study BERT"),
    ("Embedding", T.PREREQUISITE_OF, "Vector search", 0.92, "Vector search compares embeddings"),
    ("Embedding", T.PREREQUISITE_OF, "RAG", 0.7, "Understand embeddings before RAG"),
    ("Vector search", T.PREREQUISITE_OF, "RAG", 0.9, "RAG builds on vector search"),
    ("Chunking", T.PREREQUISITE_OF, "RAG", 0.8, "Know chunking before RAG"),
    ("Keyword search", T.PREREQUISITE_OF, "Hybrid search", 0.88, "Keyword search comes before"),
    ("Vector search", T.PREREQUISITE_OF, "Hybrid search", 0.86, "Keyword search comes before"),
    ("RAG", T.PREREQUISITE_OF, "GraphRAG", 0.85, "GraphRAG builds on RAG"),
    ("Hybrid search", T.PREREQUISITE_OF, "GraphRAG", 0.45, "GraphRAG builds on RAG"),
    ("Chunking", T.PART_OF, "RAG", 0.85, "is a step of RAG"),
    ("Vector search", T.PART_OF, "Hybrid search", 0.8, "one half of hybrid search"),
    ("GraphRAG", T.IS_A, "RAG", 0.95, "GraphRAG is a kind of RAG"),
    ("RAG", T.USES, "Embedding", 0.85, "RAG uses embeddings"),
    ("GraphRAG", T.USES, "Neo4j", 0.7, "keeps its graph in Neo4j"),
    ("Semantic cache", T.USES, "Embedding", 0.8, "A semantic cache uses embeddings"),
    ("FAISS", T.IMPLEMENTS, "Vector search", 0.9, "FAISS implements vector search"),
    ("Neo4j", T.IMPLEMENTS, "Vector search", 0.65, "Neo4j also offers vector search"),
    ("RAG", T.ALTERNATIVE_TO, "Fine-tuning", 0.75, "RAG and fine-tuning are choices"),
    ("FAISS", T.ALTERNATIVE_TO, "Neo4j", 0.6, "FAISS and Neo4j are alternatives"),
    ("Hybrid search", T.IMPROVES, "Recall@k", 0.85, "Hybrid search improves recall@k"),
    ("Semantic cache", T.IMPROVES, "Latency", 0.85, "A semantic cache lowers latency"),
    ("GraphRAG", T.WORSENS, "Latency", 0.8, "GraphRAG increases latency"),
    ("RAG", T.MITIGATES, "Hallucination", 0.85, "RAG reduces hallucination"),
    ("Ragas", T.MEASURES, "Faithfulness", 0.8, "| Ragas | faithfulness |"),
    ("Recall@k", T.MEASURES, "Vector search", 0.8, "Recall@k measures"),
    ("Faithfulness", T.MEASURES, "Hallucination", 0.7, "Faithfulness measures hallucination"),
    ("Chunk size", T.TRADES_OFF, "Small chunks", 0.8, "Small chunks are precise"),
    ("Chunk size", T.TRADES_OFF, "Large chunks", 0.8, "Large chunks keep context"),
    (QUESTION, T.ASKS_ABOUT, "RAG", 0.9, QUESTION),
    (QUESTION, T.ASKS_ABOUT, "Fine-tuning", 0.9, QUESTION),
    ("Attention Is All You Need", T.TEACHES, "Attention", 0.9, "The paper"),
    ("Hallucination", T.RELATED_TO, "Faithfulness", 0.4, "Hallucination and faithfulness"),
    ("Chunking", T.RELATED_TO, "Chunk size", 0.5, "Chunk size belongs to chunking"),
]

SIDES = {  # target of TRADES_OFF: what it gains, what it costs
    "Small chunks": (("precise",), ("lose context",)),
    "Large chunks": (("keep context",), ("vague",)),
}
