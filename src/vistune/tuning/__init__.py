"""Tuning: recipes, stages, the trainer, objectives, and how the shipped backbones are made."""
