import numpy as np
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.events import build_timeline, events_schema, load_events
from gridmodel.network import build_grid, read_network
from gridmodel.sampling import stream
from gridmodel.services.measures import check_measures


def timeline(scenario, network="three-region", members=None):
    net = read_network(network)
    _, index = build_grid(net)
    count = range(scenario.draws) if members is None else members
    return build_timeline(load_events(scenario, net), scenario, net, index, list(count))


def event(**fields):
    return {"time": "2026-01-05 06:00", "target": "TR-1/heat_source", "kind": "outage"} | fields


def test_an_outage_takes_its_share_from_its_hour_for_its_duration(three):
    left = timeline(three(events=[event(share=0.4, duration_h=3)])).heat_source[:, 0, 0]
    assert left[5:10] == pytest.approx([1, 0.6, 0.6, 0.6, 1])


def test_an_outage_without_duration_lasts_to_the_end(three):
    left = timeline(three(events=[event(share=0.4)])).heat_source[:, 0, 0]
    assert (left[6:] == 0.6).all()


def test_outages_on_the_same_thing_multiply_and_the_lowest_delivery_limit_holds(three):
    events = [event(share=0.5), event(share=0.2), event(target="TR/delivery", kind="limit", share=0.7),
              event(target="TR-2/delivery", kind="limit", share=0.6)]  # fmt: skip
    got = timeline(three(events=events))
    assert got.heat_source[-1, 0] == pytest.approx([0.4, 1, 1])
    assert got.delivery_mw[-1, 0] == pytest.approx([0.7 * 1000, 0.6 * 600, 0.7 * 400])  # of the reference demand


def test_a_technology_a_zone_and_all_generation_select_their_plants(three):
    events = [event(target="TR/hydro", share=0.5), event(target="SOUTH/generation", share=0.5)]
    got = timeline(three(events=events)).generator[-1, 0]
    assert got == pytest.approx([1, 0.5, 0.25, 1])  # nuclear, coal, hydro, border


def test_fuel_reaches_gas_fired_plants_only_and_homes(three, folder, replace_cell):
    replace_cell("generators", 3, "technology", "chp")
    replace_cell("generators", 3, "id", "TR-2/chp")
    scenario = three(network=str(folder), events=[event(target="TR/fuel", kind="limit", share=0.8)])
    net = read_network(folder)
    _, index = build_grid(net)
    got = build_timeline(load_events(scenario, net), scenario, net, index, [0])
    assert got.generator[-1, 0] == pytest.approx([1, 0.8, 1, 1])
    assert got.fuel[-1, 0] == pytest.approx([0.8] * 3)


def test_import_and_delivery_can_be_limited_in_megawatts(three):
    events = [event(target="TR/import", kind="limit", value=50), event(target="TR-1/delivery", kind="limit", value=400)]
    got = timeline(three(events=events))
    assert got.import_mw[-1, 0] == 50
    assert got.delivery_mw[-1, 0] == pytest.approx([400, np.inf, np.inf])


def test_a_value_on_a_zone_is_given_to_each_of_its_regions(three):
    got = timeline(three(events=[event(target="SOUTH/delivery", kind="limit", value=300)])).delivery_mw
    assert got[-1, 0] == pytest.approx([np.inf, 300, 300])


@pytest.mark.parametrize(
    "kind", [{"share": 0.4}, {"kind": "strike", "hits_before_interception": 9, "interception": 0.0}]
)
def test_a_duration_is_rounded_up_to_whole_steps(three, kind):
    for duration_h, hours, quarters in ((0.1, 1, 1), (0.5, 1, 2), (1.1, 2, 5), (2.0, 2, 8)):
        row = event(time="2026-01-05 06:10", duration_h=duration_h, **kind)
        for step, lasts in (("1h", hours), ("15min", quarters)):
            for deterministic in (True, False):
                left = timeline(three(events=[row], step=step, deterministic=deterministic, members=1)).heat_source
                assert (left[:, 0, 0] < 1).sum() == lasts, (duration_h, step, deterministic)


def test_in_the_hour_that_the_clock_repeats_a_time_is_the_first(three):
    """Kyiv is three hours ahead until 01:00 UTC: 03:30 comes half an hour before that, and once more after it."""
    night = {"start": "2026-10-25 00:00", "end": "2026-10-25 06:00", "timezone": "Europe/Kyiv", "step": "30min"}
    left = timeline(three(events=[event(time="2026-10-25 03:30", share=0.4, duration_h=0.5)], **night)).heat_source
    assert np.flatnonzero(left[:, 0, 0] < 1).tolist() == [
        7
    ]  # 00:00 is 21:00 UTC, and 00:30 UTC is three and a half later


