"""Sequences of pictures: stories, changes between two pictures, several views of a scene, documents."""

from vistune.world.sequences.changes import sample_change
from vistune.world.sequences.documents import Document, ask_document, sample_document
from vistune.world.sequences.questions import ask
from vistune.world.sequences.story import Story, sample_story
from vistune.world.sequences.telling import tell_story
from vistune.world.sequences.views import sample_views

__all__ = [
    "Document",
    "Story",
    "ask",
    "ask_document",
    "sample_change",
    "sample_document",
    "sample_story",
    "sample_views",
    "tell_story",
]
