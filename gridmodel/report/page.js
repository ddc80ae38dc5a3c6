"use strict";
const W = JSON.parse(document.getElementById("words").textContent);
const N = JSON.parse(document.getElementById("numbers").textContent);
const S = N.summary, $ = (id) => document.getElementById(id);
let lang = document.documentElement.lang, opened = null, sorted = ["ph_heat", -1];

const t = (key, values = {}) =>
  (W[key] ? W[key][lang] : String(key).replaceAll("_", " ")).replace(/\{(\w+)\}/g, (_, name) => values[name]);
const locale = () => (lang === "uk" ? "uk-UA" : "en-GB");
const num = (value, digits = 3) => value === null || value === undefined || Number.isNaN(value) ? "–"
  : new Intl.NumberFormat(locale(), {maximumSignificantDigits: digits}).format(value);
const whole = (value) => value === null || value === undefined ? "–" : new Intl.NumberFormat(locale(), {maximumFractionDigits: 0}).format(Number(value.toPrecision(3)));
const fixed = (value, digits) => value === null || value === undefined ? "–"
  : new Intl.NumberFormat(locale(), {minimumFractionDigits: digits, maximumFractionDigits: digits}).format(value);
const crowd = (value) => value >= 1e6 ? t("million", {n: num(value / 1e6)}) : value >= 1e4 ? t("thousand", {n: num(value / 1e3)}) : whole(value);
const moment = (ms) => new Intl.DateTimeFormat(locale(), {timeZone: "UTC", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false}).format(ms);
const kept = (text) => text.replaceAll(" ", "\u00a0");
const local = (text) => text ? moment(Date.parse(text.replace(" ", "T").slice(0, 16) + "Z")) : t("later");
const nameOf = (region) => lang === "uk" ? region.name_uk : region.name;
const byId = Object.fromEntries(N.regions.map((region) => [region.id, region]));
const range = (low, high) => low === high ? "" : t("range", {low, high});
const spread = (metric, show) => N.deterministic || S.run.members < 2 ? "" : range(show(metric.p05), show(metric.p95));

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
function table(columns, rows, caption) {
  const head = el("tr", {}, ...columns.map((c) => el("th", {scope: "col", class: c.n ? "n" : null, "aria-sort": c.sort ?? null},
    c.click ? el("button", {type: "button", onclick: c.click}, c.label + (c.sort === "descending" ? " ▼" : c.sort === "ascending" ? " ▲" : "")) : c.label)));
  const body = rows.map((row) => el("tr", {}, ...row.map((cell, i) => el(i ? "td" : "th", {class: columns[i].n ? "n" : null, scope: i ? null : "row"}, cell))));
  return el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption}, el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)));
}
function behind(columns, rows, caption) {
  const made = el("details", {}, el("summary", {}, t("table") + ": " + caption));
  made.addEventListener("toggle", () => { if (made.open && made.children.length < 2) made.append(table(columns, rows(), caption)); });
  return made;
}

/* ---------- charts ---------- */
const times = N.t.map((minute) => minute * 60000);
const COLOURS = [...Array(11).keys()].map((i) => `var(--c${i})`);
const config = () => ({
  background: null, font: "system-ui, sans-serif",
  axis: {labelColor: "var(--ink)", titleColor: "var(--ink)", gridColor: "var(--line)", domainColor: "var(--soft)", tickColor: "var(--soft)", titleFontWeight: "normal"},
  legend: {labelColor: "var(--ink)", titleColor: "var(--ink)", orient: "bottom", columns: innerWidth < 500 ? 1 : 3, labelLimit: 260, symbolStrokeWidth: 3, symbolOpacity: 1},
  view: {stroke: null},
});
const x = () => ({field: "t", type: "temporal", scale: {type: "utc"}, axis: {title: null, format: "%d.%m", tickCount: innerWidth < 500 ? 4 : 10, grid: false}});
const colour = (keys) => ({field: "k", type: "nominal", scale: {domain: keys.map((k) => t(k)), range: keys.map((_, i) => COLOURS[i % 11])}, title: null});
const size = () => ({width: "container", height: innerWidth < 500 ? 190 : 260, autosize: {type: "fit-x", contains: "padding"}});
const long = (series, scale) => Object.entries(series).flatMap(([key, values]) => values.map((value, i) => ({t: times[i], k: t(key), v: value === null ? null : value / scale})));

