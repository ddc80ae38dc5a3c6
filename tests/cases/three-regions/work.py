"""The case worked out with plain arithmetic: ``python work.py > expected.csv``. Nothing of gridmodel is imported."""

import math

print("variable,region,step,selection,value")


def say(variable, region, step, value, selection=""):
    """One row."""
    print(f"{variable},{region},{step},{selection},{value!r}")


# Electricity: 2,000 MW are needed, 600 + 500 + 200 + 200 (imports) are there, critical consumers (30 %) come first.
need = {"TR-1": 1000.0, "TR-2": 600.0, "TR-3": 400.0}
there = 600.0 + 500.0 + 200.0 + 200.0
critical = 0.3 * sum(need.values())
others = (there - critical) / (0.7 * sum(need.values()))  # share of the others that is served
for region, mw in need.items():
    for step in (0, 1):
        say("served_mw", region, step, 0.3 * mw, "tier=critical")
        say("served_mw", region, step, others * 0.3 * mw, "tier=household")
        say("shed_mw", region, step, (1 - others) * 0.2 * mw, "tier=industry")
people = {"TR-1": 1_000_000, "TR-2": 600_000, "TR-3": 400_000}
for region, count in people.items():
    say("people_without_power", region, 1, count * (1 - others))

# Plant: critical, but 15 % of it is on feeders that are cut with the others; generators cover what is missing.
plant = 0.85 + 0.15 * others
for region, mw, own in (("TR-1", 16.0, 5.0), ("TR-2", 10.0, 3.0), ("TR-3", 7.0, 2.0)):
    say("service_power_share", region, 0, plant)
    say("backup_share", region, 0, min(1 - plant, 0.9 * own / mw), "system=heat")  # nine of ten start
say("backup_share", "TR-1", 0, min(1 - others, 0.9), "system=telecom")
say("dark_share", "TR-1", 0, 0.0, "system=telecom")
# Fuel: what heat burns in an hour is back by the next, as trucks bring more than all systems burn.
brought = 3.0 * 1.0 * 17.5 / 6.0
burned = (1 - plant) * 16.0 + (1 - plant) * 9.0 + (1 - others) * 3.0
assert brought > burned
say("backup_fuel_h", "TR-1", 0, 24.0, "system=heat")
say("backup_fuel_h", "TR-1", 0, 4.0, "system=telecom")

# Water: TR-2 loses its pumping in step 1. Of 6,000 m3/h half is lost on the way at all hours; taps draw the other half
# times the hour's share of the day's water, where they run.
taps = 1 - 0.2 * (1 - others)  # a fifth lives on floors that need power
percent = {1: 3.2, 2: 2.5, 3: 2.6, 4: 3.5, 5: 4.1, 6: 4.5, 7: 4.9}  # of the day's water, by hour
stored = 36_000.0
say("water_stored_m3", "TR-2", 0, stored)  # pumps give 0.946429 x 7,200 m3/h, more than is drawn
for step, part in percent.items():
    wanted = 3_000.0 + 3_000.0 * part * 24 / 100 * taps
    street = min(stored / wanted, 1.0)  # of the streets have water
    stored = max(stored - wanted, 0.0)
    say("water_stored_m3", "TR-2", step, stored)
    say("water_served_share", "TR-2", step, street * taps)
    say("people_dry_street", "TR-2", step, 600_000.0 * (1 - street))
    say("people_dry_high_floors", "TR-2", step, 600_000.0 * street * (1 - taps))
assert 0 < street < 1  # the reservoir runs dry within step 7
say("water_served_share", "TR-2", 8, 0.0)
say("people_without_water", "TR-2", 8, 600_000.0)
say("litres_per_person_day", "TR-1", 1, 120.0 * taps)

# Homes: 40 % of those on district heat in TR-1 lose it in step 1. One panel block at -10 °C, by ISO 13790.
window, opaque, vent, capacity, mass_area, surface = 0.5, 0.95, 0.5, 260_000 / 3600, 3.0, 4.5
h_is, h_ms = 3.45 * surface, 9.1 * mass_area
h1 = 1 / (1 / vent + 1 / h_is)
h2 = h1 + window
h3 = 1 / (1 / h2 + 1 / h_ms)
to_mass, to_surface = mass_area / surface, 1 - mass_area / surface - window / (9.1 * surface)
out = -10.0


def after(mass, heat, gains):
    """Mass at the end, mean mass and air of an hour: half of heat and of gains goes to the air."""
    air_w, rest = 0.5 * (heat + gains), 0.5 * (heat + gains)
    through = to_surface * rest + window * out + h1 * (air_w / vent + out)
    drive = to_mass * rest + opaque * out + h3 * through / h2
    end = (mass * (capacity - 0.5 * (h3 + opaque)) + drive) / (capacity + 0.5 * (h3 + opaque))
    mean = 0.5 * (mass + end)
    surfaces = (h_ms * mean + through) / (h_ms + window + h1)
    return end, (h_is * surfaces + vent * out + air_w) / (h_is + vent)


# Long held at 20 °C with 3 W/m2 of gains: mass and heat solve air(mass, heat) = 20 and end(mass, heat) = mass.
e0, a0 = after(0.0, 0.0, 3.0)
em, am = (x - y for x, y in zip(after(1.0, 0.0, 3.0), (e0, a0), strict=True))
eh, ah = (x - y for x, y in zip(after(0.0, 1.0, 3.0), (e0, a0), strict=True))
# mass (1 - em) = e0 + eh heat ; a0 + am mass + ah heat = 20
heat = (20 - a0 - am * e0 / (1 - em)) / (ah + am * eh / (1 - em))
mass = (e0 + eh * heat) / (1 - em)
gains = 3.0 * (1 - 0.5 * (1 - others))  # half of the gains is of appliances, which run where there is power
# In step 0 fewer appliances run, so sources give a little more; radiators follow with a lag of 0.55 h.
stays = math.exp(-1 / 0.55)
lag = (1 - stays) * 0.55
need0 = (20 - a0 - am * mass - (after(0.0, 0.0, gains)[1] - a0)) / ah
emitted = need0 + (heat - need0) * lag
radiator = need0 + (heat - need0) * stays
mass0, air0 = after(mass, emitted, gains)
say("heat_supplied_mw_th", "TR-1", 0, need0 * 10_000_000 / 1e6)
say("indoor_temperature", "TR-1", 0, air0, "archetype=panel_5_9_storey_uninsulated;heat_state=connected")
# Step 1: no heat comes to the 40 %; what is in the radiators still does.
mass1, air1 = after(mass0, radiator * lag, gains)
say("home_share", "TR-1", 1, 0.6, "heat_state=connected")
say("home_share", "TR-1", 1, 0.4, "heat_state=no_circulation")
say("indoor_temperature", "TR-1", 1, air1, "archetype=panel_5_9_storey_uninsulated;heat_state=no_circulation")
# Step 2: above 14 °C nobody lights a cooker or plugs in a heater yet.
radiator1 = radiator * stays
_, air2 = after(mass1, radiator1 * lag, gains)
assert air2 > 14
say("indoor_temperature", "TR-1", 2, air2, "archetype=panel_5_9_storey_uninsulated;heat_state=no_circulation")
# Water in their loops: T' = T_x + (T - T_x) exp(-t / 5 h) from 60 °C; hours left = 5 ln((T + 10) / 10).
for step in (1, 2, 3):
    water = out + 70 * math.exp(-step / 5)
    say("deadline_to_drain", "TR-1", step, 5 * math.log((water - out) / (0 - out)))
