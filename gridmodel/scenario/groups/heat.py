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
    building_inertia: Annotated[tuple[Share, Share], AfterValidator(ordered)] = (0.0, 1.0)
    """Time constant of all buildings within the range of their archetypes, a range drawn once per member: 0 is the
    draughty flat that experts describe, 0.5 the archetype itself, 1 the accumulation coefficient of norms."""
    wind_m_s: Annotated[Number, Field(ge=0, le=40)] = 3.0
    """Wind at 10 m during the run [m/s] [B]: the January norm, for which archetypes give their ventilation."""
    open_stairwell_share: Share = 0.0
    """Share of homes whose stairwell is open to the outside air, by broken windows and doors [B, 0-0.3]."""
    open_stairwell_w_per_m2k: Annotated[Number, Field(ge=0, le=5)] = 0.3
    """Loss that an open stairwell adds to homes on it, per floor [W/(m² K)] [B, 0.1-0.5]."""
    sun_clearness: Share = 0.33
    """Sun that reaches level ground, over what arrives above the air: January norm [B, 0.25-0.45]; 0: no sun."""
    sun_window_share: Share = 0.15
    """Heat that comes in by a square metre of window, over the sun on a square metre of level ground [B, 0.1-0.3]:
    walls of all directions, frames, curtains and shade counted."""
    own_heat_margin: Annotated[Number, Field(ge=1, le=5)] = 1.6
    """Installed heating of homes that heat themselves over their design demand [B, 1.2-2.5]; it lets them catch up. Gas
    boilers of 24 kW are twice what a house of 100 m² needs, but its radiators give less."""
    own_backup_share: Annotated[tuple[Share, Share], AfterValidator(ordered)] = (0.1, 0.5)
    """Share of gas boilers that need power which have an inverter or a small generator [B], a range drawn once per
    member. Batteries imported in nine months of 2025, 910 million dollars, would be sets for a tenth of these homes."""
    own_backup_h: Annotated[Number, Field(ge=0, le=1000)] = 16.0
    """Hours that they last without the grid [h] [B, 6-72]: batteries for a night, generators while there is fuel."""
    own_backup_charge_ratio: Annotated[Number, Field(ge=0, le=100)] = 4.0
    """Hours of boiler that an hour of grid power charges [B, 2-8]: 500 W of charging over a boiler of 120 W."""
    own_fallback_stove_share: Annotated[tuple[Share, Share], AfterValidator(ordered)] = (0.1, 0.4)
    """Share of homes with a boiler that needs power, or with electric heating, that can light a stove or a fireplace
    [B], a range drawn once per member; none of them counts as having backup too."""
    own_fallback_stove_heat: Share = 0.6
    """Heat of that stove over the design demand of the home [B, 0.3-0.8]."""
    leave_share: Annotated[tuple[Share, Share], AfterValidator(ordered)] = (0.0, 0.4)
    """Most people of cold homes that leave them to stay in the warmth [B], a range drawn once per member. Up to 600,000
    left Kyiv by 21 January 2026 (mayor, by mobile data; others did not confirm it)."""
    leave_after_h: Annotated[Number, Field(ge=0, le=1000)] = 24.0
    """Hours of a home too cold to accept after which the first leave [h] [B, 6-48]."""
    leave_tau_h: Annotated[Number, Field(ge=1e-6, le=1000)] = 48.0
    """Time constant with which others follow [h] [B]; all return when the home is warm."""
    own_heat_powered_share: Annotated[tuple[Share, Share], AfterValidator(ordered)] = (0.3, 0.8)
    """Share of gas boilers in homes that needs power [B], a range drawn once per member: with backup and stoves it
    decides how many homes cool in a blackout. A deterministic run takes 0.5, as in the tables."""
    appliance_share: Share = 0.5
    """Share of internal gains that is of appliances and stops with power [B]."""
    cooker_w_per_m2: Annotated[Number, Field(ge=0, le=50)] = 10.0
    """Heat of gas cookers that people burn in cold homes, while there is gas [W/m²] [B]: set so that an unheated panel
    flat is near +1 °C after 10 to 16 days of January 2026 in Kyiv, as reported."""
    settled_for_c: Annotated[Number, Field(ge=0, le=25)] = 14.0
    """Indoor temperature that people accept and hold with heaters and cookers [°C] [B]."""
    radiator_lag_h: Annotated[Number, Field(ge=0.01, le=5)] = 0.55
    """Time for which water in radiators and pipes stores heat [h] [B]: 11 L per kilowatt, 40 K warmer than the room."""
    own_radiator_lag_h: Annotated[Number, Field(ge=0.01, le=5)] = 0.55
    """The same of homes that heat themselves [h] [B, 0.3-1.2]: steel radiators on thin pipes hold 4 L and 20 kg of
    steel per kilowatt, cast-iron ones on the wide pipes of former gravity systems 20 L and 45 kg of iron."""
    own_room_lag_h: Annotated[Number, Field(ge=0, le=5)] = 0.4
    """Time for which air, furniture and plaster store heat on its way to the walls of such homes [h] [B, 0.2-0.6]: what
    one capacity leaves out, by detached houses whose walls are followed layer by layer."""
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
    drain_below_coolant_c: Annotated[Number, Field(ge=0, le=60)] = 10.0
    """Temperature of standing water above which no loop is drained [°C], reported of January 2026."""
    drain_lead_h: Annotated[Number, Field(ge=0, le=240)] = 7.3
    """Notice of frost in a loop at which crews drain it [h] [B]: the procedure of Kyiv, to drain at −3 °C once the
    water is below 10 °C, is 5 h · ln(13/3)."""
    drain_crew_buildings_per_h: Annotated[Number, Field(ge=0, le=100)] = 1.0
    """Buildings that a crew which is sent drains in an hour [1/h] [B, 0.3-2]: two plumbers open the valves of
    one in half an hour, and drive to the next."""
    burst_repair_days: Annotated[Number, Field(ge=0.001, le=1000)] = 22.0
    """Mean time to mend burst systems [d], Alchevsk 2006."""
    burst_refill_h: Annotated[Number, Field(ge=0.01, le=1000)] = 72.0
    """Time constant of their refill and warm-up [h], Alchevsk 2006."""
    riser_repair_h: Annotated[Number, Field(ge=0.01, le=10_000)] = 72.0
    """Time constant of the mending of burst cold-water risers once homes are warm [h] [B]."""