def test_a_repair_ends_what_began_before_it_on_that_target(three):
    events = [event(target="TR/heat_source", share=0.5),
              event(target="TR-2/heat_source", kind="repair", time="2026-01-05 10:00"),
              event(target="TR-2/heat_source", share=0.1, time="2026-01-05 12:00")]  # fmt: skip
    left = timeline(three(events=events)).heat_source[:, 0]
    assert left[9] == pytest.approx([0.5, 0.5, 0.5])
    assert left[11] == pytest.approx([0.5, 1.0, 0.5])
    assert left[12] == pytest.approx([0.5, 0.9, 0.5])


DAMAGE = {
    "outage": {"share": 0.5},
    "loss": {"share": 0.5, "healing_h": 1000},
    "limit": {"share": 0.5},
    "strike": {"hits_before_interception": 40, "interception": 0.0},
    "strike by the clock": {"kind": "strike", "hits_before_interception": 40, "interception": 0.0, "duration_h": 9},
    "wave": {"target": "TR-1", "profile": "mixed", "weapons": {"missile": {"number": 400, "interception": 0.0}}},
}


@pytest.mark.parametrize("deterministic", [True, False])
@pytest.mark.parametrize("kind", DAMAGE)
def test_a_repair_ends_what_began_before_it_in_the_same_step_with_that_step(three, kind, deterministic):
    """Damage at 06:10 and its repair at 06:40: steps of an hour lose that from six, quarters those from six and 06:15."""
    damage = event(time="2026-01-05 06:10", kind=kind) | DAMAGE[kind]
    base = {"deterministic": deterministic, "members": 1, "spare_transformers": 0}
    for repaired, hourly, quarterly in (
        ("06:40", [6], [24, 25]),
        ("06:11", [6], [24]),
        ("07:00", [6], [24, 25, 26, 27]),
    ):
        rows = [damage, event(time=f"2026-01-05 {repaired}", kind="repair")]
        for step, lost in (("1h", hourly), ("15min", quarterly)):
            for events in (rows, rows[::-1]):
                left = timeline(three(events=events, step=step, **base)).heat_source[:, 0, 0]
                assert np.flatnonzero(left < 1).tolist() == lost, (repaired, step)
    for early in ("06:00", "06:10"):  # it ends what began before it, not what comes later or with it
        left = timeline(three(events=[damage, event(time=f"2026-01-05 {early}", kind="repair")], **base)).heat_source
        assert (left[6:10, 0, 0] < 1).all()


STRIKE = {"kind": "strike", "hits_before_interception": 6, "interception": 0.5}


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("TR-1/heat_source", marks=pytest.mark.long),
        "TR/heat_source",
        pytest.param("TR/generation", marks=pytest.mark.long),
        pytest.param("TR-1/delivery", marks=pytest.mark.gate),
    ],
)
def test_the_mean_of_many_drawn_strikes_is_the_expected_value(three, target):
    events = [event(target=target, **STRIKE), event(target=target, **STRIKE, time="2026-01-05 12:00")]
    settings = {"events": events, "end": "2026-01-09 00:00", "weather": "three-region",
                "repair_crews_per_million": 1000.0, "spare_transformers": 100}  # fmt: skip
    drawn = timeline(three(**settings, deterministic=False, members=2000))
    mean = timeline(three(**settings))
    reference_mw = np.array([1000.0, 600.0, 400.0])  # what a limit of delivery has lost all damage at
    for name in ("heat_source", "generator", "delivery_mw"):
        many, one = getattr(drawn, name), getattr(mean, name)[:, 0]
        if name == "delivery_mw":
            many, one = np.minimum(many, reference_mw) / reference_mw, np.minimum(one, reference_mw) / reference_mw
        error = many.std(axis=1) / np.sqrt(many.shape[1])
        gap = np.abs(many.mean(axis=1) - one)
        assert (gap <= 3.5 * error + 1e-9).all()


def test_two_complete_hits_on_one_unit_take_it_once(three):
    sure = {"none": 0, "slight": 0, "moderate": 0, "extensive": 0, "complete": 1}
    strike = event(target="TR-3/heat_source", kind="strike", hits_before_interception=2, interception=0.0)
    got = timeline(three(events=[strike], deterministic=False, members=50, damage_state_probabilities=sure))
    assert (got.heat_source[6, :, 2] == 0).all()  # TR-3 has a single source
    assert (got.heat_source[5, :, 2] == 1).all()


