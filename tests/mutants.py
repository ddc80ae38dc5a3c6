"""Faults put into the physics one at a time, each of which some test must notice: ``make mutants``.

A mutant replaces one piece of a module in a scratch copy of the checkout and runs the tests of its neighbourhood there.
One that passes them all has survived: a test is missing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scratch import copy_package, python

from gridmodel.inputs.files import ROOT

POWER = ("tests/services/test_power.py", "tests/simulation/test_paper.py", "tests/simulation/test_loop.py")
DISPATCH = ("tests/dispatch/test_dispatch.py", "tests/dispatch/test_dispatch_limits.py")
STORAGE = ("tests/dispatch/test_storage.py",)
DELIVERY = ("tests/events/test_delivery.py",)
WAVES = ("tests/events/test_waves.py",)
QUEUES = ("tests/services/test_queues.py",)
KINDS = ("tests/services/test_storage_kinds.py",)
IN_PART = ("tests/services/test_batteries_in_part.py",)
BEHIND = ("tests/services/test_behind_lines.py",)
BY_DATE = ("tests/services/test_by_date.py",)
SOURCES = ("tests/services/test_heat_sources.py",)
RETURN = ("tests/services/test_heat_return.py",)
CAUSES = ("tests/services/test_causes.py",)
OWN = ("tests/services/test_own_radiators.py",)
OWN_HEAT = ("tests/services/test_own_heat.py",)
LAYERS = ("tests/services/test_layers.py", "tests/services/test_cohort_rooms.py")
OUTSIDE = ("tests/services/test_outside_queues.py",)
FORECAST = ("tests/weather/test_forecast_weather.py", "tests/studies/test_forecast.py")
OWN_PLANT = ("tests/network/test_technologies.py",)
ORDER = ("tests/services/test_order.py",)
LOOP_FLOW = ("tests/services/test_loop_flow.py",)
STRUCK = ("tests/services/test_struck.py",)
CLOCK = ("tests/simulation/test_clock.py",)
DRIVERS = ("tests/results/test_drivers.py",)
DISTRICT_LOOPS = ("tests/services/test_district_loops.py",)
OTHER_NETS = ("tests/dispatch/test_other_nets.py",)
TURNS = ("tests/services/test_turns.py",)
OWN_HOUR = ("tests/services/test_own_hour.py",)
SCHEDULE = ("tests/results/test_outage_schedule.py",)
CASCADE = ("tests/services/test_cascade.py", "tests/services/test_rounds.py")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault."""

    says: str
    """What is wrong with it."""
    module: str
    """File within the package."""
    old: str
    """Text that it replaces; it stands in the file once."""
    new: str
    tests: tuple[str, ...]
    """Files of tests, one of which must fail."""


