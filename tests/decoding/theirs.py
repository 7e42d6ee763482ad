"""What ``generate`` of transformers makes of the same prompts."""

from __future__ import annotations


def cut(row, ends):
    """Tokens up to the first end mark."""
    tokens = row.tolist()
    stop = next((i for i, t in enumerate(tokens) if t in ends), len(tokens) - 1)
    return tokens[: stop + 1]


def theirs(model, questions, ends, **options):
    """New tokens of each question."""
    inputs = model.prepare(questions)
    inputs = inputs if isinstance(inputs, dict) else inputs.tensors()
    out = model.module.generate(**inputs, eos_token_id=ends, pad_token_id=0, **options)
    return [cut(row, ends) for row in out[:, inputs["input_ids"].shape[1] :]]
