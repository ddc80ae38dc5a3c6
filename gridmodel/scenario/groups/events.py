"""Events: what happens to the grid, and the timetable that is imposed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag

from gridmodel.scenario.fields import Group, Name, Share, none_is_empty


def _form(events: object) -> str:
    """Return `file` or `rows`, so that a mistake is reported only once, for the form that was meant."""
    return "file" if isinstance(events, str) else "rows"


class EventSettings(Group):
    """Events: what happens to the grid, and the timetable that is imposed."""

    events: Annotated[
        Annotated[
            Annotated[str, Tag("file")] | Annotated[tuple[dict[str, Any], ...], Tag("rows")], Discriminator(_form)
        ],
        BeforeValidator(none_is_empty),
    ] = ()
    """Events: a CSV file (bundled name or path, relative to the scenario) or a list of rows."""
    interception: Share | None = None
    """Share of hits that is intercepted in every strike; empty: the share of each event."""
    timetable: Annotated[Name, Field(min_length=1)] | None = None
    """Published outage timetable to impose: a CSV or JSON file, relative to the scenario; empty: none."""
