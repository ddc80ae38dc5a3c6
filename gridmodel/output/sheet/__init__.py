"""Sheet of one region, or of the country: at most two printed pages that need no script and no network."""

from gridmodel.output.sheet.beside import Beside, Bought
from gridmodel.output.sheet.write import html, lead_lines, write

__all__ = ["Beside", "Bought", "html", "lead_lines", "write"]
