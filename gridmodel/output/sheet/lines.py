"""Lines of a sheet for a terminal: what happens, by when, what to ask for, what waves add, what a budget buys."""

from __future__ import annotations

from gridmodel.output.sheet.page import SheetPage, in_one, lower
from gridmodel.output.sheet.purchase import bought_of
from gridmodel.results.sheet import Want
from gridmodel.studies.asking import AskBy


def lines_of(page: SheetPage) -> list[str]:
    """Return the lines that matter most, one for each part of the sheet; no brackets stand within others."""
    figures = [f"{one['title']}: {in_one(one)}" for one in page.figures]
    lines = [f"{page.place}, {' – '.join(page.days)}. {_listed(figures)}."]
    if page.numbers.region:
        lines.append(" ".join(page.t("line_due", **row) for row in page.dues) or page.never)
    lines.append(_asks(page))
    lines += [page.added] if page.added else []
    bought = bought_of(page)
    if bought is not None:
        says = " ".join(part for part in (bought["says"], "; ".join(bought["lines"])) if part)
        worth = page.t("worth", list=bought["worth"]) if bought["worth"] else ""
        lines.append(" ".join(part for part in (f"{says.removesuffix('.')}.", worth, bought["next"]) if part))
    return lines


def _asks(page: SheetPage) -> str:
    """Return what to ask for, by the time at which it must be asked for, the earliest first."""
    wants = page.numbers.wants
    if not wants:
        return page.t("ask_nothing")
    groups: dict[AskBy | None, list[str]] = {}
    enough = []
    for want in sorted(wants, key=lambda one: _order(page.asked_by(one))):
        own, amount = page.own_work(want), page.asked(want)
        if own is not None and not own.missing:
            enough.append(page.t("line_own", start=page.start_words(own), n=page.number(amount)))
        else:
            asked = _amount(page, want, amount if own is None else own.missing)
            groups.setdefault(page.asked_by(want), []).append(asked)
    said = [page.t("line_ask_unknown" if when is None else "line_ask", when=_when(page, when), list="; ".join(what))
            for when, what in groups.items()]  # fmt: skip
    return " ".join([*([page.t("line_asks"), *said] if said else []), *enough])


def _order(asked: AskBy | None) -> tuple[int, str]:
    """Return a key by which what is too late comes first, then what is to be asked for now, then by time."""
    if asked is None:
        return 3, ""
    return (0 if asked.late else 1, "") if asked.moment is None else (2, str(asked.moment))


def _when(page: SheetPage, asked: AskBy | None) -> str:
    """Return when to ask, for the beginning of a sentence."""
    words = page.asked_words(asked)
    return page.t("line_ask_by", when=words) if asked is not None and asked.moment else words[:1].upper() + words[1:]


def _amount(page: SheetPage, want: Want, amount: float) -> str:
    """Return an amount of a need with its noun."""
    return page.t(f"a_{want.key}", n=page.number(amount))


def _listed(parts: list[str]) -> str:
    """Return parts of one sentence."""
    return "; ".join([*parts[:1], *map(lower, parts[1:])])