function lines(bands, unit, scale, rules = []) {
  const keys = Object.keys(bands);
  const rows = keys.flatMap((key) => bands[key].mean.map((mean, i) => ({t: times[i], k: t(key), v: mean === null ? null : mean / scale,
    ...(bands[key].low ? {a: bands[key].low[i] / scale, b: bands[key].high[i] / scale} : {})})));
  const layer = [
    {mark: {type: "area", opacity: 0.3, aria: false}, encoding: {x: x(), y: {field: "a", type: "quantitative", title: unit}, y2: {field: "b"}, color: colour(keys)}},
    {mark: {type: "line", strokeWidth: 1.6, aria: false}, encoding: {x: x(), y: {field: "v", type: "quantitative", title: unit}, color: colour(keys)}}];
  if (!rows.some((row) => "a" in row)) layer.shift();
  if (rules.length) layer.push({data: {values: rules.map((ms) => ({t: ms}))}, mark: {type: "rule", strokeDash: [3, 3], color: "var(--soft)", aria: false}, encoding: {x: x()}});
  return {...size(), data: {values: rows}, layer};
}
const stacked = (series, unit, scale) => ({...size(), data: {values: long(series, scale)}, mark: {type: "area", aria: false},
  encoding: {x: x(), y: {field: "v", type: "quantitative", title: unit, stack: "zero"}, color: colour(Object.keys(series))}});
const several = (series, unit) => ({...size(), data: {values: long(series, 1)}, mark: {type: "line", strokeWidth: 1.6, aria: false},
  encoding: {x: x(), y: {field: "v", type: "quantitative", title: unit}, color: colour(Object.keys(series))}});

const formats = {
  uk: {decimal: ",", thousands: " ", grouping: [3], currency: ["", ""]}, en: {decimal: ".", thousands: ",", grouping: [3], currency: ["", ""]},
};
async function draw(place, spec, caption, columns, rows) {
  const at = typeof place === "string" ? $(place) : place;
  const canvas = el("div", {role: "img", "aria-label": caption, style: "width:100%"});
  at.replaceChildren(canvas);
  at.after2?.remove();
  at.after2 = behind(columns, rows, caption);
  at.after(at.after2);
  await vegaEmbed(canvas, {$schema: "https://vega.github.io/schema/vega-lite/v6.json", config: config(), ...spec},
    {renderer: "svg", actions: false, formatLocale: formats[lang]});
  for (const svg of canvas.querySelectorAll("svg")) svg.setAttribute("aria-hidden", "true");
}
const seriesTable = (series, digits, scale = 1) => [
  [{label: t("time")}, ...Object.keys(series).map((key) => ({label: t(key), n: true}))],
  () => times.map((ms, i) => [moment(ms), ...Object.values(series).map((s) => { const v = (s.mean ?? s)[i]; return v === null ? "–" : fixed(v / scale, digits); })])];

/* ---------- sections ---------- */
const left = (kind) => S.deadlines.filter((row) => row.deadline === kind && row.reached_share > 0)
  .sort((a, b) => (a.hours_p50 ?? 1e9) - (b.hours_p50 ?? 1e9) || (a.hours_p05 ?? 1e9) - (b.hours_p05 ?? 1e9) || b.people - a.people);

