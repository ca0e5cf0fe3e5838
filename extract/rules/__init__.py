"""Rules that read a document and say what it claims; each is a function of the whole reading."""