def test_half_damage_twice_on_the_one_unit_multiplies(three):
    sure = {"none": 0, "slight": 0, "moderate": 1, "extensive": 0, "complete": 0}
    strike = event(target="TR-3/heat_source", kind="strike", hits_before_interception=2, interception=0.0)
    got = timeline(three(events=[strike], deterministic=False, members=5, damage_state_probabilities=sure,
                         repair_days={"heat_source": {"moderate": [100, 0]}}))  # fmt: skip
    assert got.heat_source[-1, :, 2] == pytest.approx(0.36)


def test_full_interception_leaves_everything(three):
    strike = event(kind="strike", hits_before_interception=50, interception=1.0)
    assert (timeline(three(events=[strike], deterministic=False, members=20)).heat_source == 1).all()


def test_work_stops_while_an_alert_lasts(three):
    sure = {"none": 0, "slight": 1, "moderate": 0, "extensive": 0, "complete": 0}
    strike = event(target="TR-3/heat_source", kind="strike", hits_before_interception=1, interception=0.0)
    settings = {"damage_state_probabilities": sure, "repair_days": {"heat_source": {"slight": [0.25, 0]}},
                "crew_travel_h": 0.0}  # fmt: skip
    alert = event(time="2026-01-05 08:00", target="SOUTH/crew", kind="alert", duration_h=5)
    plain = timeline(three(events=[strike], **settings, deterministic=False, members=1)).heat_source[:, 0, 2]
    held = timeline(three(events=[strike, alert], **settings, deterministic=False, members=1)).heat_source[:, 0, 2]
    assert np.flatnonzero(plain < 1).tolist() == list(range(6, 12))
    assert np.flatnonzero(held < 1).tolist() == list(range(6, 17))
    mean = timeline(three(events=[strike, alert], **settings)).heat_source[:, 0, 2]
    assert np.flatnonzero(mean < 1).tolist() == list(range(6, 17))


def test_the_first_members_do_not_depend_on_how_many_there_are(three):
    strike = event(target="TR/generation", **STRIKE)
    ten = timeline(three(events=[strike], deterministic=False, members=10)).generator
    four = timeline(three(events=[strike], deterministic=False, members=4)).generator
    assert ten[:, :4].tobytes() == four.tobytes()


