"""Names of the technologies that a network lists beside those of the vocabulary, before the network itself is read."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from gridmodel.errors import InputError, Problems
from gridmodel.inputs.files import Beside, find, stays_inside
from gridmodel.inputs.tables import own_separator, read_rows, read_text
from gridmodel.vocabulary import MOST_OWN_TECHNOLOGIES, is_own_technology

FILE = "technologies.csv"
"""Name of the table in a network folder."""
SLIP = 0.8
"""Likeness from which a name counts as another with a slip. [1] Ours: one letter of five."""


def own_technologies(name: str, beside: Beside) -> tuple[str, ...] | None:
    """Return the technologies that a network lists; none if it has no such table.

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
        Names in the order of the table; None if the network is not found, or the table has errors that leave them open.
    """
    try:
        path = find("networks", name, beside=beside) / FILE
    except InputError:
        return None
    if not path.is_file():
        return ()
    if not stays_inside(path.parent, path):
        return None
    problems = Problems()
    text = read_text(path, problems, shown=FILE)
    text = text or ""
    header, rows = read_rows(text, problems, shown=FILE, separator=own_separator(text))
    if "id" not in header:
        return None
    place = header.index("id")
    named = [cells[place] for _, cells in rows if is_own_technology(cells[place])]
    return tuple(dict.fromkeys(named))[:MOST_OWN_TECHNOLOGIES]


def may_be_own(name: str, own: Collection[str] | None, others: Collection[str]) -> bool:
    """Return whether a name may be that of a technology which a network lists.

    Parameters
    ----------
    name
        The name.
    own
        Result of `own_technologies`; if that is not known, any name may be one of its own, not a slip of the pen for
        one of the others.
    others
        Names that are known whatever the network lists.
    """
    if own is not None:
        return name in own
    return is_own_technology(name) and not get_close_matches(name, others, n=1, cutoff=SLIP)
