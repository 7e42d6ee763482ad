"""Measuring: metrics by the official protocols, benchmarks, a resumable runner, reports."""