def test_streams_differ_by_member_and_purpose():
    drawn = {float(stream(1, member, purpose).random()) for member in range(5) for purpose in (0, 1000, 1001)}
    assert len(drawn) == 15


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"target": "TR-4/heat_source", "share": 0.5}, "is not a region, zone or country"),
        ({"target": "TR-1/heat_sauce", "share": 0.5}, "nearest: heat_source"),
        ({"target": "TR-1/wind", "share": 0.5}, "selects nothing"),
        ({"target": "heat", "share": 0.5}, "must be place/class"),
        ({"target": "TR-1/import", "share": 0.5}, "selects nothing"),
        ({"share": 1.5}, "must be at most 1"),
        ({}, "share: is required by kind outage"),
        ({"share": 0.5, "value": 5}, "is not used by kind outage"),
        ({"share": 0.5, "duration_h": 0}, "must be more than 0"),
        ({"share": 0.5, "time": "2026-01-07 00:00"}, "is outside the run"),
        ({"share": 0.5, "time": "2026-01-04 23:00"}, "is outside the run"),
        ({"share": 0.5, "time": "noon"}, "is not a local time"),
        ({"kind": "limit"}, "kind limit takes exactly one of share, value"),
        ({"kind": "limit", "value": 5}, "cannot be given for heat_source"),
        ({"kind": "strike"}, "hits_before_interception: is required"),
        ({"kind": "bang", "share": 0.5}, "is not one of outage"),
        ({"kind": "alert", "duration_h": 5}, "does not apply to heat_source, which takes limit, loss, outage, repair, strike"),
        ({"target": "TR-1/crew", "kind": "repair"}, "does not apply to crew, which takes alert, limit, outage"),
        ({"target": "TR-1/crew", "kind": "alert"}, "duration_h: is required"),
        ({"target": "TR/fuel", "share": 0.5}, "does not apply to fuel"),
        ({"shared": 0.5}, "unknown column (nearest: share)"),
        ({"target": "line:TR-1-330--TR-2-330", "share": 1}, "single component of a bundled network"),
        ({"target": "gen:TR-1/nuclear", "share": 1}, "does not point at single assets"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_event_is_said(three, fields, message):
    with pytest.raises(gm.InputError) as caught:
        load_events(three(events=[event(**fields)]), read_network("three-region"))
    assert message in str(caught.value)


def test_a_users_own_network_can_name_a_component(three, folder):
    scenario = three(network=str(folder), events=[event(target="line:TR-1-330--TR-2-330", share=1.0)])
    net = read_network(folder)
    _, index = build_grid(net)
    got = build_timeline(load_events(scenario, net), scenario, net, index, [0])
    assert got.branch[-1, 0] == pytest.approx([0, 1, 1, 1])
    with pytest.raises(gm.InputError, match="nearest: TR-1-330--TR-2-330"):
        load_events(scenario.replace(events=(event(target="line:TR-1-330--TR-2-33", share=1.0),)), net)


def test_events_in_a_file_are_found_beside_the_scenario_with_their_lines(tmp_path):
    (tmp_path / "ev.csv").write_text("time,target,kind,share\n2026-01-05 06:00,TR-1/heat_source,outage,0.5\n"
                                     "2026-01-05 06:00,TR-1/heat_source,outage,7\n")  # fmt: skip
    (tmp_path / "s.yaml").write_text("name: x\nnetwork: three-region\nweather: three-region\nstart: 2026-01-05\n"
                                     "end: 2026-01-06\nevents: ev.csv\n")  # fmt: skip
    with pytest.raises(gm.InputError, match=r"ev.csv:3: share: '7' must be at most 1"):
        load_events(gm.load_scenario(tmp_path / "s.yaml"), read_network("three-region"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("time|target|kind|share\n2026-01-05 06:00|TR-1/heat_source|outage|0.5\n", "bars"),
        ("\ntime|target|kind, what|share\n2026-01-05 06:00|TR-1/heat_source|outage|0.5\n", "bars"),
    ],
)
def test_a_table_with_another_separator_is_one_problem_that_says_so(tmp_path, three, text, name):
    (tmp_path / "ev.csv").write_text(text)
    with pytest.raises(gm.InputError) as caught:
        load_events(three(events=str(tmp_path / "ev.csv")), read_network("three-region"))
    assert [str(problem) for problem in caught.value.problems] == [
        f"ev.csv:1: separates columns by {name}; they must be separated by commas "
        "(save it as CSV with commas between columns, and points in numbers)"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "time;target;kind;share\n2026-01-05 06:00;TR-1/heat_source;outage;0,5\n",
        '\n"time";"target";"kind";"share"\n"2026-01-05 06:00";"TR-1/heat_source";"outage";"0,5"\n',
        "time\ttarget\tkind\tshare\n2026-01-05 06:00\tTR-1/heat_source\toutage\t0.5\n",
    ],
)
def test_events_with_semicolons_or_tabs_are_those_with_commas(tmp_path, three, text):
    (tmp_path / "ev.csv").write_text(text)
    (read,) = load_events(three(events=str(tmp_path / "ev.csv")), read_network("three-region"))
    assert (read.kind, read.share, read.cells["target"]) == ("outage", 0.5, "TR-1/heat_source")


def test_the_events_schema_accepts_the_bundled_rows_and_refuses_an_unknown_kind():
    checker = Draft202012Validator(events_schema())
    good = {"time": "2026-01-09 02:00", "target": "UA-30/heat_source", "kind": "outage", "share": 0.5}
    checker.validate([good])
    assert list(checker.iter_errors([good | {"kind": "bang"}]))


def test_a_duration_that_a_strike_gives_itself_is_of_the_clock(three):
    strike = event(target="TR-3/heat_source", kind="strike", hits_before_interception=1, interception=0.0, duration_h=4)
    sure = {"none": 0, "slight": 0, "moderate": 0, "extensive": 0, "complete": 1}
    alert = event(time="2026-01-05 07:00", target="TR/crew", kind="alert", duration_h=5)
    for deterministic in (True, False):
        got = timeline(
            three(events=[strike, alert], deterministic=deterministic, members=1, damage_state_probabilities=sure)
        )
        assert np.flatnonzero(got.heat_source[:, 0, 2] < 1).tolist() == [6, 7, 8, 9]


