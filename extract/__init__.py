"""Material in, claims out, and the graph folded from all claims."""
