"""``VisionLanguageModel`` and its parts: encoders, connectors, sequence schemes, adapters, and whole foreign models."""
