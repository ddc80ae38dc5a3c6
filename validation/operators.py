"""Observations of the winter, and what the model says for each kind of report (`gridmodel.results.observed`)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gridmodel.results.observed import OPERATORS, Row

__all__ = ["OBSERVATIONS", "OPERATORS", "Row", "read_observations"]

OBSERVATIONS = Path(__file__).resolve().parent / "ukraine-2025-26" / "observations.csv"


def read_observations(path: Path = OBSERVATIONS) -> pd.DataFrame:
    """Return the observations, with times as numpy has them."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in ("from", "to"):
        table[name] = pd.to_datetime(table[name]).to_numpy().astype("datetime64[s]")
    for name in ("value", "low", "high"):
        table[name] = pd.to_numeric(table[name])
    return table
