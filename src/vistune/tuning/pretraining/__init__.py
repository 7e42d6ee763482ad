"""How the nano backbones are made: a language model on text alone, an encoder without a language model."""
