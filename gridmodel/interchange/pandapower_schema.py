"""Schema of pandapower's tables: columns, kinds, limits and defaults, for readers and checks."""

from __future__ import annotations

from gridmodel.inputs.table_schema import Column, Table


def _name(name: str = "name") -> Column:
    return Column(name=name, required=False, meaning="Free text")


def _bus(name: str = "bus", *, to: str = "bus") -> Column:
    return Column(name=name, kind="integer", low=0, high=2**31 - 1, refers=to, meaning="Index of a bus")


def _needed(name: str, unit: str) -> Column:
    return Column(name=name, kind="number", unit=unit)


def _positive(name: str, unit: str) -> Column:
    return Column(name=name, kind="number", unit=unit, above=0.0)


def _given(name: str, unit: str, default: float = 0.0, low: float = float("-inf")) -> Column:
    return Column(name=name, kind="number", unit=unit, low=low, required=False, default=default)


def _open(*names: str, unit: str = "") -> tuple[Column, ...]:
    """Columns of numbers that may be empty."""
    return tuple(Column(name=name, kind="number", unit=unit, required=False) for name in names)


def _flag(name: str, *, default: bool) -> Column:
    return Column(name=name, kind="boolean", required=False, default=default)


def _parallel() -> Column:
    return Column(name="parallel", kind="integer", unit="1", low=1, high=10_000, required=False, default=1)


_ON = _flag("in_service", default=True)
_SCALING = _given("scaling", "1", 1.0)
_LIMITS = _open("min_p_mw", "max_p_mw", unit="MW") + _open("min_q_mvar", "max_q_mvar", unit="Mvar")
_TAP = (
    Column(name="tap_side", required=False),
    *_open("tap_neutral", "tap_min", "tap_max", "tap_step_percent", "tap_step_degree", "tap_pos"),
    Column(name="tap_changer_type", required=False),
    _flag("tap_dependency_table", default=False),
    Column(name="id_characteristic_table", kind="integer", required=False),
)
_CONSTANT = tuple(
    _given(f"const_{kind}_{power}_percent", "%") for kind in ("z", "i") for power in ("p", "q")
)  # shares of load that follow the voltage


def _table(name: str, meaning: str, *columns: Column) -> Table:
    return Table(name=name, meaning=meaning, columns=(_name(), *columns), required=name == "bus", key="")


def _winding(side: str) -> tuple[Column, ...]:
    return (
        _bus(f"{side}_bus"), _positive(f"sn_{side}_mva", "MVA"), _positive(f"vn_{side}_kv", "kV"),
        _needed(f"vk_{side}_percent", "%"), _needed(f"vkr_{side}_percent", "%"),
    )  # fmt: skip


def _three_phase(name: str) -> Table:
    powers = [
        _given(f"{power}_{phase}_{unit}", unit) for phase in "abc" for power, unit in (("p", "mw"), ("q", "mvar"))
    ]
    more = (_flag("current_source", default=True),) if name == "asymmetric_sgen" else ()
    return _table(name, "Unequal phases", _bus(), *powers, _SCALING, _ON, *more, Column(name="type", required=False))


