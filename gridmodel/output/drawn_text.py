"""Text of a picture: names come from files of strangers."""

from __future__ import annotations

from gridmodel.errors import visible


def drawn_text(text: str) -> str:
    r"""Return a text that matplotlib draws as it is: not as mathematics, and without signs that nobody sees.

    Examples
    --------
    >>> drawn_text("100 $ a year")
    '100 \\$ a year'
    """
    return visible(text).replace("$", r"\$")
