"""Judges: an annotator with a rubric."""

from vistune.evaluation.judges.base import RUBRICS, Judge, Marks, Rubric, Verdict, build_judge, build_rubric

__all__ = ["RUBRICS", "Judge", "Marks", "Rubric", "Verdict", "build_judge", "build_rubric"]
