"""How the shipped nano backbones are made: a language model on text alone, a vision encoder without a language model."""
