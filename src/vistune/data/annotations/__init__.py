"""Annotation files in the published forms of each field: a reader and a writer each, on plain values."""
