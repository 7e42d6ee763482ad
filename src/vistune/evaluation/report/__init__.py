"""The report: one self-contained HTML page about one or several runs."""

from vistune.evaluation.report.data import ClaimVerdict, GalleryItem, ReportData, RunData, gallery
from vistune.evaluation.report.page import write_report

__all__ = ["ClaimVerdict", "GalleryItem", "ReportData", "RunData", "gallery", "write_report"]
