"""End of a process that reads a file with a library of others: it refuses the file and says why, or is at fault itself.

Such a library may crash on a damaged file, which ends the process without a word.
"""

from __future__ import annotations

REFUSED = 3
"""Exit status of a file that is refused; standard output says why. Ours: Python itself ends with 1 and 2."""


class Refused(ValueError):  # noqa: N818 - said of a file, not of the program
    """File that cannot be read, and why."""


def reason(error: BaseException) -> str:
    r"""Return the first line of what an error of a library says.

    Examples
    --------
    >>> reason(ValueError("no end\nat line 3")), reason(EOFError())
    ('no end', 'EOFError')
    """
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def why_refused(status: int, out: str, err: str, *, crashed: str) -> str:
    """Return why a process has not read its file.

    Parameters
    ----------
    status
        Exit status of the process.
    out, err
        What it wrote.
    crashed
        What is said where it ended without a word.

    Raises
    ------
    RuntimeError
        If it ended in an error that is none of the file: a bug.
    """
    if status == REFUSED and out.strip():
        return out.strip().splitlines()[-1]
    if status == 1 and "Traceback" in err:
        raise RuntimeError(f"the process that reads the file ended in an error of its own, not of the file:\n{err}")
    return crashed
