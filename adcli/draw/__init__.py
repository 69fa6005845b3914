"""Pictures of traces: what to draw, where it stands, and one file per kind of picture."""