function what() {
  const m = S.metrics, ens = m.energy_not_served, off = m.people_without_power_worst_hour, told = [];
  told.push(ens.p95 > 0 ? t("s_power", {ens: num(ens.mean / 1000), ens_range: spread(ens, (v) => num(v / 1000)), share: num(100 * m.energy_not_served_share.mean),
    people: crowd(off.mean), people_range: spread(off, crowd)}) : t("s_power_none"));
  const cold = left("homes_12c");
  if (cold.length) {
    const first = cold[0];
    told.push(t("s_heat", {region: nameOf(byId[first.region]), when: local(first.local_p50), when_range: range(local(first.local_p05), local(first.local_p95)),
      people: crowd(first.people), others: cold.length > 1 ? t("s_heat_others", {n: cold.length - 1}) : ""}));
  } else if (N.layers.heat) told.push(t("s_heat_none"));
  const most = needs()[0];
  if (most) told.push(t("s_help", {region: nameOf(most), places: crowd(most.peaks.heat ?? 0), dry: crowd(most.peaks.water ?? 0),
    m3: whole((most.peaks.water ?? 0) * N.water_l / 1000), mw: whole(most.peaks.missing_mw)}));
  $("what").replaceChildren(...told.map((text) => el("p", {}, text)));
  $("about").textContent = t(N.deterministic ? "about_one" : "about", {...S.run, regions: N.regions.length, zone: S.run.timezone, draws: S.run.members});
}
function deadlines() {
  const kinds = [...new Set(S.deadlines.map((row) => row.deadline))], parts = [];
  const columns = [{label: t("region")}, {label: t("hours_left"), n: true}, {label: t("earliest")}, {label: t("middle")}, {label: t("latest")},
    {label: t("of_draws"), n: true}, {label: t("affected"), n: true}];
  for (const kind of kinds) {
    const words = kind.startsWith("fuel_") ? `${t("fuel")}: ${t("sys_" + kind.slice(5))}` : t(kind), rows = left(kind);
    parts.push(el("h3", {}, words.charAt(0).toUpperCase() + words.slice(1)));
    parts.push(rows.length ? table(columns, rows.map((r) => [nameOf(byId[r.region]), num(r.hours_p50), ...[r.local_p05, r.local_p50, r.local_p95].map((one) => kept(local(one))),
      num(100 * r.reached_share) + " %", r.people === null ? "–" : crowd(r.people)]), words) : el("p", {}, t("none_reached") + "."));
  }
  $("deadlines").replaceChildren(...parts);
}
const needs = () => N.regions.filter((r) => (r.peaks.heat ?? 0) >= 50 || (r.peaks.water ?? 0) >= 50 || r.peaks.missing_mw >= 1)
  .sort((a, b) => (b.peaks.heat ?? 0) - (a.peaks.heat ?? 0) || (b.peaks.water ?? 0) - (a.peaks.water ?? 0) || b.peaks.missing_mw - a.peaks.missing_mw);
