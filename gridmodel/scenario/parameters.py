"""Numbers of the physics that a scenario may override, from the groups that they are in."""

from __future__ import annotations

from gridmodel.scenario.groups.backup import BackupSettings
from gridmodel.scenario.groups.cascade import CascadeSettings
from gridmodel.scenario.groups.damage import DamageSettings
from gridmodel.scenario.groups.demand import DemandSettings
from gridmodel.scenario.groups.heat import HeatSettings
from gridmodel.scenario.groups.queues import QueueSettings
from gridmodel.scenario.groups.repair import RepairSettings
from gridmodel.scenario.groups.rotation import RotationSettings
from gridmodel.scenario.groups.storage import StorageSettings
from gridmodel.scenario.groups.value import ValueSettings
from gridmodel.scenario.groups.water import WaterSettings


class Parameters(
    ValueSettings,
    RepairSettings,
    DamageSettings,
    WaterSettings,
    BackupSettings,
    HeatSettings,
    CascadeSettings,
    RotationSettings,
    StorageSettings,
    QueueSettings,
    DemandSettings,
):
    """Numbers of the physics that a scenario may override; the last group comes first in files and docs.

    Those marked [B] are unconfirmed: background knowledge or a modelling choice, listed as such in the docs.
    A pair of numbers is a range that each member draws from; a deterministic run takes one number of it.
    """
