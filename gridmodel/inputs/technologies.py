"""Names of the technologies that a network lists beside those of the vocabulary, before the network itself is read."""

from __future__ import annotations

from gridmodel.errors import InputError, Problems
from gridmodel.inputs.files import Beside, find, stays_inside
from gridmodel.inputs.tables import read_rows, read_text
from gridmodel.vocabulary import MOST_OWN_TECHNOLOGIES, is_own_technology

FILE = "technologies.csv"
"""Name of the table in a network folder."""


def own_technologies(name: str, beside: Beside) -> tuple[str, ...] | None:
    """Return the technologies that a network lists; none if it lists none or cannot be found.

    Nothing is reported here: whoever reads the network itself reports what is wrong with it.

    Parameters
    ----------
    name
        A bundled name or a path, as a scenario gives it.
    beside
        Folder that a relative path is looked up in first.

    Returns
    -------
    tuple of str or None
        Names in the order of the table; None if the table has errors that leave them open.
    """
    try:
        path = find("networks", name, beside=beside) / FILE
    except InputError:
        return ()
    if not path.is_file():
        return ()
    if not stays_inside(path.parent, path):
        return None
    problems = Problems()
    text = read_text(path, problems, shown=FILE)
    header, rows = ([], []) if text is None else read_rows(text, problems, shown=FILE)
    if "id" not in header:
        return None
    place = header.index("id")
    named = [cells[place] for _, cells in rows if is_own_technology(cells[place])]
    return tuple(dict.fromkeys(named))[:MOST_OWN_TECHNOLOGIES]
