"""Likelihood of reports: the error of each report, and an error of the model that lasts and that scopes share.

Both are normal. What earlier rows say of the error of the model in later ones is taken in exactly, since its covariance
is the same for all members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.studies.conditioning.observations import Observation, model_covariance


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of rows, in the order in which they end."""

    value: Floats
    """Reported values, shape ``(row,)``."""
    covariance: Floats
    """Of reports and model together, shape ``(row, row)``."""
    model: Floats
    """Of the model alone, same shape."""

    @classmethod
    def of(cls, rows: Sequence[Observation]) -> Errors:
        """Return the errors of some observations."""
        model = model_covariance(rows)
        report = np.diag(np.array([one.report_sd for one in rows]) ** 2)
        return cls(np.array([one.value for one in rows]), model + report, model)

    def log_likelihood(self, modelled: Floats, known: int) -> Floats:
        """Return the logarithm of the density of rows, given those before them, shape ``(member,)``.

        Parameters
        ----------
        modelled
            What members say of the first rows, shape ``(row, member)``; more rows may follow those.
        known
            Rows that were learned from before.
        """
        mean, spread = self.given(modelled[:known], slice(known, len(modelled)))
        miss = self.value[known : len(modelled), None] - modelled[known:] - mean
        factor = np.linalg.cholesky(spread)
        scaled = np.linalg.solve(factor, miss)
        size = np.log(np.diag(factor)).sum() + 0.5 * len(miss) * np.log(2.0 * np.pi)
        return np.asarray(-0.5 * (scaled**2).sum(axis=0) - size)

    def given(self, modelled: Floats, wanted: slice | Sequence[int]) -> tuple[Floats, Floats]:
        """Return mean and covariance of the errors of some rows, given what was reported in the first ones.

        Parameters
        ----------
        modelled
            What members say of the first rows, shape ``(known, member)``.
        wanted
            Rows whose errors are asked for.

        Returns
        -------
        tuple of numpy.ndarray
            Shapes ``(wanted, member)`` and ``(wanted, wanted)``.
        """
        known = len(modelled)
        here = np.arange(len(self.value))[wanted]
        inner = self.covariance[np.ix_(here, here)]
        if not known:
            return np.zeros((len(here), modelled.shape[1])), inner
        cross = self.covariance[np.ix_(here, np.arange(known))]
        weight = np.linalg.solve(self.covariance[:known, :known], cross.T).T
        return weight @ (self.value[:known, None] - modelled), inner - weight @ cross.T

    def left_out(self, modelled: Floats) -> tuple[Floats, Floats]:
        """Return what members expect of each row from all others, and its standard deviation.

        Parameters
        ----------
        modelled
            What members say of every row, shape ``(row, member)``.

        Returns
        -------
        tuple of numpy.ndarray
            Shapes ``(row, member)`` and ``(row,)``.

        Notes
        -----
        With the inverse K of the covariance, the row i given all others has the variance ``1 / Kᵢᵢ`` and the mean
        ``yᵢ − (K (y − m))ᵢ / Kᵢᵢ`` (Rue and Held 2005, Gaussian Markov Random Fields, section 2.1).
        """
        inverse = np.linalg.inv(self.covariance)
        own = np.diag(inverse)
        pull = inverse @ (self.value[:, None] - modelled)
        return self.value[:, None] - pull / own[:, None], 1.0 / np.sqrt(own)
