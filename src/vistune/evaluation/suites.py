"""Suites: benchmarks that are run together, under a name. Every ability of ``capabilities`` is a suite as well."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suite:
    """``about``: in one line. ``groups``: heading -> benchmarks as they are named after ``-b``."""

    about: str
    groups: dict[str, tuple[str, ...]]

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys(spec for specs in self.groups.values() for spec in specs))


SUITES: dict[str, Suite] = {
    "hallucination-quick": Suite(
        "what a model makes up, in three minutes: probes in three settings, and captions",
        {
            "probes": ("pope:setting=random", "pope:setting=popular", "pope:setting=adversarial"),
            "captions": ("chair",),
        },
    ),
    "lvlm-ehub": Suite(
        "LVLM-eHub's six abilities (arXiv 2306.09265), its word match for questions; plans are choices of paths, not a user study",
        {
            "visual perception": ("word_classes", "world_qa:types=[count,existence]"),
            "visual knowledge acquisition": ("word_ocr", "funsd", "sroie", "coco_captions"),
            "visual reasoning": (
                "docvqa:extraction=word-match",
                "textvqa:extraction=word-match",
                "okvqa:extraction=word-match",
                "gqa:extraction=word-match",
                "vqav2:extraction=word-match",
                "vsr",
            ),
            "visual commonsense": ("usual_colour",),
            "object hallucination": ("pope:setting=random", "pope:setting=popular", "pope:setting=adversarial"),
            "embodied intelligence": ("patheval",),
        },
    ),
}
