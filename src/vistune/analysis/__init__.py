"""Probes of models: what is inside them, and what an answer hangs on."""
