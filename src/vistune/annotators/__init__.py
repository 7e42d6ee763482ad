"""Who answers when an engine or a judge asks: the scene oracle, an OpenAI-compatible endpoint, a model of one's own."""

from vistune.annotators.base import ANNOTATORS, Annotator, Asking, Reply, Usage, build_annotator

__all__ = ["ANNOTATORS", "Annotator", "Asking", "Reply", "Usage", "build_annotator"]