MUTANTS = (
    Mutant("interception does not vary from wave to wave", "events/waves.py",
           "betaincinv(middle * weight, (1.0 - middle) * weight, at), mean))", "middle + 0.0 * at, mean))", WAVES),
    Mutant("the correlation of a wave's weapons is taken for its weight", "events/waves.py",
           "weight = 1.0 / np.where(varies, correlation, 0.5) - 1.0", "weight = 1.0 / np.where(varies, correlation, 0.5)", WAVES),
    Mutant("every leak damages", "events/waves.py", " & (own[:, :, 1] < chance)", " & (own[:, :, 1] < 2.0 + 0 * chance)", WAVES),
    Mutant("a wave follows the number of units", "events/waves.py",
           "return np.where(total > 0, gamma / np.where(total > 0, total, 1.0), mean), own",
           "return np.where(total > 0, mean + 0.0 * gamma, mean), own", WAVES),
    Mutant("regions of a wave are as likely whatever their units", "events/waves.py",
           "mean = units / units.sum()\n    gamma", "mean = np.ones(len(units)) / len(units)\n    gamma", WAVES),
    Mutant("classes of a wave meet in different regions", "events/waves.py",
           "share, region = region_shares(target, strength, at[:, 1:], self.regions)",
           "share, region = region_shares(target, strength, (at[:, 1:] + 0.37 * place) % 1.0, self.regions)", WAVES),
    Mutant("all hits of a wave are on the first unit of a region", "events/waves.py",
           "np.minimum((which * count[found]).astype(np.intp), count[found] - 1)", "0 * count[found]", WAVES),
    Mutant("every wave has the same concentration", "events/waves.py",
           "return np.asarray(low * (high / low) ** at[:, None])", "return np.asarray(low * (high / low) ** (0.5 + 0.0 * at[:, None]))", WAVES),
    Mutant("expected waves have one type of weapon", "events/waves.py", "for flight in self.flights:\n            chance,",
           "for flight in self.flights[:1]:\n            chance,", WAVES),
    Mutant("expected waves do not cluster in regions", "events/waves.py",
           "where, weight = beta_nodes(strength * mean, strength * (1.0 - mean))", "where, weight = _sure(mean)", WAVES),
    Mutant("sites weigh less in proportion to their distance", "weather/spread.py", "POWER = 2.0", "POWER = 1.0", FORECAST),
    Mutant("the run-up is the coldest hour of the first day", "weather/run_up.py",
           "mean(axis=0, keepdims=True)", "min(axis=0, keepdims=True)", FORECAST),
    Mutant("the coldest night is that of the mean region", "studies/forecast/nights.py",
           "(weight / weight.sum())", "(0.0 * weight + 1.0 / len(weight))", FORECAST),
    Mutant("waves come in neighbouring nights", "studies/forecast/nights.py", "NIGHTS_APART = 2", "NIGHTS_APART = 1", FORECAST),
    Mutant("the control alone says which night is coldest", "studies/forecast/nights.py",
           'run.mean("member")', 'run.isel(member=0)', FORECAST),
    Mutant("units are equal", "events/sizes.py", "np.exp(normal * spread)", "np.exp(normal * spread * 0.0)", WAVES),
    Mutant("heat sources have sizes of their own for hits", "events/sizes.py", 'STREAMS.get(array, f"unit_sizes.{array}")',
           'f"unit_sizes.{array}"', WAVES),
    Mutant("a hit takes one part in the units", "events/strikes.py", "lost * sizes.share[everyone, unit[:, place]]",
           "lost / np.diff(np.append(sizes.first, sizes.share.shape[1]))[row[:, place]]", WAVES),
    Mutant("a regional network is one unit", "events/targets.py", "np.rint(size_mw / float(getattr(scenario, setting)))",
           "np.rint(size_mw * 0.0 / float(getattr(scenario, setting)))", WAVES),
    Mutant("waves are numbered with strikes", "events/timeline.py", 'name=f"wave.{self._number(event)}"',
           'name=f"wave.{event.row}"', WAVES),
    Mutant("corridors belong to an end outside the target", "events/targets.py",
           "np.where(np.isin(ends[rows, 0], event.regions), ends[rows, 0], ends[rows, 1])", "ends[rows, 0]", WAVES),
    Mutant("radiators of own heating hold nothing", "services/heat/own.py",
           'settings["own_radiator_lag_h"] + settings["own_room_lag_h"]', "settings[\"own_room_lag_h\"] * 0.0 + 0.01", OWN),
    Mutant("what radiators gave after a cut is not repaid", "services/heat/own.py",
           "push += asked_w\n    beyond -= after", "push *= 0.0\n    push += asked_w\n    beyond -= after", OWN),
    Mutant("loops share out what is left of district heat without regard to floors", "services/heat/district_loops.py",
           "lowered = least * block[_HOLDS * WIDTH + k] + (need - least) * block[_BEYOND * WIDTH + k]",
           "lowered = need * block[_BEYOND * WIDTH + k]", DISTRICT_LOOPS),
    Mutant("loops let pumps of buildings run without power", "services/heat/district_loops.py",
           "lacks = comes - block[_POWER * WIDTH + k] * block[_INSTALLED * WIDTH + k]",
           "lacks = comes - block[_INSTALLED * WIDTH + k]", DISTRICT_LOOPS),
    Mutant("loops give cookers gas that is short", "services/heat/district_loops.py",
           "block[_COOKER * WIDTH + k] * block[_FUEL * WIDTH + k]", "block[_COOKER * WIDTH + k]", DISTRICT_LOOPS),
    Mutant("a stove burns although radiators are still warm", "services/heat/own.py",
           "idle * demand_w - held_w", "idle * demand_w", OWN),
    Mutant("electric heating with a stove burns gas", "services/heat/turns.py", "[gas, kept, gas, on, on][:rows]",
           "[gas, kept, gas, on, gas][:rows]", ("tests/services/test_electric_with_stove.py",)),
    Mutant("homes outside the queues are cut with the sub-queues", "services/power/turns.py",
           "queued = np.minimum(np.divide(depth, within, out=np.ones_like(depth), where=within > 0), 1.0)",
           "return depth, depth", OUTSIDE),
    Mutant("homes outside the queues count as a thirteenth sub-queue", "services/cohorts.py",
           "working = (1.0 - outside) * working + outside * values[..., queues, :, :]",
           "working = 12 / 13 * working + 1 / 13 * values[..., queues, :, :]", OUTSIDE),
    Mutant("every home is behind a broken feeder for the same part of the time", "services/layers.py",
           "    works, regions = 1.0 - layers.broken_of(broken), power.shape[-1]\n",
           "    works, regions = 1.0 - layers.broken_of(broken), power.shape[-1]\n"
           "    works = works * 0.0 + 1.0 - broken[:, layers.regions]\n", LAYERS),
    Mutant("layers that are split take the homes of their neighbours", "services/layers.py",
           "layer + (layer < place))", "layer)", LAYERS),
    Mutant("the feeders that broke last are not mended first", "services/layers.py",
           "part = np.divide(broken[:, self.regions] - low, wide,",
           "part = np.divide(broken[:, self.regions] - 1.0 + low + wide, wide,", LAYERS),
    Mutant("rooms behind broken feeders are those of the region", "services/heat/layered.py",
           "    parts = [getattr(turns, name) for name in MERGED]\n",
           "    return turns\n    parts = [getattr(turns, name) for name in MERGED]\n", LAYERS),
    Mutant("yesterday's cold weighs as much as today's", "services/power/demand.py",
           "total[start:] += share * day[: hours - start]", "total[start:] += day[: hours - start] / 4 * 1.875",
           ("tests/services/test_demand.py",)),
    Mutant("demand falls with the cold", "services/power/demand.py",
           "np.maximum(threshold_c - reference_c, 0.0), coldest", "np.maximum(threshold_c + reference_c, 0.0), coldest",
           ("tests/services/test_demand.py",)),
    Mutant("load that returns brings no feeder nearer to its limit", "services/power/feedback.py",
           "base_kw = 1000.0 * (feeder_mw + pickup) / dwellings", "base_kw = 1000.0 * feeder_mw / dwellings",
           ("tests/services/test_feedback.py",)),
    Mutant("batteries that charge bring load that returns", "services/power/step.py",
           "before_charging[..., HOUSEHOLD], consumers", "normal[..., HOUSEHOLD], consumers",
           ("tests/services/test_feedback.py",)),
    Mutant("critical consumers without demand have power behind broken feeders", "services/power/step.py",
           "first * reach)", "first * 1.0)", ("tests/services/test_power.py", "tests/services/test_without_demand.py")),
    Mutant("critical consumers without demand have power where nobody is served", "services/power/step.py",
           "served > TOLERANCE * others_mw, live)", "True, live)", ("tests/services/test_power.py",)),
    Mutant("load returns no higher after a long outage than after a short one", "services/power/feedback.py",
           'settings["pickup_per_h"] * before.off_h', 'settings["pickup_per_h"]', ("tests/services/test_feedback.py",)),
    Mutant("pick-up never falls back", "services/power/feedback.py",
           'np.exp(-step_h / settings["pickup_tau_h"])', "1.0", ("tests/services/test_feedback.py",)),
    Mutant("what returns does not fall within its first step", "services/power/feedback.py",
           "(1.0 - left) * tau_h / step_h", "1.0", ("tests/services/test_feedback.py",)),
    Mutant("a limit of delivery follows the demand of each day", "events/delivery.py",
           "np.where(begins, steps, 0)", "np.where(damaged, steps, 0)", DELIVERY),
    Mutant("a limit of delivery refers to the demand of the hour in which it begins", "services/power/build_consumers.py",
           "np.max(by_step[first:last], axis=0)", "by_step[first]", DELIVERY),
    Mutant("a damaged network passes on the whole demand", "events/timeline.py",
           "np.where(lowered < 1.0, lowered * whole, np.inf)", "np.where(lowered < 1.0, whole, np.inf)", DELIVERY),
    Mutant("a limit of delivery lifts what a network can pass on by itself", "services/power/conditions.py",
           ", system.index.delivery_mw)", ", np.inf)", DELIVERY),
    Mutant("exempt consumers are cut with the rest", "services/power/queues.py",
           "part = by_tier * kept", "part = by_tier * 0.0", QUEUES),
    Mutant("a larger critical share takes nothing from others", "services/power/queues.py",
           "scaled = tier_share * room[..., None]", "scaled = tier_share * 1.0", QUEUES),
    Mutant("freed consumers stay out of the queues", "services/power/queues.py",
           "self.exempt * self.exempt_remaining[step], self.shared)", "self.exempt, self.shared)", QUEUES),
    Mutant("charging by cutting ignores its losses", "dispatch/shifting.py",
           "np.clip(self.efficiency * level_mw - self.deficit_mw, 0.0, self.charge_mw)",
           "np.clip(level_mw - self.deficit_mw, 0.0, self.charge_mw)", ("tests/dispatch/test_shifting.py",)),
    Mutant("a store holds more than fits", "dispatch/shifting.py",
           "full_mwh=energy_mwh[may] + room_mwh[may]", "full_mwh=energy_mwh[may] + 2.0 * room_mwh[may]", ("tests/dispatch/test_shifting.py",)),
    Mutant("what is charged later counts for no hour", "dispatch/storage.py",
           "efficiency[:, None] * self.taken_mw[:, :, 1:] - self.planned_mw[:, :, 1:]", "-self.planned_mw[:, :, 1:]", STORAGE),
    Mutant("what a surplus filled has no plan", "services/power/storage.py",
           "(stock.charged & ~idle)[:, stores].any(axis=1)", "(stock.charged & False)[:, stores].any(axis=1)", KINDS),
    Mutant("plans of what a surplus filled forget reservoirs", "services/power/storage.py",
           "        deficit - given, ahead.power_mw[:, stores]", "        deficit, ahead.power_mw[:, stores]", KINDS),
    Mutant("no plan foresees that a surplus refills", "dispatch/shifting.py",
           "np.where(refills[some], surplus_mw[some], 0.0)", "0.0 * surplus_mw[some]", ("tests/dispatch/test_refilled.py",)),
    Mutant("storage leaves critical consumers behind a line dark", "services/power/behind_lines.py",
           "np.maximum(most_mw, held_mw + critical_mw)", "most_mw", BEHIND),
    Mutant("storage behind a line displaces other plant", "services/power/behind_lines.py",
           "ratio(needed_mw, row_sum(beyond_mw))", "ratio(row_sum(beyond_mw), row_sum(beyond_mw))", BEHIND),
    Mutant("storage charges from a surplus that lines do not bring", "services/power/behind_lines.py",
           "np.minimum(cut_mw, took_mw)", "took_mw", BEHIND),
    Mutant("storage that tripped goes on charging", "services/power/cascade.py",
           "asked.takes_mw * on_share[:, system.fleet.limited]", "asked.takes_mw", BEHIND),
    Mutant("storage that was destroyed charges", "services/power/storage.py",
           "np.minimum(power_mw, ratio(room", "np.minimum(fleet.p_max_mw[limited], ratio(room", POWER),
    Mutant("reserve gives to everybody", "services/power/storage.py",
           "most[rows] = np.where(held, most[rows] * part, most[rows])", "pass", KINDS),
    Mutant("storage is full on the first night, whatever it is told", "services/power/storage.py",
           'system.options.recharge == "overnight" and step > 0', 'system.options.recharge == "overnight"', KINDS),
    Mutant("plans of storage count on all that borders can pass", "services/power/storage.py",
           "    other = within_groups(other, grid.groups, group_limits(system, step, rows))\n", "", KINDS),
    Mutant("what runs on batteries is not counted as running", "services/backup.py",
           "runs = done.share if bridged is None else done.share + bridged.share", "runs = done.share", KINDS),
    Mutant("batteries behind the meter charge for nothing", "services/behind_meter.py",
           "wanted_mw=asked * batteries", "wanted_mw=0.0 * asked * batteries", KINDS),
    Mutant("places that are on ask the grid for a part of their power", "services/behind_meter.py",
           "/ np.where(reached > NONE, reached, 1.0)", "", KINDS),
    Mutant("batteries behind the meter lose nothing", "services/behind_meter.py",
           "asked * batteries.demand_mw / batteries.efficiency", "asked * batteries.demand_mw", KINDS),
    Mutant("places that join broken feeders bring no energy", "services/behind_meter.py",
           "mix(energy[BROKEN], was, queues, now - was)", "energy[BROKEN]", KINDS),
    Mutant("places whose feeders are mended come back full", "services/behind_meter.py",
           "mix(energy[QUEUES], 1.0 - was, energy[BROKEN], was - now)", "energy[QUEUES]", KINDS),
    Mutant("places on critical feeders that come back come full", "services/behind_meter.py",
           "mix(energy[ON], 1.0 - was, energy[OFF], was - now)", "energy[ON]", KINDS),
    Mutant("places on critical feeders that go off are empty", "services/behind_meter.py",
           "mix(energy[OFF], was, energy[ON], now - was)", "0.0 * energy[OFF]", KINDS),
    Mutant("the grid is never asked for what was charged before", "services/behind_meter.py",
           "asked = (wants + owed / step_h)", "asked = wants", KINDS),
    Mutant("plant on feeders of homes is on critical ones", "services/behind_meter.py",
           'np.where(_PLANT, settings.of("critical_on_cut_feeders", 2), _AT_HOMES)', "1.0 * _AT_HOMES", KINDS),
    Mutant("plant on feeders of homes needs no critical feeder", "services/behind_meter.py",
           "np.where(_PLANT, both[..., None], 1.0)", "1.0", KINDS),
    Mutant("batteries of homes that are on are those of homes that are off", "services/battery_parts.py",
           "some = (power > NONE) & (power < 1.0 - NONE)", "some = np.zeros(power.shape, dtype=bool)", IN_PART),
    Mutant("homes of a cohort that go off come empty", "services/battery_parts.py",
           "mix(energy[part, cell], share[part, cell][:, None], rest, goes[:, None])", "0.0 * energy[part, cell]", IN_PART),
    Mutant("who went off first returns first", "services/battery_parts.py",
           "for part in range(len(share) - 1, -1, -1):", "for part in range(len(share)):", IN_PART),
    Mutant("only homes that are on break", "services/behind_meter.py",
           "energy[QUEUES] if parts is None else mean_energy(parts, energy[QUEUES])", "energy[QUEUES]", IN_PART),
    Mutant("homes that are mended bring nothing to those that are off", "services/battery_parts.py",
           "mix(parts.energy_h, was, comes, joins)", "parts.energy_h", IN_PART),
    Mutant("own technologies have no inertia", "network/fleet.py",
           'own["inertia_s"].to_dict()', '(0.0 * own["inertia_s"]).to_dict()', OWN_PLANT),
    Mutant("own technologies that charge do not", "network/fleet.py", '~own["charges"]]', 'own["charges"] | True]', OWN_PLANT),
    Mutant("no own technology burns gas", "network/model.py", 'own["gas_fired"].to_numpy(dtype=bool)', "[False] * len(own)", OWN_PLANT),
    Mutant("an outage of an own technology hits all plant", "events/targets.py",
           "in row.technologies or index.technologies]", "in index.technologies]", OWN_PLANT),
    Mutant("units fail no more often in the cold", "events/failures.py",
           "per_k * np.maximum(below_c - cold[..., region], 0.0)", "0.0 * per_k * cold[..., region]", BY_DATE),
    Mutant("supply has no memory", "services/supply.py",
           "correlation = np.exp(-step)", "correlation = 0.0 * np.exp(-step)", BY_DATE),
    Mutant("members whose slope differs have the same demand from a file", "services/power/consumers.py",
           "total = given * ratio(modelled, usual, empty=1.0)", "total = given * ratio(usual, usual, empty=1.0)", BY_DATE),
    Mutant("a hertz of 60 relieves as much as one of 50", "services/power/shock.py",
           'settings.of_rows("load_relief_per_hz", rows, 0) / scale', 'settings.of_rows("load_relief_per_hz", rows, 0)',
           ("tests/services/test_protection.py",)),
    Mutant("imports exceed the borders", "services/power/conditions.py",
           "np.minimum(np.minimum(limits[:, place] + capacity.more_import_mw[step], borders), events)",
           "np.minimum(limits[:, place] + capacity.more_import_mw[step], events)", POWER),
    Mutant("rounding of the tableau lowers a level", "dispatch/simplex.py",
           "return float(proved if allowed < proved - HELD else allowed)", "return float(min(proved, allowed))", DISPATCH),
    Mutant("full supply is asked for down to the level of some row", "dispatch/simplex.py",
           "place = int(np.argmin(allowed))", "place = int(np.argmax(allowed < 1.0))", DISPATCH),
    Mutant("no row is taken to a bound that rounding keeps it from", "dispatch/simplex.py",
           "if missing > FEASIBLE_MW * abs(tableau.body[2 + r, q]):", "if missing > 0.0:", DISPATCH),
    Mutant("a row that misses more than rounding is taken to its bound", "dispatch/simplex.py",
           "if missing > FEASIBLE_MW * abs(tableau.body[2 + r, q]):", "if missing > 1e3 * abs(tableau.body[2 + r, q]):", DISPATCH),
    Mutant("a group of generators passes its limit", "dispatch/merit.py",
           "allowed = np.minimum(total, room)", "allowed = total", DISPATCH),
    Mutant("the plant of a group is cut alike, whatever it costs", "dispatch/merit.py",
           "[[members[cost[members] == level] for level in np.unique(cost[members])] for members in groups]",
           "[[members] for members in groups]", DISPATCH),
    Mutant("the dearest plant runs first", "dispatch/merit.py",
           "np.maximum(row_sum(served)[:, None] - (below - levels), 0.0)",
           "np.maximum(row_sum(served)[:, None] - (below[:, -1:] - below), 0.0)", DISPATCH),
    Mutant("storage gives the energy that later hours need", "dispatch/storage.py",
           "np.maximum(self.remaining_mwh - later, 0.0)", "np.maximum(self.remaining_mwh, 0.0)", STORAGE),
    Mutant("storage loses nothing on its way round", "dispatch/storage.py",
           "(charge_mw * efficiency - output_mw)", "(charge_mw - output_mw)", STORAGE),
    Mutant("load does not fall with the frequency", "dispatch/frequency.py",
           "relief, pace = response.load_relief_per_hz", "relief, pace = 0.0 * response.load_relief_per_hz", CASCADE),
    Mutant("relays open as a step ends", "dispatch/frequency.py",
           "np.where(opens, off, 0.0)", "0.0 * off", CASCADE),
    Mutant("relays take critical load too", "dispatch/frequency.py",
           "np.minimum(load_mw[..., None] * np.cumsum(shares, axis=-1), most_mw[..., None])",
           "load_mw[..., None] * np.cumsum(shares, axis=-1)", CASCADE),
    Mutant("people without all three need no power to have water upstairs", "services/people.py",
           "dry = dry_street + (1.0 - dry_street) * high_floor_share", "dry = dry_street + 0.0 * high_floor_share",
           ("tests/services/test_people.py",)),
    Mutant("a unit of a heat source runs on any power at all", "services/heat/supply.py",
           "powered[..., None] >= units.needs - WHOLE",
           "powered[..., None] > units.running[..., :-1]", SOURCES),
    Mutant("homes of a source without power stay connected", "services/heat/supply.py",
           "network * (1.0 - loss_split * (1.0 - source)) * on + mobile",
           "network * (1.0 - loss_split * (1.0 - source)) + mobile", SOURCES),
    Mutant("rooms are warmed beyond their floor before others are held at it", "services/heat/supply.py",
           "floor_w * np.clip(held, 0.0, 1.0) + (need_w - floor_w) * np.clip(over, 0.0, 1.0)",
           "floor_w * np.clip(held, 0.0, 1.0) + (need_w - floor_w) * np.clip(held, 0.0, 1.0)", SOURCES),
    Mutant("mobile boilers burn gas of the network", "services/heat/supply.py",
           "* source * fuel * on + mobile_mw)", "* source * fuel * on + mobile_mw * fuel)", SOURCES),
    Mutant("hours in the cold are counted on from one cold spell to the next", "services/heat/heaters.py",
           "np.zeros(missing_w.size, missing_w.dtype), np.zeros(cold_h.size, cold_h.dtype)",
           "np.zeros(missing_w.size, missing_w.dtype), cold_h.reshape(-1).copy()", ("tests/services/test_heaters.py",)),
    Mutant("boilers with backup burn without gas", "services/heat/own.py",
           "if short and kind in NEEDS_GAS:", "if short and kind in NEEDS_GAS and kind != BACKED:", OWN_HEAT),
    Mutant("floors of own heating are as the share of district heat to theirs", "services/heat/homes.py",
           "np.divide(1.0 - district, district, out=np.zeros(len(people)), where=district > 0)",
           "np.divide(district, 1.0 - district, out=np.zeros(len(people)), where=district < 1)", OWN_HEAT),
    Mutant("a second failure costs no time", "services/heat/returning.py",
           "stages * (kept * reached)", "stages * kept", RETURN),
    Mutant("homes that come back cool those that never lost heat", "services/heat/warming.py",
           "np.where(as_warm, -1.0, np.inf)", "-1.0", ("tests/services/test_warming.py",)),
    Mutant("all drained homes come back slowly", "services/heat/states.py",
           "speeds.slow_share * drained_now", "drained_now", RETURN),
    Mutant("pipes hold their heat twice as long", "services/heat/pipes.py",
           "outside + (water - outside) * np.exp(-step_h / np.asarray(tau_h, dtype=float))",
           "outside + (water - outside) * np.exp(-step_h / 2 / np.asarray(tau_h, dtype=float))",
           ("tests/services/test_heat.py", "tests/services/test_draining.py")),
    Mutant("the same crews drain two buildings at once", "services/heat/draining.py",
           "left = np.maximum(crew_share_per_h * step_h - idle, 0.0)", "left = crew_share_per_h * step_h + 0.0 * idle",
           ("tests/services/test_draining.py",)),
    Mutant("crews drain for the rest of a step in which the last pipe has burst", "services/heat/bursting.py",
           "(1.0 - ice) * plug_h, step_h)", "(2.0 - ice) * plug_h, step_h)", ("tests/services/test_draining.py",)),
    Mutant("damage to combined heat and power weighs by what is available", "events/remaining.py",
           'table["p_max_mw"].to_numpy(dtype=float)[plants]', 'table["p_available_mw"].to_numpy(dtype=float)[plants]',
           ("tests/events/test_events.py", "tests/services/test_heat_sources.py")),
    Mutant("degree-hours below 16 °C are called those below 18 °C", "services/heat/rooms.py",
           "for counted, limit in zip(kelvin, DEGREE_HOURS_BELOW_C, strict=True):",
           "for counted, limit in zip(kelvin, COLD_THRESHOLDS_C[1:3], strict=True):",
           ("tests/services/test_cold_counts.py",)),
    Mutant("homes in turns count by the mean of a step", "services/heat/counted.py",
           "part = above * steep\n", "part = above * np.float32(1e4)\n", ("tests/services/test_degree_hours.py",)),
    Mutant("radiators do not follow as walls warm", "services/heat/own.py",
           "np.clip(falls_w, 0.0, asked_w", "np.clip(0.0 * falls_w, 0.0, asked_w", ("tests/services/test_cohort_rooms.py",)),
    Mutant("walls do not feel when their heat comes", "services/heat/turns.py",
           "air -= rises * line.by_fall", "air -= 0.0 * rises * line.by_fall", ("tests/services/test_cohort_rooms.py",)),
    Mutant("degree-hours are those of the mean cohort", "services/heat/counted.py",
           "air, swing = air_c.reshape(-1)",
           "air, swing = np.broadcast_to(air_c.mean(axis=1, keepdims=True), air_c.shape).reshape(-1)",
           ("tests/services/test_degree_hours.py",)),
    Mutant("people at places to get warm still count below 18 °C", "results/value.py",
           "below = below + (COOL_C - COLD_C) * cold * step_h(result)", "below = 0.0 * below",
           ("tests/results/test_value.py",)),
    Mutant("vulnerable people count in addition to themselves", "results/value.py",
           "(vulnerable - 1.0) * found[1]", "vulnerable * found[1]", ("tests/results/test_value.py",)),
    Mutant("risers are mended at any temperature", "services/heat/rooms.py",
           "MENDED_ABOVE_C = 5.0", "MENDED_ABOVE_C = -50.0", ("tests/services/test_cold_counts.py",)),
    Mutant("own boilers catch up beyond the set point", "services/heat/own.py",
           "np.minimum(demand_w, installed) * on", "np.minimum(demand_w, installed * on)",
           ("tests/services/test_own_heat.py",)),
    Mutant("backup of boilers charges without power", "services/heat/own.py",
           "(charge_ratio * power - share)", "(charge_ratio - share)", ("tests/services/test_own_heat.py",)),
    Mutant("draughty flats hold their heat as long as the norms say", "services/heat/inertia.py",
           "end = np.where(far < 0, low, high)", "end = np.where(far < 0, high, high)",
           ("tests/services/test_buildings.py",)),
    Mutant("water on its way to taps is not lost", "services/water.py",
           "leaks = waterworks.loss_m3_per_h + burst_m3_per_h", "leaks = 0.0 * waterworks.loss_m3_per_h + burst_m3_per_h",
           ("tests/services/test_water.py",)),
    Mutant("use of water knows no hour", "services/water.py",
           "1.0 + swing * (USE_BY_HOUR[local_h] - 1.0)", "1.0 + 0.0 * swing * USE_BY_HOUR[local_h]",
           ("tests/services/test_water.py",)),
    Mutant("wet wells never fill where lift stations are lost", "services/wells.py",
           "rate[DARK], rate[OWN] = used, -1.0", "rate[DARK], rate[OWN] = 0.0 * used, -1.0",
           ("tests/services/test_water.py", "tests/events/test_kinds.py")),
    Mutant("lift stations that run on generators are taken for some that take turns", "services/wells.py",
           "    share[OWN] = left * np.asarray(own, dtype=float)\n", "    share[OWN] = 0.0\n",
           ("tests/services/test_water.py",)),
    Mutant("heat networks of dry streets are filled with the water of others", "services/heat/source.py",
           "before.wet, dries), 0.0)", "before.wet, dries), mains)", ("tests/services/test_heat.py",)),
    Mutant("lift stations run on the waterworks' generators for nothing", "scenario/backup_systems.py",
           'needs=("pump_mw", "wastewater_pump_mw")', 'needs=("pump_mw",)', ("tests/services/test_water.py",)),
    Mutant("generators burn half of their fuel", "services/backup.py",
           "    fuel *= step_h\n", "    fuel *= step_h / 2\n", ("tests/services/test_backup.py",)),
    Mutant("crews work as fast in the cold", "events/repair.py",
           'np.where(cold, settings.of("cold_work_speed", 1), 1.0)', "np.where(cold, 1.0, 1.0)",
           ("tests/events/test_repair.py",)),
    Mutant("homes without a source also lack power at it", "services/heat/causes.py",
           "        left = left * share\n", "        left = left * 1.0\n", CAUSES),
    Mutant("homes that wait are taken for those that the source does not reach", "services/heat/causes.py",
           "rest = np.maximum(gone - broken, 0.0)", "rest = gone", CAUSES),
    Mutant("stoves stop for want of power", "services/heat/causes.py",
           "lacks_power = needs_power & (power < 1.0 - WHOLE)", "lacks_power = power < 1.0 - WHOLE", CAUSES),
    Mutant("all that lacks in the street is for want of power", "services/reservoirs.py",
           "np.minimum(off_m3_per_h, lacks)", "lacks", CAUSES),
    Mutant("what returns is an emergency", "services/power/serve.py",
           "found[rows] = struck(system, step, rows)", "found[rows] = True", STRUCK),
    Mutant("a limit of plant is damage", "services/power/struck.py",
           "fuel * of_rows(capacity.announced.generator[step], rows)", "fuel * 1.0", STRUCK),
    Mutant("a limit of delivery is damage", "services/power/struck.py", "(is_ < was) & (is_ < limit)", "is_ < was", STRUCK),
    Mutant("a full hour begins with a step", "services/setup.py", "< self.step_h)", "<= 0.0)", CLOCK),
    Mutant("a repair in the step of the damage comes too early", "events/timeline.py",
           "repair.start <= event.start", "self.begin[id(repair)] < first", ("tests/events/test_events.py",)),
    Mutant("an order keeps no reserve", "services/power/serve.py",
           "reserve_mw=lacking_mw(", "reserve_mw=0.0 * lacking_mw(", ORDER),
    Mutant("storage that charges is no reserve", "services/power/reserve.py",
           "free = row_sum(room) + row_sum(charging_mw)", "free = row_sum(room)", ORDER),
    Mutant("limits for industry are dispatched only where more is cut", "services/power/serve.py",
           "(more | limited)", "more", ORDER),
    Mutant("what an order spares does not stay in storage", "services/power/serve.py",
           "given_mw * used_share[:, None]", "given_mw", ORDER),
    Mutant("limits for industry leave exempt firms all of their power", "services/power/order.py",
           "np.zeros_like(left) if kept is None else left * kept",
           "np.zeros_like(left) if kept is None else reached_mw * kept", ORDER),
    Mutant("who is outside the queues is cut as if industry had no limits", "services/power/order.py",
           "np.where(industry[..., None] > 0, outside * share[..., None], served_mw)", "served_mw", ORDER),
    Mutant("an order costs critical consumers what the optimum serves them", "services/power/serve.py",
           "rows = np.flatnonzero(short_mw)", "rows = np.flatnonzero(short_mw < 0)", LOOP_FLOW),
    Mutant("a reserve is given up where it costs critical consumers nothing", "services/power/serve.py",
           "np.where(short_mw > TOLERANCE * critical_mw + TOLERANCE_MW, short_mw, 0.0)", "critical_mw", LOOP_FLOW),
    Mutant("feeders that spare critical consumers return at once", "services/power/serve.py",
           "at_least=stays[rows]", "at_least=0.0 * stays[rows]", LOOP_FLOW),
    Mutant("single feeders return later than whole sub-queues", "services/power/serve.py",
           'system.options.cuts == "order" and system.clock.full_hour(step)',
           "whole and system.clock.full_hour(step)", LOOP_FLOW),
    Mutant("single feeders return on top of what may return in an hour", "services/power/serve.py",
           "np.where(share < AT_ONCE_PER_H, before, 0.0)", "0.0 * before", LOOP_FLOW),
    Mutant("what an order spares is there within its hour", "dispatch/storage.py",
           "(most_mw - now_mw) * step_h - self.spared_mwh", "(most_mw - now_mw) * step_h", ORDER),
    Mutant("reserve in storage is less the more of an hour is over", "services/power/reserve.py",
           "over_h=ORDER_H, begun=True", "over_h=ORDER_H", ORDER),
    Mutant("storage gives all that an order spares where some is missed", "services/power/serve.py",
           "if len(fewer):", "if False:", ORDER),
    Mutant("whole sub-queues return faster than they may", "services/power/order.py",
           "_whole(np.maximum(at_least - SUBQUEUES * TOLERANCE, 0.0), by_timetable)", "np.floor(at_least)", ORDER),
    Mutant("second feeds take power from feeders that work", "services/power/conditions.py",
           "events = events + above_mw", "events = events + 0.0", ("tests/services/test_feeders.py",)),
    Mutant("load that returns beside broken feeders switches sub-queues off", "services/power/step.py",
           " + added.reached_pickup_mw", "", ("tests/services/test_feeders.py",)),
    Mutant("load that returns is on broken feeders like all other load", "services/power/step.py",
           "reached[..., HOUSEHOLD] += concentrated_mw", "pass", ("tests/services/test_feeders.py",)),
    Mutant("homes that take more as they return count as more homes", "services/power/homes.py",
           "served=self.served * alike", "served=self.served", ("tests/services/test_feeders.py",)),
    Mutant("load that returns reaches homes that are off again", "services/power/turns.py",
           "single(1.0 - works)", "single(0.0 * works)", ("tests/services/test_feeders.py",)),
    Mutant("the part of a sub-queue that has been off for longest returns first", "services/power/turns.py",
           '(single(settings["pickup_per_h"]) * hours)', '(single(settings["pickup_per_h"]) * hours[:1])', TURNS),
    Mutant("parts of a sub-queue have no hours of their own", "services/power/turns.py",
           "clock = hours + steps", "clock = hours[:1] + steps + 0 * hours", TURNS),
    Mutant("parts of a sub-queue that bring the most different become one", "services/power/off_parts.py",
           "(brings[:-1] - brings[1:]).argmin(axis=0)", "(brings[:-1] - brings[1:]).argmax(axis=0)", TURNS),
    Mutant("nobody is expected back", "services/power/taking_turns.py",
           "brings=coming_back(turns, on, system.settings)", "brings=0.0 * coming_back(turns, on, system.settings)",
           OWN_HOUR),
    Mutant("what was expected in vain is asked for all the same", "services/power/turns.py",
           "owed_h = owed_h - mean_over_homes", "owed_h = owed_h - 0.0 * mean_over_homes", OWN_HOUR),
    Mutant("what is owed is taken from homes that are off again", "services/power/taking_turns.py",
           "share if off is None else np.maximum(share - off, 0.0)", "share", OWN_HOUR),
    Mutant("where all feeders are broken all homes are off by turns", "services/power/taking_turns.py",
           "MOSTLY_BROKEN if timetable is None else 1.0", "2.0", OWN_HOUR),
    Mutant("load of homes that were expected begins after the step", "services/power/turns.py",
           "(turns.pickup_share + soon)", "(turns.pickup_share + soon / 2)", OWN_HOUR),
    Mutant("an order covers the mean of its hour", "services/power/step.py",
           "peak=_peak(system, added),", "peak=None,", OWN_HOUR),
    Mutant("orders by the megawatt cover the peak of the hour", "services/power/step.py",
           'or system.options.cuts != "order"', "", OWN_HOUR),
    Mutant("an order covers the peak of dead islands", "services/power/reserve.py",
           "row_sum(np.where(live.region, peak.mw, 0.0))", "row_sum(peak.mw)", OWN_HOUR),
    Mutant("plant with limited energy covers no peak with what it gives later", "services/power/reserve.py",
           "+ given_mw * self.below_h", "", OWN_HOUR),
    Mutant("homes without a demand of their own have power", "services/power/homes.py",
           "got_to * (1.0 - depth), homes.served", "got_to, homes.served", ("tests/services/test_without_demand.py",)),
    Mutant("all that homes without a demand lack is damage", "services/power/homes.py",
           "got_to * torn, homes.torn", "got_to, homes.torn", ("tests/services/test_without_demand.py",)),
    Mutant("feeders whose homes use nothing are built for nothing", "services/power/build_consumers.py",
           "evening_kw, np.inf)  #", "evening_kw, 0.0)  #", ("tests/services/test_without_demand.py",)),
    Mutant("people on broken feeders are off by rotation", "services/power/homes.py",
           "working *= 1.0 - broken", "working *= 1.0", ("tests/services/test_feeders.py",)),
    Mutant("all sub-queues are ordered off on a dead island", "services/power/service.py",
           "np.where(ordered.live, values, 0.0)", "values", ORDER),
    Mutant("all sub-queues are off where the optimum finds every feeder broken", "services/power/service.py",
           "np.where(done.off.by_rotation > 0, ", "np.where(done.off.by_rotation >= 0, ", SCHEDULE),
    Mutant("the optimum counts sub-queues in all homes", "services/power/taking_turns.py",
           "outside=turns.outside, off=of_queues)", "outside=turns.outside, off=depth)", SCHEDULE),
    Mutant("members of a Saltelli design count as independent", "results/drivers.py",
           'bool(result.attrs.get("sampling") != "saltelli")', "True", DRIVERS),
    Mutant("dc lines lose nothing of what they send", "interchange/adapter/dc_links.py",
           "arrives = 1.0 - (percent / 100.0 if np.isfinite(percent) else 0.0)", "arrives = 1.0", OTHER_NETS),
    Mutant("dc lines run without a standing loss", "interchange/adapter/dc_links.py",
           "standing if np.isfinite(standing) else 0.0, 0.0,", "0.0, 0.0,", OTHER_NETS),
    Mutant("dc lines never run backward", "interchange/adapter/dc_links.py",
           "backward = -least if least < 0 else", "backward = 0.0 if least < 0 else", OTHER_NETS),
    Mutant("links carry whatever is asked for", "interchange/adapter/dc_links.py",
           """is_forward, limit in ((True, float(row["max_p_mw"])),""",
           """is_forward, limit in ((True, 1e6 + float(row["max_p_mw"])),""", OTHER_NETS),
    Mutant("withdrawals ask for nothing", "interchange/adapter/dispatchable.py",
           "np.where(power < 0, -power, 0.0)))", "0.0))", OTHER_NETS),
    Mutant("dispatchable loads ask for what was served in the solution", "interchange/adapter/dispatchable.py",
           "np.where(need > 0, need,", "np.where(need < 0, need,", OTHER_NETS),
    Mutant("storage that acts gives nothing", "interchange/adapter/dispatchable.py",
           """return zero, -_given(frame, "min_p_mw", 0.0), zero""", "return zero, zero, zero", OTHER_NETS),
    Mutant("storage that does not act is passed over without a word", "interchange/adapter/to_arrays.py",
           """            if table == "storage":
                message""", """            if table == "nothing":
                message""", OTHER_NETS),
    Mutant("plant out of service still gives", "interchange/adapter/to_arrays.py",
           """"available": np.where(active, given, 0.0)""", """"available": given""", OTHER_NETS),
    Mutant("dead plant serves loads that hang on nothing", "interchange/adapter/to_arrays.py",
           "return np.where(bus == buses - 2, buses - 1, bus)", "return bus", OTHER_NETS),
    Mutant("help is asked for when it is needed", "studies/asking.py",
           "to_the_hour=to_the_hour) - takes", "to_the_hour=to_the_hour)", ("tests/studies/test_asking.py",)),
    Mutant("own crews that are a little late are enough", "studies/asking.py",
           "work_h = ceil(amount / per_h - 1e-9)", "work_h = int(amount / per_h)", ("tests/studies/test_asking.py",)),
    Mutant("what is needed before help arrives is needed after", "results/needs.py",
           'later = result["local_time"].to_numpy() >= since', 'later = result["local_time"].to_numpy() == result["local_time"].to_numpy()', ("tests/studies/test_remaining.py",)),
    Mutant("a lot costs its size, not its units", "studies/asking.py",
           "low, likely, high = (units * cost", "low, likely, high = (option.size * cost", ("tests/studies/test_asking.py",)),
    Mutant("squares of costs are never cut finer", "dispatch/pieces.py",
           "np.ceil(wanted - 1e-9), 1.0)", "1.0, 1.0)", OTHER_NETS),
    Mutant("chords of squares lie below them", "dispatch/pieces.py",
           "(2.0 * begin + size - start[source] - end[source])", "(begin - start[source])", OTHER_NETS),
    Mutant("costs reach no further than the tables", "dispatch/api.py",
           "return read_foreign(net, need_mw=asked, most_mw=most.max(axis=0))", "return foreign", OTHER_NETS),
    Mutant("every block of a withdrawal is worth what the first is", "interchange/adapter/costs.py",
           '_slopes(_areas(row["points"]), -middle)', '_slopes(_areas(row["points"]), 0.0 * middle - 1e-9)', OTHER_NETS),
)  # fmt: skip