def test_a_region_that_no_corridor_leaves_has_no_transfer_to_hit(three, folder):
    lines = (folder / "lines.csv").read_text().splitlines()
    (folder / "lines.csv").write_text("\n".join(line for line in lines if "TR-2" not in line.split(",")[0]) + "\n")
    with pytest.raises(gm.InputError, match="selects nothing"):
        load_events(three(network=str(folder), events=[event(target="TR-2/transfer", share=0.5)]), read_network(folder))


def test_many_members_drawn_in_blocks_are_those_drawn_at_once(three, monkeypatch):
    from gridmodel.events import strikes as module

    strike = event(target="TR/generation", **STRIKE)
    whole = timeline(three(events=[strike], deterministic=False, members=9)).generator
    monkeypatch.setattr(module, "MAX_CELLS", 400.0)
    assert timeline(three(events=[strike], deterministic=False, members=9)).generator.tobytes() == whole.tobytes()


@pytest.mark.parametrize("rows", [[{}], [{"time": None, "target": "", "kind": None}]])
def test_an_empty_event_is_no_event_and_said_so(three, rows):
    with pytest.raises(gm.InputError, match="events, row:1: is empty"):
        load_events(three(events=rows), read_network("three-region"))


def test_inline_events_are_numbered_as_they_stand(three):
    good = event(share=0.5, note="two\nlines")
    with pytest.raises(gm.InputError, match=r"events, row:2: share: '7' must be at most 1"):
        load_events(three(events=[good, event(share=7)]), read_network("three-region"))


INLINE = """\
name: x
network: three-region
weather: three-region
start: 2026-01-05
end: 2026-01-06
mitigations:
  - {kind: import, size: 3}
  - kind: mobile_boiler
    size: 3
    region: TR-9
events:
  - {time: 2026-01-05 06:00, target: TR-1/heat_source, kind: outage, share: 0.5}
  - time: 2026-01-05 06:00
    # half of it
    target: TR-1/heat_sauce
    kind: outage
    shard: 0.5
  -
    {}
  - {time: 2026-02-05 06:00, target: TR-1/heat_source, kind: outage, share: 0.5}
  - time: 2026-01-05 06:00
    target: TR-1/heat_source
    kind: outage
"""


def test_events_and_help_that_stand_in_a_scenario_have_its_lines(tmp_path):
    (tmp_path / "s.yaml").write_text(INLINE)
    scenario, network = gm.load_scenario(tmp_path / "s.yaml"), read_network("three-region")
    with pytest.raises(gm.InputError) as caught:
        load_events(scenario, network)
    assert [str(problem) for problem in caught.value.problems] == [
        "s.yaml:17: shard: is an unknown column (nearest: share)",
        "s.yaml:19: is empty",
        "s.yaml:15: target: 'heat_sauce' is not a class that events can hit (nearest: heat_source)",
        "s.yaml:13: share: is required by kind outage",
        "s.yaml:20: time: '2026-02-05 06:00' is outside the run, 2026-01-05 00:00 to 2026-01-06 00:00 "
        "(leave such rows out, or move the start or the end)",
        "s.yaml:21: share: is required by kind outage",
    ]
    assert [str(problem) for problem in check_measures(scenario, network)] == [
        "s.yaml:10: region: 'TR-9' is not a region of this network (nearest: TR-3)"
    ]


def test_rows_that_take_the_place_of_those_in_the_file_are_numbered(tmp_path):
    (tmp_path / "s.yaml").write_text(INLINE)
    scenario = gm.load_scenario(tmp_path / "s.yaml")
    with pytest.raises(gm.InputError, match=r"^events, row:1: share: '7' must be at most 1 \(write 0.07 or 7%\)$"):
        load_events(scenario.replace(events=[event(share=7)]), read_network("three-region"))
    with pytest.raises(gm.InputError, match=r"s.yaml:17: shard: is an unknown column"):
        load_events(scenario.replace(seed=3), read_network("three-region"))


def test_a_bundled_events_file_can_be_named_from_anywhere(tmp_path):
    scenario = gm.load_scenario("january-2026").replace(folder=tmp_path)
    network = read_network("ukraine")
    assert (
        len(load_events(scenario, network)) == len(load_events(scenario.replace(events="january-2026"), network)) == 6
    )
    (tmp_path / "e.csv").write_text("")
    with pytest.raises(gm.InputError, match=r"e\.csv: is empty"):
        load_events(scenario.replace(events="e.csv"), network)


