"""How pumped storage and batteries refill, and what that is worth: ``python -m validation.recharge``.

January 2026 with expected values, once with each way to refill.
"""

from __future__ import annotations

import sys

from gridmodel.results.metrics import ens_mwh
from gridmodel.results.steps import step_h
from gridmodel.scenario import load_scenario
from gridmodel.studies.run import run

STORES = ["pumped_storage", "battery"]
"""Technologies that charge."""


def main() -> None:
    """Print what stores give and take, what is missing in the deepest hour, and the energy that is not served."""
    sys.stdout.write("recharge    given   taken  not served  deepest hour\n")
    for recharge in ("surplus", "overnight", "cutting"):
        result = run(load_scenario("january-2026").replace(deterministic=True, recharge=recharge))
        hours = step_h(result)
        given = float(result["generation_mw"].sel(technology=STORES).sum(dtype=float)) * hours / 1e3
        taken = float(result["charging_mw"].sel(technology=STORES).sum(dtype=float)) * hours / 1e3
        deepest = float(result["shed_mw"].sum(("region", "tier")).max()) / 1e3
        unserved = float(ens_mwh(result).mean()) / 1e3
        sys.stdout.write(f"{recharge:<9} {given:4.1f} GWh {taken:4.1f} GWh {unserved:7,.0f} GWh {deepest:10.2f} GW\n")


if __name__ == "__main__":
    main()
