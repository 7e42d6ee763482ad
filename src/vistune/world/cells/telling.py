"""What a slide shows, as a caption and as a report with findings and an impression."""

from __future__ import annotations

from vistune.world.cells.slide import KINDS, SAMPLES, Slide
from vistune.world.cells.view import CLUMPED, SPREAD, SlideView
from vistune.world.language.grammar import number_word

#: How many dividing cells are more than usual.
MANY_DIVISIONS = 2


def counts(slide: Slide) -> dict[str, int]:
    """Kind -> number of cells."""
    return {kind: sum(cell.kind == kind for cell in slide.cells) for kind in KINDS}


def _some(count: int, name: str) -> str:
    return f"{number_word(count) if count != 1 else 'one'} {name}{'' if count == 1 else 's'}"


def short_caption(slide: Slide) -> str:
    """Sample, stain and kinds."""
    kinds = [_some(n, kind) for kind, n in counts(slide).items() if n]
    told = kinds[0] if len(kinds) == 1 else ", ".join(kinds[:-1]) + " and " + kinds[-1]
    return f"a {slide.sample} sample stained {slide.stain}, with {told}."


def findings(slide: Slide) -> list[str]:
    """A sentence for each fact; what is absent is said where one would look for it."""
    found = counts(slide)
    told = [f"{slide.sample} sample, {slide.stain} stain."]
    told += [f"{_some(found[kind], kind)}." if found[kind] else f"no {kind}s." for kind in SAMPLES[slide.sample]]
    if slide.sample != "culture":
        bacteria = [_some(found[kind], kind) for kind in SAMPLES["culture"] if found[kind]]
        told.append(f"bacteria: {' and '.join(bacteria)}." if bacteria else "no bacteria.")
    if slide.sample == "tissue":
        for name, number in (
            ("dividing cell", sum(cell.dividing for cell in slide.cells)),
            ("cell", sum(cell.large_nucleus for cell in slide.cells)),
        ):
            tail = " with a large nucleus" if name == "cell" else ""
            told.append(f"{_some(number, name)}{tail}." if number else f"no {name}s{tail}.")
    spread = SlideView(slide).spread()
    if len(slide.cells) >= 4 and not CLUMPED <= spread <= SPREAD:
        told.append("the cells are clumped." if spread < CLUMPED else "the cells are spread.")
    return told


def impression(slide: Slide) -> str:
    """What follows: the unusual, or that nothing is."""
    unusual = []
    if slide.sample != "culture" and any(counts(slide)[kind] for kind in SAMPLES["culture"]):
        unusual.append(f"bacteria in {slide.sample}")
    if any(cell.large_nucleus for cell in slide.cells):
        unusual.append("large nuclei")
    if sum(cell.dividing for cell in slide.cells) >= MANY_DIVISIONS:
        unusual.append("more divisions than usual")
    return ", ".join(unusual) + "." if unusual else "nothing unusual."


def report(slide: Slide) -> str:
    """``findings: ... impression: ...``."""
    return f"findings: {' '.join(findings(slide))}\nimpression: {impression(slide)}"
