"""From ``ReportData`` to HTML."""

from __future__ import annotations

from pathlib import Path

from vistune.core.files import write_text
from vistune.evaluation.report import plots, tables, words
from vistune.evaluation.report.data import ReportData


def write_report(path: Path, data: ReportData) -> None:
    """Write the page: one file, no request to anywhere."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"plain": words.plain, "title": words.title_of, "measure": words.measure_name}
    names = tables.benchmark_names(data)
    overview = tables.overview(data)
    page = environment.get_template("report.html.j2").render(
        data=data,
        overview=overview,
        headline=tables.headline(data, overview),
        sections=[tables.section(data, name) for name in names],
        curves=plots.curves(data.runs),
        tradeoffs=[plot for plot in (plots.tradeoff(data.runs, name) for name in names) if plot],
        outcomes=sorted({item.outcome for item in data.gallery}),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, page)
