"""Which texts of a graph are embedded."""

from __future__ import annotations

from kg.embed import embedding_text
from kg.model import Entity, Graph, Origin


def texts_to_embed(graph: Graph) -> dict[str, str]:
    """Return the text that stands for each entity, and for each passage of the material, by their ids."""
    catalogue = {document.id for document in graph.documents if document.origin is Origin.CATALOGUE}
    texts = {
        passage.id: embedding_text(passage)
        for passage in graph.passages
        if passage.document_id not in catalogue
    }
    texts.update((entity.id, _entity_text(entity)) for entity in graph.entities)
    return texts


def _entity_text(entity: Entity) -> str:
    names = ", ".join((entity.name, *entity.aliases))
    return f"{names}: {entity.description}" if entity.description else names
