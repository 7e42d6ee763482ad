"""Benchmarks: what is asked, and how an answer becomes a score."""

from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, Scored

__all__ = ["BENCHMARKS", "Benchmark", "Scored"]
