"""Measures: mitigation measures that have been placed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from gridmodel.scenario.fields import Group, none_is_empty
from gridmodel.scenario.help import Mitigation


class HelpSettings(Group):
    """Measures: mitigation measures that have been placed."""

    mitigations: Annotated[tuple[Mitigation, ...], BeforeValidator(none_is_empty)] = ()
    """Mitigation measures that have been placed: a list of rows with kind, size, region, available_from and more."""
