"""Pages with what was measured: docs/calibration.md and docs/intervals.md."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

import gridmodel as gm
from validation import calibration


def calibration_page() -> str:
    """Return the page that compares the bundled scenarios with what was reported."""
    found = calibration.rows(*calibration.runs())
    lines = ["# The model compared with what was reported", "",
             "Made by `python -m validation.calibration`. Sources are keys of `networks/*/sources.csv`.",
             "What the model is good for, and what not, is on [another page](validation/README.md);",
             "why hours off alone set neither what is missing nor who can be cut, [beside it](validation/ridge.md).", "",
             "Rows are runs with expected values and `rotation: mean`: cuts to the megawatt, spread over all homes. Parameters",
             "were set with them. By default whole sub-queues are cut in turns, rounded up, so that homes are off for longer."]  # fmt: skip
    for kind, words in calibration.KINDS.items():
        lines += ["", f"## {kind.capitalize()} rows", "", words, "", "| quantity | model | expected | within | source |",
                  "|---|---|---|---|---|"]  # fmt: skip
        for row in found:
            if row.kind == kind:
                remark = f"<br>{row.remark}" if row.remark else ""
                verdict = "yes" if row.holds else "**no**"
                lines.append(f"| {row.what}{remark} | {row.shown} | {row.low:.3g} to {row.high:.3g} "
                             f"| {verdict} | {row.source} |")  # fmt: skip
    return "\n".join(lines) + "\n"


INTERVALS = """\
# How often the 95 % interval contains the mean

Share of {repetitions:,} repetitions in which the interval of `gm.statistics.confidence_interval` contains the exact mean, and in brackets
the share for Student's interval, `mean ± t · standard error`. What a run counts is often rare and large, so that few members
meet the worst; Student's interval then ends too low.

{table}

With {least} members and a result that is 0 in nine of ten, a third of all samples contain only zeros: no interval can
reflect what they have not met. Where a result is that rare, use more members.
"""
"""Page on intervals; braces are filled from the code."""
REPETITIONS = 4000
SAMPLES = (10, 20, 50, 100)


def intervals_page() -> str:
    """Return the page on how often intervals contain the mean, as measured."""
    kinds = {
        "normal": (lambda rng, shape: rng.normal(size=shape), 0.0),
        "exponential": (lambda rng, shape: rng.exponential(size=shape), 1.0),
        "lognormal, σ = 1": (lambda rng, shape: rng.lognormal(size=shape), float(np.exp(0.5))),
        "0 in 7 of 10, else exponential": (lambda rng, shape: rng.exponential(size=shape) * (rng.random(shape) < 0.3), 0.3),
        "0 in 9 of 10, else exponential": (lambda rng, shape: rng.exponential(size=shape) * (rng.random(shape) < 0.1), 0.1),
    }  # fmt: skip
    lines = ["| results | " + " | ".join(f"{count} members" for count in SAMPLES) + " |", "|---" * 5 + "|"]
    for name, (draw, exact) in kinds.items():
        cells = []
        for count in SAMPLES:
            values = draw(np.random.default_rng(count), (count, REPETITIONS))
            half = stdtrit(count - 1, 0.975) * values.std(axis=0, ddof=1) / np.sqrt(count)
            student = values.mean(axis=0) - half, values.mean(axis=0) + half
            ours, plain = (
                np.mean((low <= exact) & (exact <= high))
                for low, high in (gm.statistics.mean_interval(values), student)
            )
            cells.append(f"{ours:.0%} ({plain:.0%})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return INTERVALS.format(repetitions=REPETITIONS, table="\n".join(lines), least=SAMPLES[0])