def place(mutant: Mutant) -> Path:
    """Return the file that a mutant changes."""
    return ROOT / "gridmodel" / mutant.module


def survives(mutant: Mutant, folder: Path) -> bool:
    """Put the fault into a copy of the checkout, run its tests, and take it out again; True if all of them pass."""
    path = folder / "gridmodel" / mutant.module
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace(mutant.old, mutant.new), encoding="utf-8")
    passed = passes(folder, mutant.tests)
    shutil.copy2(place(mutant), path)
    return passed


def passes(folder: Path, tests: Iterable[str]) -> bool:
    """Run some tests in a copy of the checkout; True if all of them pass."""
    args = ("-m", "pytest", "-x", "-q", "-n0", "-m", "not long", "-p", "no:cacheprovider", "-W", "ignore")
    done = python(folder, *args, *tests, within_s=1800)
    if done.returncode not in {0, 1}:
        raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)
    return done.returncode == 0


def copy_checkout(folder: Path) -> Path:
    """Copy what tests need."""
    copy_package(folder)
    for name in ("networks", "weather", "scenarios"):  # a link would lead to data that are not bundled
        (folder / name).unlink()
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "docs", "validation", "benchmarks", "cli.py"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def main() -> int:
    """Try every mutant, print what became of it, and return 1 if any survived."""
    caught = 0
    with tempfile.TemporaryDirectory() as name:
        folder = copy_checkout(Path(name))
        if not passes(folder, dict.fromkeys(test for mutant in MUTANTS for test in mutant.tests)):
            print("the tests fail without any mutant")  # noqa: T201
            return 1
        for mutant in MUTANTS:
            lives = survives(mutant, folder)
            caught += not lives
            print(f"{'SURVIVED' if lives else 'caught  '}  {mutant.module}: {mutant.says}", flush=True)  # noqa: T201
    print(f"{caught} of {len(MUTANTS)} caught")  # noqa: T201
    return int(caught < len(MUTANTS))


if __name__ == "__main__":
    sys.exit(main())
