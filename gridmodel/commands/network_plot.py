"""A picture of a network as a file."""

from __future__ import annotations

from pathlib import Path

from gridmodel.errors import InputError, Problem, Problems

SUFFIXES = (".png", ".svg", ".pdf", ".html")
"""Endings of the files that can be written."""
DPI = 150
"""Dots per inch of a PNG."""


def plot_to(name: str, output: Path, *, run: str | None, hour: str | None, member: int | None, dpi: int | None) -> None:
    """Draw a network, alone or in an hour of a run, and write it.

    Raises
    ------
    InputError
        With everything that does not go together, cannot be read or cannot be written.
    """
    _check(output, run=run, hour=hour, member=member, dpi=dpi)
    from gridmodel.inputs.files import find, is_bundled
    from gridmodel.output.network_picture import draw_map, map_and_state, page

    drawn, state = map_and_state(name, run, hour=hour or "worst", member=member)
    try:
        if output.suffix.lower() == ".html":
            named = not is_bundled(find("networks", name))
            output.write_text(page(drawn, state, named=named), encoding="utf-8")
        else:
            draw_map(drawn, state).savefig(output, dpi=dpi or DPI)
    except OSError as error:
        raise InputError([Problem(message=f"cannot be written: {error.strerror}", table=str(output))]) from None


def _check(output: Path, *, run: str | None, hour: str | None, member: int | None, dpi: int | None) -> None:
    """See that options go together, before anything is read.

    Raises
    ------
    InputError
        With every one that does not.
    """
    problems = Problems()
    suffix = output.suffix.lower()
    if suffix not in SUFFIXES:
        problems.add(f"must end in {', '.join(SUFFIXES)}", field="--output", value=output)
    if run is None:
        for field, value in (("--hour", hour), ("--member", member)):
            if value is not None:
                problems.add("goes with --run", field=field, value=value)
    if dpi is not None and suffix in {".svg", ".pdf", ".html"}:
        problems.add("goes with a .png", field="--dpi", value=dpi)
    problems.raise_if_any()