def test_a_loss_heals_by_whole_days_along_an_exponential_and_is_over_below_a_hundredth(three):
    # 0.32 is lost and halves each day: 0.32, 0.16, 0.08, 0.04, 0.02, 0.01, and less than a hundredth from the sixth on
    lost = event(kind="loss", time="2026-01-05 06:00", share=0.32, healing_h=24 / np.log(2))
    left = timeline(three(events=[lost], end="2026-01-13 00:00")).heat_source[:, 0, 0]
    assert left[5] == 1
    assert left[6:30] == pytest.approx([0.68] * 24)
    assert left[30] == pytest.approx(0.84)
    assert left[6 + 24 * 4] == pytest.approx(0.98)
    assert left[6 + 24 * 6] == 1


def test_losses_of_a_zone_heal_at_one_pace_that_each_member_draws_and_other_zones_at_another(three):
    events = [event(kind="loss", target="TR/heat_source", share=0.5),
              event(kind="loss", target="TR-1/water_pumping", share=0.4)]  # fmt: skip
    scenario = three(events=events, deterministic=False, members=60, healing_days=[1, 30], end="2026-01-08 00:00")
    got = timeline(scenario)
    zones = read_network("three-region").zones
    first, last = zones.index(zones[0]), next(place for place, zone in enumerate(zones) if zone != zones[0])
    after = got.heat_source[6 + 24, :, :]
    pace = -np.log((1 - after[:, first]) / 0.5)  # days over healing time
    other = -np.log((1 - got.water_pumping[6 + 24, :, 0]) / 0.4)
    assert other == pytest.approx(pace)  # one pace of a zone in all its losses
    assert not np.allclose(after[:, first], after[:, last])
    days = np.log(1 / pace) / np.log(30)  # even in the logarithm
    assert 0.4 < days.mean() < 0.6
    assert (pace >= 1 / 30 - 1e-9).all()
    assert (pace <= 1 + 1e-9).all()
    few = timeline(scenario, members=[5]).heat_source
    assert few[:, 0] == pytest.approx(got.heat_source[:, 5])
    plain = timeline(three(events=events, healing_days=[4, 9], end="2026-01-08 00:00")).heat_source
    assert plain[6 + 24, 0, 0] == pytest.approx(1 - 0.5 * np.exp(-1 / 6))  # the geometric mean of 4 and 9 days


def test_a_corridor_between_two_zones_heals_as_the_slower_of_them(three):
    events = [event(kind="loss", target="TR/transfer", share=0.5)]
    scenario = three(events=events, deterministic=False, members=20, healing_days=[1, 30], end="2026-01-08 00:00")
    net = read_network("three-region")
    _, index = build_grid(net)
    left = timeline(scenario).branch[6 + 24]
    heat = timeline(scenario.replace(events=[event(kind="loss", target="TR/heat_source", share=0.5)])).heat_source[30]
    for place, (one, two) in enumerate(index.branch_region):
        if one != two:
            here, there = (end if end >= 0 else max(one, two) for end in (one, two))
            expected = np.minimum(heat[:, here], heat[:, there])  # the same within a zone
            assert left[:, place] == pytest.approx(expected)


def test_a_loss_needs_its_share_and_takes_no_duration(three):
    with pytest.raises(gm.InputError) as caught:
        timeline(three(events=[event(kind="loss", duration_h=3)]))
    assert [problem.field for problem in caught.value.problems] == ["share", "duration_h"]


def test_events_after_the_end_of_a_shorter_run_are_one_message_with_their_count_and_what_to_do(tmp_path):
    rows = "".join(f"2026-01-1{day} 00:00,TR-1/delivery,limit,0.5\n" for day in range(6))
    (tmp_path / "e.csv").write_text(f"time,target,kind,share\n2026-01-05 02:00,TR-1/delivery,limit,0.5\n{rows}")
    (tmp_path / "s.yaml").write_text(
        "name: x\nnetwork: three-region\nweather: three-region\ntimezone: UTC\nstart: 2026-01-05 00:00\n"
        "end: 2026-01-06 00:00\nevents: e.csv\n"
    )
    got = CliRunner().invoke(main, ["scenario", "check", str(tmp_path / "s.yaml")])
    assert got.stderr.splitlines() == [
        "error: e.csv:3: time: '2026-01-10 00:00' is outside the run, 2026-01-05 00:00 to 2026-01-06 00:00 (leave such "
        "rows out of a copy of the file, or move the start or the end; 5 more like it, to line 8)",
        "1 problem; nothing was written.",
    ]
