"""All settings of a scenario in one class, and the groups that they are written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import create_model

from gridmodel.scenario.described import fields_of
from gridmodel.scenario.fields import Group
from gridmodel.scenario.groups.backup import BackupSettings
from gridmodel.scenario.groups.cascade import CascadeSettings
from gridmodel.scenario.groups.damage import DamageSettings
from gridmodel.scenario.groups.demand import DemandSettings
from gridmodel.scenario.groups.events import EventSettings
from gridmodel.scenario.groups.generation import GenerationSettings
from gridmodel.scenario.groups.heat import HeatSettings
from gridmodel.scenario.groups.measures import HelpSettings
from gridmodel.scenario.groups.period import PeriodSettings
from gridmodel.scenario.groups.queues import QueueSettings
from gridmodel.scenario.groups.repair import RepairSettings
from gridmodel.scenario.groups.rotation import RotationSettings
from gridmodel.scenario.groups.sampling import SamplingSettings
from gridmodel.scenario.groups.storage import StorageSettings
from gridmodel.scenario.groups.value import ValueSettings
from gridmodel.scenario.groups.water import WaterSettings
from gridmodel.scenario.parameters import Parameters

GROUPS: Mapping[str, type[Group]] = {
    "demand": DemandSettings,
    "queue": QueueSettings,
    "storage": StorageSettings,
    "rotation": RotationSettings,
    "cascade": CascadeSettings,
    "heat": HeatSettings,
    "backup": BackupSettings,
    "water": WaterSettings,
    "damage": DamageSettings,
    "repair": RepairSettings,
    "value": ValueSettings,
    "period": PeriodSettings,
    "sampling": SamplingSettings,
    "generation": GenerationSettings,
    "event": EventSettings,
    "measures": HelpSettings,
}
"""Groups of settings by name, in the order of files and docs."""

if TYPE_CHECKING:

    class Settings(HelpSettings, EventSettings, GenerationSettings, SamplingSettings, PeriodSettings, Parameters):
        """All settings."""

else:  # few bases, since the help of a class lists each of them: the fields are copied, in the order of files
    _fields = {name: field for group in GROUPS.values() for name, field in fields_of(group).items()}
    _All = create_model(
        "_All", __base__=Group, __module__=__name__, __cls_kwargs__={"defer_build": True},
        **{name: (field.annotation, field) for name, field in _fields.items()},
    )  # fmt: skip
    _All.made_of = tuple(GROUPS.values())
    Settings = create_model("Settings", __base__=(SamplingSettings, PeriodSettings, _All), __module__=__name__)
