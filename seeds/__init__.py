"""What the graph of the first run grows from: a guide of our own and a catalogue of names. Data, no code."""