function help() {
  $("help_note").textContent = t("help_note", {l: num(N.water_l)});
  const first = Object.fromEntries(left("homes_12c").map((row) => [row.region, row.local_p50]));
  $("help").replaceChildren(table([{label: t("region")}, {label: t("places"), n: true}, {label: t("from")}, {label: t("dry_people"), n: true}, {label: t("water_m3"), n: true}, {label: t("power_mw"), n: true}],
    needs().map((r) => [nameOf(r), whole(r.peaks.heat ?? 0), r.id in first ? kept(local(first[r.id])) : "–", whole(r.peaks.water ?? 0), whole((r.peaks.water ?? 0) * N.water_l / 1000), whole(r.peaks.missing_mw)]), t("help")));
}
function tiles() {
  const at = Number($("slider").value), layer = $("layer").value;
  $("when").textContent = moment(times[at]);
  $("slider").setAttribute("aria-valuetext", moment(times[at]));
  for (const region of N.regions) {
    const share = region.people ? region.series[layer].mean[at] / region.people : 0, depth = Math.sqrt(Math.min(1, Math.max(0, share)));
    const light = 94 - 62 * depth;
    region.tile.style.background = `hsl(${45 - 45 * depth} 85% ${light}%)`;
    region.tile.style.color = light < 52 ? "#fff" : "#000";
    region.tile.querySelector("b").textContent = num(100 * share, share < 0.1 ? 1 : 2) + " %";
  }
}
function map() {
  const chosen = $("layer").value || Object.keys(N.layers)[0];
  $("layer").replaceChildren(...Object.keys(N.layers).map((key) => el("option", {value: key}, t(key))));
  $("layer").value = chosen;
  $("tiles").style.gridTemplateColumns = `repeat(${1 + Math.max(...N.regions.map((r) => r.column))}, minmax(0, 1fr))`;
  const order = [...N.regions].sort((a, b) => a.row - b.row || a.column - b.column);
  $("tiles").replaceChildren(...order.map((r) => r.tile = el("li", {style: `grid-column:${r.column + 1};grid-row:${r.row + 1}`},
    el("button", {type: "button", onclick: () => show(r.id)}, nameOf(r), el("b")))));
  tiles();
}
function balance() {
  const rules = (N.events ?? []).map((e) => Date.parse(String(e.time).replace(" ", "T").slice(0, 16) + (String(e.time).length > 10 ? "Z" : ""))).filter((ms) => !Number.isNaN(ms));
  const series = {need: N.national.need, served: N.national.served, import: N.national.import};
  draw("c-balance", lines(series, t("gw"), 1000, rules), t("balance"), ...seriesTable(series, 2, 1000));
  const told = N.events === null ? el("p", {}, t("events_gone")) : !N.events.length ? el("p", {}, t("no_events"))
    : behind(["time", "target", "kind", "note"].map((key) => ({label: t(key)})), () => N.events.map((e) => [e.time, e.target, e.kind, e.note ?? ""]), t("events"));
  $("events").replaceChildren(el("p", {class: "note"}, t("band_note")), told);
  draw("c-causes", stacked(N.national.causes, t("gw"), 1000), t("causes"), ...seriesTable(N.national.causes, 2, 1000));
}
const COLUMNS = {
  region: (r) => nameOf(r), people: (r) => r.people, off_day: (r) => r.totals.hours_without_power_per_day, ph_heat: (r) => r.totals.person_hours_without_heat,
  ph_water: (r) => r.totals.person_hours_without_water, ph_all: (r) => r.totals.person_hours_without_all,
};
function regions() {
  const keys = Object.keys(COLUMNS).filter((key) => COLUMNS[key](N.regions[0]) !== undefined);
  if (!keys.includes(sorted[0])) sorted = [keys.at(-1), -1];
  const [by, sign] = sorted, value = COLUMNS[by];
  const rows = [...N.regions].sort((a, b) => sign * (by === "region" ? value(a).localeCompare(value(b), locale()) : value(a) - value(b)) || a.id.localeCompare(b.id));
  const columns = keys.map((key) => ({label: t(key), n: key !== "region", sort: key === by ? (sign < 0 ? "descending" : "ascending") : "none",
    click: () => { sorted = [key, key === by ? -sign : key === "region" ? 1 : -1]; regions(); }}));
  const shown = (r, key) => key === "region" ? el("button", {type: "button", onclick: () => show(r.id)}, nameOf(r)) : key === "off_day" ? fixed(r.totals.hours_without_power_per_day, 1)
    : key === "people" ? whole(r.people) : whole(COLUMNS[key](r) / 1000);
  $("regions").replaceChildren(table(columns, rows.map((r) => keys.map((key) => shown(r, key))), t("regions")));
}
async function show(id, move = true) {
  opened = id;
  const r = byId[id], s = r.series, box = $("region"), head = el("h3", {tabindex: "-1", id: "region-name"}, nameOf(r));
  box.replaceChildren(head, el("button", {type: "button", onclick: () => { opened = null; box.replaceChildren(); }}, t("close")));
  const add = async (caption, spec, ...behindIt) => { const chart = el("div", {class: "chart"}), part = el("div", {}, el("h4", {}, caption), chart); box.append(part); await draw(chart, spec, `${caption}, ${nameOf(r)}`, ...behindIt); };
  if (move) { head.scrollIntoView({block: "start"}); head.focus({preventScroll: true}); }
  const load = {need: s.need, served: s.served};
  await add(t("load"), lines(load, t("mw"), 1), ...seriesTable(load, 0));
  const without = Object.fromEntries(Object.keys(N.layers).map((key) => [key, s[key]]));
  await add(t("without"), lines(without, t("people_unit"), 1000), ...seriesTable(without, 1, 1000));
  if (s.indoors) { const air = {...s.indoors, outdoors: s.outdoors}; await add(t("indoors"), several(air, t("celsius")), ...seriesTable(air, 1)); }
  if (s.heat_state) await add(t("heat_state"), stacked(s.heat_state, t("share"), 1), ...seriesTable(s.heat_state, 3));
  if (s.stored) await add(t("stored"), lines({stored: s.stored}, t("m3"), 1), ...seriesTable({stored: s.stored}, 0));
  if (s.backup) await add(t("backup"), several(s.backup, t("hours_unit")), ...seriesTable(s.backup, 1));
  box.append(rota(r));
}
function rota(r) {
  const groups = [1, 2, 3, 4, 5, 6].flatMap((queue) => [`${queue}.1`, `${queue}.2`]), hours = Math.min(168, Math.floor(r.rota.off[0].length / 2));
  const rows = groups.map((group, i) => el("tr", {}, el("th", {scope: "row"}, group), ...[...Array(hours).keys()].map((h) => {
    const off = (r.rota.off[i][2 * h] === "1") + (r.rota.off[i][2 * h + 1] === "1");
    return el("td", {class: off ? "off" : "on", style: off === 1 ? "opacity:.5" : null, title: moment(r.rota.start * 60000 + h * 3600000)}); })));
  return el("div", {}, el("h4", {}, t("rota")), el("p", {class: "note"}, t("rota_note", {h: fixed(r.rota.hours, 1), q: num(r.rota.queues)})),
    el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": t("rota")}, el("table", {class: "rota", "aria-hidden": "true"}, el("tbody", {}, ...rows))));
}
function hours() {
  const keys = Object.keys(N.layers), per = (r, key) => r.people ? r.totals[N.layers[key].replace("people_", "person_hours_")] / r.people : 0;
  const rows = N.regions.flatMap((r) => keys.map((key) => ({r: nameOf(r), k: t(key), v: per(r, key)})));
  const spec = {width: "container", height: N.regions.length * keys.length * (innerWidth < 500 ? 5 : 6), autosize: {type: "fit-x", contains: "padding"}, data: {values: rows}, mark: {type: "bar", aria: false},
    encoding: {y: {field: "r", type: "nominal", title: null, sort: "-x"}, yOffset: {field: "k", sort: keys.map((k) => t(k))}, x: {field: "v", type: "quantitative", title: t("hours_axis")}, color: colour(keys)}};
  draw("c-hours", spec, t("hours"), [{label: t("region")}, ...keys.map((key) => ({label: t(key), n: true}))], () => N.regions.map((r) => [nameOf(r), ...keys.map((key) => fixed(per(r, key), 1))]));
}
function inputs() {
  const run = S.run, facts = [["scenario", run.title], ["network", run.network], ["weather", run.weather], ["period", `${run.start} – ${run.end} (${run.timezone})`],
    ["draws", N.deterministic ? "1" : run.members], ["seed", run.seed], ["program", run.source], ["storage", N.storage]];
  const parts = [table([{label: t("setting")}, {label: t("value")}], facts.map(([key, value]) => [t(key), String(value)]), t("inputs"))];
  if (N.unconfirmed.length) parts.push(el("h3", {}, t("unconfirmed")), el("p", {class: "note"}, t("unconfirmed_note")),
    table([{label: t("setting")}, {label: t("value")}, {label: t("meaning")}], N.unconfirmed.map((one) => [one.name, one.value, el("span", {lang: "en"}, one.words)]), t("unconfirmed")));
  if (Object.keys(N.manifest).length) { const made = el("details", {}, el("summary", {}, t("manifest")), el("pre", {lang: "en"}, JSON.stringify(N.manifest, null, 1))); parts.push(made); }
  else parts.push(el("p", {}, t("no_manifest")));
  $("inputs").replaceChildren(...parts);
}
function render() {
  document.documentElement.lang = lang;
  for (const place of document.querySelectorAll("[data-w]")) place.textContent = t(place.dataset.w);
  what(); deadlines(); help(); map(); balance(); regions(); hours(); inputs();
  if (opened) show(opened, false);
}
$("lang").value = lang;
$("lang").addEventListener("change", (event) => { lang = event.target.value; render(); });
$("theme").addEventListener("change", (event) => { if (event.target.value === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = event.target.value; });
$("slider").max = times.length - 1;
const worst = N.national.power.mean; $("slider").value = worst.indexOf(Math.max(...worst));
$("slider").addEventListener("input", tiles);
$("layer").addEventListener("change", tiles);
render();
