"""What the resolvers of one request work with: its document, the backend, and loaders of its own."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import DocumentNode

from api.backend import Backend
from api.loaders import Loaders


@dataclass(frozen=True, slots=True)
class Context:
    """One request's view of the backend; its loaders forget everything when it ends."""

    document: DocumentNode  # what is asked, parsed and found valid
    backend: Backend
    loaders: Loaders

    @classmethod
    def of(cls, document: DocumentNode, backend: Backend) -> Context:
        """Make the context of a new request; needs a running event loop."""
        return cls(document, backend, Loaders(backend.store, backend.run))
