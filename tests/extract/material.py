"""Small notes written for the tests, which between them hold every kind and every type of relation."""

NOTES = {
    "retrieval/hybrid-search.md": """---
title: Hybrid Search
difficulty: intermediate
prerequisites: [Keyword Search, Vector Search]
---

# Hybrid Search

Hybrid search is a retrieval pattern that fuses keyword search with vector search.

Hybrid search uses reciprocal rank fusion. Hybrid search improves recall but increases latency.

## Tools

- Qdrant
- Weaviate

## Failure modes

| Failure | Cause | Mitigation |
|---|---|---|
| Score drift | Scales differ | Reciprocal rank fusion |

## Interview Questions

### Q: When does hybrid search beat vector search?

When queries hold rare names.

## Further reading

- "Reciprocal Rank Fusion Outperforms Condorcet" by Cormack et al. (2009), on reciprocal rank fusion.
""",
    "retrieval/search.md": """# Keyword Search vs Vector Search

Keyword search ranks passages by the words they share with the query. Vector search compares embeddings.

## Keyword Search

**Strengths:**
- Finds exact names with low latency
- Needs no model

**Weaknesses:**
- Misses synonyms, which costs recall

## Vector Search

**Strengths:**
- Finds paraphrases, which helps recall

**Weaknesses:**
- Adds latency for embedding the query

Vector search is an alternative to keyword search. Vector search relies on embeddings.
""",
    "glossary.md": """# Glossary

**Embedding** - A vector that stands for the meaning of a text.

**Recall** - The share of relevant passages that a search finds.

**Latency** - The time until an answer arrives.

**Reciprocal rank fusion (RRF)** - A way to fuse rankings by the ranks of their items.

**Qdrant** - A vector database written in Rust. Qdrant implements vector search.

**Llama 4** - A family of open-weight models.

**Score drift** - A failure in which the scores of two searches stop being comparable.

**Query** - What a user asks.

**Recall@5** - A metric. Recall@5 measures recall among the first five passages.

**Query encoder** - The model that embeds the query. The query encoder is part of vector search.

See also [Hybrid Search](retrieval/hybrid-search.md).
""",
    "models.md": """# Models

| Model | Description |
|---|---|
| Llama 4 | An open-weight model family |
| Llama 4 Scout | The small member of the Llama 4 family |

Llama 4 Scout is a variant of Llama 4. Quantization reduces latency. Quantization degrades recall.

## Quantization

**Quantization** - Storing weights in fewer bits. See [Vector Search](retrieval/search.md).
""",
}
