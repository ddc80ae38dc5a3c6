"""Make the pages and the picture that come out of the code: ``python docs/make.py`` (``--check`` to compare)."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console

import gridmodel as gm
from gridmodel import calibration
from gridmodel.commands import summary
from gridmodel.names import VARIABLES
from gridmodel.network import TABLES
from gridmodel.scenario import Parameters, drawable

HERE = Path(__file__).resolve().parent


def variables_page() -> str:
    """Variables of a result, from the table that the code uses."""
    lines = ["# Variables of a result", "", "`gridmodel.run` returns one dataset. Time is UTC, start of the step; "
             "`local_time` stands beside it.", "", "| variable | dimensions | unit | what it is |", "|---|---|---|---|"]  # fmt: skip
    lines += [f"| `{name}` | {', '.join(v.dims)} | {v.units} | {v.long_name} |" for name, v in VARIABLES.items()]
    return "\n".join(lines) + "\n"


def parameters_page() -> str:
    """Numbers that a scenario may override, those that are unconfirmed apart."""
    lines = ["# Numbers of the physics", "", "Every number is a setting of a scenario. Those marked [B] are "
             "**unconfirmed**: background knowledge or a modelling choice. A pair is a range that each member draws from. "
             "Those with a mark can be given a distribution in place of a number, as can `import_limit_mw`, "
             "`interception` and each technology's `availability`: see [uncertainty](uncertainty.md).", "",
             "| setting | default | drawn | what it is |", "|---|---|---|---|"]  # fmt: skip
    for name, field in Parameters.model_fields.items():
        meaning = " ".join((field.description or "").split())
        mark = "yes" if name in drawable() else ""
        lines.append(f"| `{name}` | {_shown(field.default)} | {mark} | {meaning} |")
    lines += ["", "Unconfirmed numbers of the bundled networks are listed in their own READMEs, those of the weather "
              "in `weather/README.md`."]  # fmt: skip
    return "\n".join(lines) + "\n"


def tables_page() -> str:
    """Tables of a network folder, from the schema that the reader uses."""
    lines = ["# Tables of a network folder", "", "Every row also carries `source` (keys into `sources.csv`, separated by "
             "semicolons) and `confidence` (high, medium, low or assumed)."]  # fmt: skip
    for table in TABLES.values():
        lines += ["", f"## {table.name}.csv", "", table.meaning + ("." if table.required else ". May be left out."), "",
                  "| column | unit | what it is |", "|---|---|---|"]  # fmt: skip
        for column in table.columns:
            if column.name in {"source", "confidence"}:
                continue
            optional = "" if column.required else " (may be empty)"
            choices = f": {', '.join(column.choices)}" if column.choices else ""
            lines.append(f"| `{column.name}` | {column.unit} | {column.meaning}{choices}{optional} |")
    return "\n".join(lines) + "\n"


def calibration_page() -> str:
    """How the bundled scenarios compare with what was reported."""
    found = calibration.rows(*calibration.runs())
    lines = ["# What the model says beside what was reported", "",
             "Made by `python -m gridmodel.calibration`. Sources are keys of `networks/*/sources.csv`."]  # fmt: skip
    for kind, words in calibration.KINDS.items():
        lines += ["", f"## {kind.capitalize()} rows", "", words, "", "| what | model | expected | holds | source |",
                  "|---|---|---|---|---|"]  # fmt: skip
        for row in found:
            if row.kind == kind:
                remark = f"<br>{row.remark}" if row.remark else ""
                verdict = "yes" if row.holds else "**no**"
                lines.append(f"| {row.what}{remark} | {row.shown} | {row.low:.3g} to {row.high:.3g} "
                             f"| {verdict} | {row.source} |")  # fmt: skip
    return "\n".join(lines) + "\n"


def picture() -> str:
    """The summary of the bundled January, as a terminal shows it."""
    console = Console(record=True, width=80, file=io.StringIO(), highlight=False, markup=False, force_terminal=True)
    summary.print_summary(gm.run("january-2026"), Path("runs/january-2026"), screen=console)
    drawn = console.export_svg(title="gridmodel run", unique_id="gridmodel", clear=True)
    plain = re.sub(r"@font-face \{.*?\n    \}|<!--.*?-->", "", drawn, flags=re.DOTALL)  # no fonts from elsewhere
    return "\n".join(line.rstrip() for line in plain.splitlines() if line.strip()) + "\n"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items()) or "see `events/damage.py`"
    if isinstance(value, tuple):
        return ", ".join(value) if isinstance(value[0], str) else f"{value[0]} to {value[1]}"
    return "the network's" if value is None else str(value)


PAGES = {
    "variables.md": variables_page,
    "parameters.md": parameters_page,
    "tables.md": tables_page,
    "calibration.md": calibration_page,
    "run.svg": picture,
}


def main() -> int:
    """Write the pages, or say which differ."""
    stale = [name for name, make in PAGES.items() if not (HERE / name).is_file() or (HERE / name).read_text() != make()]
    if "--check" in sys.argv:
        sys.stdout.write(f"stale: {', '.join(stale)}\n" if stale else "all pages are up to date\n")
        return 1 if stale else 0
    for name in stale:
        (HERE / name).write_text(PAGES[name]())
    return 0


if __name__ == "__main__":
    sys.exit(main())
