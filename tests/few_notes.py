"""Notes for tests that ingest but do not test reading: small, and as many as are wanted."""

from __future__ import annotations

from pathlib import Path

_BASICS = {
    "search.md": """# Hybrid search

**Hybrid search** - A pattern that fuses keyword search with vector search.

Hybrid search uses embeddings. Hybrid search improves recall but increases latency.
""",
    "glossary.md": """# Glossary

**Embedding** - A vector that stands for the meaning of a text.

**Recall** - The share of relevant passages that a search finds.

**Latency** - The time until an answer arrives.

**Quantization** - Storing weights in fewer bits. Quantization reduces latency and degrades recall.
""",
}
_MODEL = """# Granite {n}

| Model | Description |
|---|---|
| Granite {n} | An open-weight model family |
| Granite {n} Small | The small member of the Granite {n} family |

Granite {n} Small is a variant of Granite {n}. Quantization reduces latency. Quantization degrades recall.
"""


def write_notes(folder: Path, *, models: int = 0) -> int:
    """Write a glossary, a note on search and one for each of so many models; return how many that is."""
    notes = _BASICS | {f"models/{n}.md": _MODEL.format(n=n) for n in range(models)}
    for path, text in notes.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return len(notes)
