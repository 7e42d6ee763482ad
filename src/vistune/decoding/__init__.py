"""Decoding: one loop for every model, and the methods that plug into it."""

from vistune.decoding.branches.base import DECODERS, DecodingMethod
from vistune.decoding.likelihoods import candidate_logprobs
from vistune.decoding.loop import Answer, generate, stream
from vistune.decoding.settings import Settings

__all__ = ["DECODERS", "Answer", "DecodingMethod", "Settings", "candidate_logprobs", "generate", "stream"]
