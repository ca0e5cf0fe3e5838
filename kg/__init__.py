"""The graph itself: model, stores, embedding, search, paths, prerequisites, plans, answers."""
