"""A language model as a reader of passages: optional, and held to the same evidence as the rules."""
