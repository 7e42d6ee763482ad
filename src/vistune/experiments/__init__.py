"""Whole jobs: a recipe from data to report, the published systems, and their experiments."""
