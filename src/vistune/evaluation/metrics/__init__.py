"""Metrics: pure functions on answers and references, each with the protocol it follows."""
