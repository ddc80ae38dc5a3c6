"""Heat: sources, networks, homes, and what freezes."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from gridmodel.scenario.fields import Group, Hours, Number, Share, ordered


class HeatSettings(Group):
    """Heat: sources, networks, homes, and what freezes."""

    loss_split: Share = 1.0
    """Share of lost heat capacity that disconnects buildings; the rest dilutes the heat of all [B]."""
    heat_source_spread: Annotated[Number, Field(ge=0, le=3)] = 1.0
    """Spread of the sizes of a region's heat sources, standard deviation of their logarithm [1] [B, 0.5-1.5]: the
    largest of Kyiv's 19 then heats about a fifth of the city, as its largest combined heat and power plants do."""
    restart_h: Annotated[tuple[Hours, Hours], AfterValidator(ordered)] = (9.0, 18.0)
    """Mean time from the return of power or network until most buildings have heat again [h], fitted to Kyiv, 27
    December 2025 and 31 January 2026; a deterministic run takes its geometric middle."""
    reconnection_tau_h: Annotated[tuple[Hours, Hours], AfterValidator(ordered)] = (60.0, 125.0)
    """The same for the slow part, the whole chain of refill, crews and warm-up [h], fitted to Kyiv, 9 and 20 January
    2026; a deterministic run takes its geometric middle."""
    slow_return_share: Annotated[tuple[Share, Share], AfterValidator(ordered)] = (0.25, 0.75)
    """Share of buildings that come back slowly once their loops have been drained: 0.29 fits Kyiv after 9 January 2026,
    0.72 after 20 January."""
    heat_given_up_share: Share = 0.003
    """Share of buildings disconnected by damage that do not get heat again before the season ends [B, 0-0.02]: 16 of
    6,000 in Kyiv, eleven days after 9 January 2026."""
    hot_water_share: Share = 0.15
    """Heat for hot water, which is the first to go when heat is short, over the heat that rooms need at the design
    temperature [B, 0-0.25]; sources are sized for both."""
    heat_floor_c: Annotated[Number, Field(ge=0, le=18)] = 12.0
    """Indoor temperature down to which operators lower the heat of all before they disconnect some [°C] [B, 10-14]."""
    set_point_c: Annotated[Number, Field(ge=5, le=30)] = 20.0
    """Indoor temperature that heating holds [°C] [B]."""
    internal_gain_w_per_m2: Annotated[Number, Field(ge=0, le=50)] = 3.0
    """Heat of people, cooking and appliances in a home [W/m²] [B]."""
    heating_air_share: Share = 0.5
    """Share of a radiator's heat that goes to the air; the rest is radiant."""
    own_heat_margin: Annotated[Number, Field(ge=1, le=5)] = 1.2
    """Installed heating of homes that heat themselves over their design demand [B]; it lets them catch up."""
    own_heat_powered_share: Annotated[tuple[Share, Share], AfterValidator(ordered)] = (0.3, 0.8)
    """Share of gas boilers in homes that needs power [B], a range drawn once per member: it decides how many homes cool
    in a blackout. A deterministic run takes 0.5, as in the tables."""
    appliance_share: Share = 0.5
    """Share of internal gains that is of appliances and stops with power [B]."""
    cooker_w_per_m2: Annotated[Number, Field(ge=0, le=50)] = 10.0
    """Heat of gas cookers that people burn in cold homes, while there is gas [W/m²] [B]: set so that an unheated panel
    flat is near +1 °C after 10 to 16 days of January 2026 in Kyiv, as reported."""
    settled_for_c: Annotated[Number, Field(ge=0, le=25)] = 14.0
    """Indoor temperature that people accept and hold with heaters and cookers [°C] [B]."""
    radiator_lag_h: Annotated[Number, Field(ge=0.01, le=5)] = 0.55
    """Time for which water in radiators and pipes stores heat [h] [B]: 11 L per kilowatt, 40 K warmer than the room."""
    building_pump_share: Share = 0.3
    """Share of blocks built after 2007 whose heat point stops with the power of their homes [B, 0-1]: in Kyiv some
    1,000 of 1,600 have backup of their own."""
    chp_heat_only_share: Share = 0.8
    """Heat that combined heat and power still gives while its turbines are out of order [B]; damage to a plant takes
    both."""
    heat_network_leak_per_h: Annotated[Number, Field(ge=0, le=1)] = 0.0025
    """Leak of heat networks, share of their water per hour [1/h] [B]."""
    heat_network_make_up_per_h: Annotated[Number, Field(ge=0, le=1)] = 0.0075
    """Most that make-up plant adds [1/h] [B]."""
    heat_network_margin: Share = 0.04
    """Share of its water that a heat network can lack before circulation stops [B]."""
    drain_below_outdoor_c: Annotated[Number, Field(ge=-50, le=10)] = -3.0
    """Outdoor temperature at or below which loops are drained [°C], procedure of Kyiv."""
    drain_below_coolant_c: Annotated[Number, Field(ge=0, le=60)] = 10.0
    """Water temperature below which they are [°C], reported of January 2026."""
    burst_repair_days: Annotated[Number, Field(gt=0, le=1000)] = 22.0
    """Mean time to mend burst systems [d], Alchevsk 2006."""
    burst_refill_h: Annotated[Number, Field(gt=0, le=1000)] = 72.0
    """Time constant of their refill and warm-up [h], Alchevsk 2006."""
    riser_repair_h: Annotated[Number, Field(gt=0, le=10_000)] = 72.0
    """Time constant of the mending of burst cold-water risers once homes are warm [h] [B]."""
