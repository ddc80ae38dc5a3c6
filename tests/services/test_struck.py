"""Which cuts nobody could announce: those on top where damage has just struck, not where something returns or is limited."""

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.scenario import make_scenario
from gridmodel.simulation.inputs import run_inputs

SCHEDULE, EMERGENCY = 2, 3
AT = "2026-01-05 03:00"


def at_three(**fields):
    """Return an event at three o'clock, when demand rises."""
    return {"time": AT, "target": "TR-3/hydro", "kind": "outage"} | fields


def before(**fields):
    """Return an event three hours before."""
    return at_three(time="2026-01-05 00:00", **fields)


LIMITS = {
    "nothing": [],
    "an outage ends": [before(share=0.05, duration_h=3)],
    "an outage is repaired": [before(share=0.05), at_three(kind="repair")],
    "an outage of imports ends": [before(target="TR/import", share=0.1, duration_h=3)],
    "an outage of delivery ends": [before(target="TR-1/delivery", share=0.3, duration_h=3)],
    "imports are limited in megawatts": [at_three(target="TR/import", kind="limit", value=180)],
    "imports are limited to a share": [at_three(target="TR/import", kind="limit", share=0.9)],
    "plant is limited": [at_three(kind="limit", share=0.9)],
    "lines are limited": [at_three(target="TR/transfer", kind="limit", share=0.9)],
    "delivery is limited in megawatts": [at_three(target="TR-1/delivery", kind="limit", value=900)],
    "delivery is limited to a share": [at_three(target="TR-1/delivery", kind="limit", share=0.85)],
    "damaged plant is limited": [before(share=0.05), at_three(kind="limit", share=0.9)],
}
DAMAGE = {
    "plant is lost": [at_three(share=0.05)],
    "plant is lost and heals": [at_three(kind="loss", share=0.05)],
    "plant is hit": [at_three(kind="strike", hits_before_interception=1, interception=0.5)],
    "imports are lost": [at_three(target="TR/import", share=0.1)],
    "lines are lost": [at_three(target="TR-3/transfer", share=0.05)],
    "delivery is lost": [at_three(target="TR-1/delivery", share=0.15)],
    "plant is lost while other plant returns": [before(share=0.2, duration_h=3), at_three(target="TR-1/nuclear", share=0.02)],
    "plant is lost as its limit ends": [before(kind="limit", share=0.8, duration_h=3), at_three(share=0.05)],
    "plant is lost beside a limit": [at_three(kind="limit", share=0.95), at_three(target="TR-1/nuclear", share=0.02)],
    "delivery is lost below a limit": [
        before(target="TR-1/delivery", kind="limit", value=960), at_three(target="TR-1/delivery", share=0.15)
    ],
}  # fmt: skip


@pytest.fixture
def stages(tmp_path):
    """Sub-queues off and stages by hour and region, of a run in which demand rises by a tenth at three o'clock."""

    def course(events, **changes):
        rows = [f"2026-01-{5 + hour // 24:02} {hour % 24:02}:00,{1000 * rise},{600 * rise},{400 * rise}"
                for hour in range(30) for rise in [1.1 if hour >= 3 else 1.0]]  # fmt: skip
        (tmp_path / "demand.csv").write_text("\n".join(["time,TR-1,TR-2,TR-3", *rows]) + "\n")
        result = gm.run(make_scenario({
            "name": "by hand", "network": "three-region", "weather": "three-region", "timezone": "UTC",
            "start": "2026-01-05 00:00", "end": "2026-01-05 06:00", "deterministic": True, "rotation": "queues",
            "cuts": "order", "demand": str(tmp_path / "demand.csv"), "demand_use": "replace", "events": events,
            "heater_feedback": False, "cold_load_pickup": False,
        } | changes))  # fmt: skip
        return [
            result[name].isel(member=0).transpose("time", "region").to_numpy()
            for name in ("subqueues_off", "cut_stage")
        ]

    return course


@pytest.mark.parametrize("case", LIMITS)
def test_what_returns_or_is_limited_is_announced_and_cut_by_schedule(stages, case):
    off, stage = stages(LIMITS[case])
    assert (off[2] < off[3]).all()
    assert (off <= 8).all()
    assert (stage == SCHEDULE).all()


@pytest.mark.parametrize("case", DAMAGE)
def test_what_is_cut_on_top_as_damage_strikes_is_an_emergency_for_that_step(stages, case):
    off, stage = stages(DAMAGE[case])
    assert (off[2] < off[3]).all()
    assert (off <= 8).all()
    assert stage[:, 0].tolist() == [SCHEDULE] * 3 + [EMERGENCY] + [SCHEDULE] * 2


def test_units_that_fail_are_an_emergency_and_units_that_return_are_none(tmp_path):
    """Whether a step is one is worked out from what generators of each member have left in it and in the step before."""
    rows = [f"2026-01-{5 + hour // 24:02} {hour % 24:02}:00,{need},{0.6 * need},{0.4 * need}"
            for hour in range(49) for need in [800 + 250 * (hour % 4 > 1)]]  # fmt: skip
    (tmp_path / "demand.csv").write_text("\n".join(["time,TR-1,TR-2,TR-3", *rows]) + "\n")
    scenario = make_scenario({
        "name": "by hand", "network": "three-region", "weather": "three-region", "timezone": "UTC", "members": 20,
        "start": "2026-01-05 00:00", "end": "2026-01-06 00:00", "rotation": "queues", "cuts": "order",
        "demand": str(tmp_path / "demand.csv"), "demand_use": "replace", "deterministic": False,
        "forced_outages": {name: {"mttf_h": 40, "mttr_h": 10} for name in ("thermal_coal", "hydro")},
    })  # fmt: skip
    left = np.diff(run_inputs(scenario).timeline.generator, axis=0)
    failed, returned = ((sign * left > 0).any(axis=-1).T[..., None] for sign in (-1, 1))
    result = gm.run(scenario).transpose("member", "time", "region", ...)
    off, stage = (result[name].to_numpy() for name in ("subqueues_off", "cut_stage"))
    more = (np.diff(off, axis=1) > 0) & (off[:, 1:] <= 8)
    assert np.array_equal(stage[:, 1:][more] == EMERGENCY, np.broadcast_to(failed, more.shape)[more])
    assert (more & failed).sum() > 20
    assert (more & returned & ~failed).sum() > 20