ELEMENTS: dict[str, Table] = {
    table.name: table
    for table in (
        _table("bus", "Buses", _positive("vn_kv", "kV"), Column(name="type", required=False, default="b"),
               Column(name="zone", required=False), _ON, *_open("min_vm_pu", "max_vm_pu", unit="1")),
        _table("load", "Loads", _bus(), _needed("p_mw", "MW"), _given("q_mvar", "Mvar"), *_CONSTANT, *_open("sn_mva",
            unit="MVA"),
               _SCALING, _ON, Column(name="type", required=False), *_open("need_mw", unit="MW"), *_open("shed_cost",
               unit="EUR/MWh")),
        _table("sgen", "Generators without voltage control", _bus(), _needed("p_mw", "MW"), _given("q_mvar", "Mvar"),
               *_open("sn_mva", unit="MVA"), _SCALING, _ON, *_LIMITS, Column(name="type", required=False),
               _flag("current_source", default=True), _flag("reactive_capability_curve", default=False),
               Column(name="generator_type", required=False, default="current_source")),
        _table("gen", "Generators with voltage control", _bus(), _needed("p_mw", "MW"), _given("vm_pu", "1", 1.0, 0.0),
               *_open("sn_mva", unit="MVA"), _SCALING, _flag("slack", default=False), _given("slack_weight", "1"), _ON,
               *_LIMITS, Column(name="type", required=False), _flag("reactive_capability_curve", default=False)),
        _table("ext_grid", "Connections to the outside grid", _bus(), _given("vm_pu", "1", 1.0, 0.0),
            _given("va_degree", "deg"),
               _given("slack_weight", "1", 1.0), _ON, *_LIMITS),
        _table("line", "Lines", _bus("from_bus"), _bus("to_bus"), _positive("length_km", "km"),
            _needed("r_ohm_per_km", "ohm/km"),
               _needed("x_ohm_per_km", "ohm/km"), _given("c_nf_per_km", "nF/km"), _given("g_us_per_km", "uS/km"),
               *_open("max_i_ka", unit="kA"), _given("df", "1", 1.0), _parallel(), _ON, Column(name="type",
               required=False),
               Column(name="std_type", required=False), *_open("max_loading_percent", unit="%")),
        _table("trafo", "Transformers with two windings", _bus("hv_bus"), _bus("lv_bus"), _positive("sn_mva", "MVA"),
               _positive("vn_hv_kv", "kV"), _positive("vn_lv_kv", "kV"), _needed("vk_percent", "%"),
               _needed("vkr_percent", "%"),
               _given("pfe_kw", "kW"), _given("i0_percent", "%"), _given("shift_degree", "deg"), *_TAP, _parallel(),
               _given("df", "1", 1.0), _ON, Column(name="std_type", required=False), *_open("max_loading_percent",
               unit="%")),
        _table("trafo3w", "Transformers with three windings", *_winding("hv"), *_winding("mv"), *_winding("lv"),
            _given("pfe_kw", "kW"),
               _given("i0_percent", "%"), _given("shift_mv_degree", "deg"), _given("shift_lv_degree", "deg"), *_TAP,
               _flag("tap_at_star_point", default=False), _ON, Column(name="std_type", required=False),
               *_open("max_loading_percent", unit="%")),
        _table("impedance", "Branches in per unit", _bus("from_bus"), _bus("to_bus"), _needed("rft_pu", "1"),
            _needed("xft_pu", "1"),
               *_open("rtf_pu", "xtf_pu", unit="1"), *(_given(f"{part}_pu", "1") for part in ("gf", "bf", "gt", "bt")),
               _positive("sn_mva", "MVA"), _ON),
        _table("switch", "Switches", _bus(), Column(name="element", kind="integer", low=0, high=2**31 - 1),
               Column(name="et", choices=("b", "l", "t", "t3")), _flag("closed", default=True), _given("z_ohm", "ohm"),
               Column(name="type", required=False), *_open("in_ka", unit="kA")),
        _table("shunt", "Shunts", _bus(), _given("p_mw", "MW"), _given("q_mvar", "Mvar"), *_open("vn_kv", unit="kV"),
               _given("step", "1", 1.0), _given("max_step", "1", 1.0), _ON, _flag("step_dependency_table",
               default=False),
               Column(name="id_characteristic_table", kind="integer", required=False)),
        _table("ward", "Equivalents of a grid", _bus(), *(_given(f"{p}_{u}", u) for p, u in (("ps", "mw"), ("qs",
            "mvar"), ("pz", "mw"), ("qz", "mvar"))), _ON),
        _table("xward", "Equivalents of a grid with a voltage source", _bus(), *(_given(f"{p}_{u}", u) for p,
            u in (("ps", "mw"), ("qs", "mvar"), ("pz", "mw"), ("qz", "mvar"))),
               _needed("r_ohm", "ohm"), _needed("x_ohm", "ohm"), _given("vm_pu", "1", 1.0), _given("slack_weight",
               "1"), _ON),
        _table("motor", "Motors", _bus(), _needed("pn_mech_mw", "MW"), _given("loading_percent", "%", 100.0),
            _needed("cos_phi", "1"),
               _given("efficiency_percent", "%", 100.0), *_open("cos_phi_n", "efficiency_n_percent", "lrc_pu", "rx",
               "vn_kv"), _SCALING, _ON),
        _table("storage", "Storage", _bus(), _needed("p_mw", "MW"), _given("q_mvar", "Mvar"), *_open("sn_mva",
            "soc_percent", "min_e_mwh", "max_e_mwh"),
               _SCALING, _ON, Column(name="type", required=False)),
        _table("dcline", "Direct-current links", _bus("from_bus"), _bus("to_bus"), _needed("p_mw", "MW"),
            _given("loss_percent", "%"),
               _given("loss_mw", "MW"), _given("vm_from_pu", "1", 1.0), _given("vm_to_pu", "1", 1.0),
               *_open("max_p_mw", unit="MW"),
               *_open("min_q_from_mvar", "max_q_from_mvar", "min_q_to_mvar", "max_q_to_mvar", unit="Mvar"), _ON),
        _three_phase("asymmetric_load"),
        _three_phase("asymmetric_sgen"),
        _table("svc", "Static var compensators", _bus(), _needed("x_l_ohm", "ohm"), _needed("x_cvar_ohm", "ohm"),
               _needed("set_vm_pu", "1"), _needed("thyristor_firing_angle_degree", "deg"), _flag("controllable",
               default=True), _ON),
        _table("ssc", "Static synchronous compensators", _bus(), _needed("r_ohm", "ohm"), _needed("x_ohm", "ohm"),
               _needed("set_vm_pu", "1"), *_open("vm_internal_pu", "va_internal_degree"), _flag("controllable",
               default=True), _ON),
        _table("tcsc", "Series compensators", _bus("from_bus"), _bus("to_bus"), _needed("x_l_ohm", "ohm"),
            _needed("x_cvar_ohm", "ohm"),
               _needed("set_p_to_mw", "MW"), _needed("thyristor_firing_angle_degree", "deg"), _flag("controllable",
               default=True), _ON),
        _table("bus_dc", "Buses of direct current", _positive("vn_kv", "kV"), Column(name="type", required=False), _ON),
        _table("line_dc", "Lines of direct current", _bus("from_bus_dc", to="bus_dc"), _bus("to_bus_dc", to="bus_dc"),
            _positive("length_km", "km"),
               _needed("r_ohm_per_km", "ohm/km"), _given("g_us_per_km", "uS/km"), *_open("max_i_ka", unit="kA"),
               _given("df", "1", 1.0), _parallel(), _ON),
        _table("load_dc", "Loads of direct current", _bus("bus_dc", to="bus_dc"), _needed("p_dc_mw", "MW"), _SCALING,
            _ON, _flag("controllable", default=False)),
        _table("source_dc", "Sources of direct current", _bus("bus_dc", to="bus_dc"), _given("vm_pu", "1", 1.0), _ON),
        _table("vsc", "Converters", _bus(), _bus("bus_dc", to="bus_dc"), _needed("r_ohm", "ohm"), _needed("x_ohm",
            "ohm"), _needed("r_dc_ohm", "ohm"),
               _given("pl_dc_mw", "MW"), Column(name="control_mode_ac"), _needed("control_value_ac", ""),
               Column(name="control_mode_dc"),
               _needed("control_value_dc", ""), _flag("controllable", default=True), _ON),
        Table(name="poly_cost", meaning="Costs as polynomials", required=False, key="", columns=(
            Column(name="element", kind="integer", low=0, high=2**31 - 1), Column(name="et"),
            *(_given(name, "") for name in ("cp0_eur", "cp1_eur_per_mw", "cp2_eur_per_mw2", "cq0_eur",
            "cq1_eur_per_mvar", "cq2_eur_per_mvar2")))),
        Table(name="pwl_cost", meaning="Costs in steps", required=False, key="", columns=(
            Column(name="power_type", required=False, default="p"), Column(name="element", kind="integer", low=0,
                high=2**31 - 1), Column(name="et"))),
    )
}  # fmt: skip
"""Tables of pandapower whose columns are known; other plain tables are kept as they are."""

POINTS = ("pwl_cost", "points")
"""The one column whose cells are lists of numbers."""
OBJECTS = ("object", "controller", "recycle")
"""Columns of Python objects, which are never read."""
PASSED_OVER = (
    "group", "controller", "dtypes", "user_pf_options", "measurement", "characteristic", "profiles", "line_geodata",
    "output_writer", "q_capability_characteristic",
)  # fmt: skip
"""Parts of a file that have no effect on a power flow: not decoded, with one warning that names them."""
EXTRA = ("country", "region", "limit", "heat_system", "water_system", "archetype", "technology", "profile", "source")
"""Our tables that a pandapower net carries; see `gridmodel.interchange.writers.own_tables`."""
TWO_ENDS = {
    "line": ("from_bus", "to_bus"),
    "trafo": ("hv_bus", "lv_bus"),
    "trafo3w": ("hv_bus", "lv_bus"),
    "impedance": ("from_bus", "to_bus"),
    "tcsc": ("from_bus", "to_bus"),
    "dcline": ("from_bus", "to_bus"),
}
"""Columns of the two ends of a branch."""
SWITCHED = {"b": "bus", "l": "line", "t": "trafo", "t3": "trafo3w"}
"""Table of the elements that each kind of switch opens or joins."""
