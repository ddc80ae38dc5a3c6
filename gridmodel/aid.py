"""Help that has been placed, as what it adds: generators, heat, fuel trucks, by step and region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.names import SYSTEMS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aid:
    """What help adds."""

    backup_mw: Floats
    """Generators, shape ``(time, region, system)``. [MW]"""
    mobile_mw: Floats
    """Heat of mobile boilers, shape ``(time, region)``. [MW]"""
    trucks: Floats
    """Fuel trucks, shape ``(time, region)``. [1]"""


def no_aid(steps: int, regions: int) -> Aid:
    """No help."""
    none = np.zeros((steps, regions))
    return Aid(backup_mw=np.zeros((steps, regions, len(SYSTEMS))), mobile_mw=none, trucks=none.copy())
