"use strict";
const W = JSON.parse(document.getElementById("words").textContent);
const N = JSON.parse(document.getElementById("numbers").textContent);
const S = N.summary, $ = (id) => document.getElementById(id);
let lang = document.documentElement.lang, opened = null, sorted = ["ph_heat", -1];

const FEWEST = 20;  // members from which one in twenty is one
const t = (key, values = {}) =>
  (W[lang][key] ?? N.words[key] ?? String(key).replaceAll("_", " ")).replace(/\{(\w+)\}/g, (_, name) => values[name]);
const locale = () => W[lang].locale;
const num = (value, digits = 3) => value === null || value === undefined || Number.isNaN(value) ? "–"
  : new Intl.NumberFormat(locale(), {maximumSignificantDigits: digits}).format(value);
const whole = (value) => value === null || value === undefined ? "–" : new Intl.NumberFormat(locale(), {maximumFractionDigits: 0}).format(Number(value.toPrecision(3)));
const fixed = (value, digits) => value === null || value === undefined ? "–"
  : new Intl.NumberFormat(locale(), {minimumFractionDigits: digits, maximumFractionDigits: digits}).format(value + Math.sign(value) * 1e-10);
const crowd = (value) => value >= 1e6 ? t("million", {n: num(value / 1e6)}) : value >= 1e4 ? t("thousand", {n: num(value / 1e3)}) : whole(value);
const moment = (ms) => new Intl.DateTimeFormat(locale(), {timeZone: "UTC", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false}).format(ms);
const clock = (ms) => new Intl.DateTimeFormat(locale(), {timeZone: "UTC", hour: "2-digit", minute: "2-digit", hour12: false}).format(ms);
const parsed = (text) => Date.parse(text.replace(" ", "T").slice(0, 16) + "Z");
const local = (text) => text ? moment(parsed(text)) : t("later");
/* A deadline as the sheet tells it, rounded down: to the hour where members agree, else to the part of the day. */
const hourOf = (text) => Math.floor(parsed(text) / 3600000) * 3600000;
const partOf = (text) => t("b_at_part", {day: new Intl.DateTimeFormat(locale(), {timeZone: "UTC", day: "numeric", month: "short"}).format(parsed(text)),
  part: t("b_part_" + Math.floor(new Date(parsed(text)).getUTCHours() / N.told.part_h))});
const agreed = (row) => !sampled || ((row.hours_p50 ?? null) !== null && (row.hours_p05 ?? null) !== null && row.hours_p50 - row.hours_p05 <= N.told.spread_h);
const due = (row, text) => !text ? t("later") : agreed(row) ? moment(hourOf(text)) : partOf(text);
/* When help should be there: the part of the day, or the start of the run. */
const since = (text) => parsed(text) - times[0] < 3600000 ? t("b_from_start") : sampled ? partOf(text) : moment(hourOf(text));
const nameOf = (region) => region.names[lang];
const byId = Object.fromEntries(N.regions.map((region) => [region.id, region]));
/* With several members: what is typical (the median), the bad case (one member in twenty is worse) and chances. */
const sampled = !N.deterministic && S.run.members > 1;
const members = (n) => t("n_of_members", {n: whole(n), members: whole(S.run.members)});
const inMembers = (share) => members(Math.round(share * S.run.members));
const worse = (row, show) => !sampled || show(row.p50) === show(row.p95) ? "" : t("bad_case", {worse: show(row.p95)});
const earlier = (row) => !sampled || !row.local_p05 || due(row, row.local_p05) === due(row, row.local_p50) ? "" : t("bad_case",
  {worse: agreed(row) && row.local_p50?.slice(0, 10) === row.local_p05.slice(0, 10) ? clock(hourOf(row.local_p05)) : due(row, row.local_p05)});
const odds = (share) => el("small", {class: "odds"}, t("rare", {members: inMembers(share)}));
const small = (text, words) => el("small", {}, words ? el("span", {class: "unseen"}, ` ${words} `) : null, text);
/* Cell of a table: typical, below it the bad case, and in how many members where it is typically nothing. */
function pair(row, show, least = 0) {
  const typical = row.p50 === null || row.p50 < least ? "–" : show(row.p50);
  if (!sampled || row.p95 === null || row.p95 < least || show(row.p50) === show(row.p95)) return typical;
  return el("span", {}, typical, small(show(row.p95), t("bad")), typical === "–" && row.needed_share ? odds(row.needed_share) : null);
}
const headed = (label) => sampled ? {label: () => el("span", {}, label, small(t("bad"))), n: true} : {label, n: true};
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

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
  const label = (c) => typeof c.label === "function" ? c.label() : c.label;
  const head = el("tr", {}, ...columns.map((c) => el("th", {scope: "col", class: c.n ? "n" : null, "aria-sort": c.sort ?? null},
    c.click ? el("button", {type: "button", onclick: c.click}, c.sort === "descending" ? "▼ " : c.sort === "ascending" ? "▲ " : "", label(c)) : label(c))));
  const body = rows.map((row) => el("tr", {}, ...row.map((cell, i) => el(i ? "td" : "th", {class: columns[i].n ? "n" : null, scope: i ? null : "row"}, cell))));
  return el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption}, el("table", {}, el("caption", {class: "unseen"}, caption), el("thead", {}, head), el("tbody", {}, ...body)));
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
  axis: {labelFontSize: 12, titleFontSize: 12, labelColor: "var(--ink)", titleColor: "var(--ink)", gridColor: "var(--line)", domainColor: "var(--soft)", tickColor: "var(--soft)", titleFontWeight: "normal"},
  legend: {labelFontSize: 12, labelColor: "var(--ink)", titleColor: "var(--ink)", orient: "bottom", columns: innerWidth < 500 ? 1 : 3, labelLimit: 420, symbolStrokeWidth: 3, symbolOpacity: 1},
  view: {stroke: null},
});
const days = (times.at(-1) - times[0]) / 86400000, ticks = () => (innerWidth < 500 ? 4 : 10);
const x = () => ({field: "t", type: "temporal", scale: {type: "utc"}, axis: {title: null, grid: false, labelOverlap: true,
  ...(days > 3 ? {format: "%d.%m", tickCount: {interval: "day", step: Math.ceil(days / ticks())}} : {format: "%d.%m %H:%M", tickCount: ticks() / 2})}});
const colour = (keys) => ({field: "k", type: "nominal", scale: {domain: keys.map((k) => t(k)), range: keys.map((_, i) => COLOURS[i % 11])}, title: null});
const size = () => ({width: "container", height: innerWidth < 500 ? 190 : 220, autosize: {type: "fit-x", contains: "padding"}});
const long = (series, scale) => Object.entries(series).flatMap(([key, values]) => values.map((value, i) => ({t: times[i], k: t(key), v: value === null ? null : value / scale})));

function lines(bands, unit, scale, rules = []) {
  const keys = Object.keys(bands);
  const rows = keys.flatMap((key) => bands[key].typical.map((value, i) => ({t: times[i], k: t(key), v: value === null ? null : value / scale,
    ...(bands[key].low ? {a: bands[key].low[i] / scale, b: bands[key].high[i] / scale} : {})})));
  const layer = [
    {mark: {type: "area", opacity: 0.3, aria: false}, encoding: {x: x(), y: {field: "a", type: "quantitative", title: unit}, y2: {field: "b"}, color: colour(keys)}},
    {mark: {type: "line", strokeWidth: 1.6, aria: false}, encoding: {x: x(), y: {field: "v", type: "quantitative", title: unit}, color: colour(keys)}}];
  if (!rows.some((row) => "a" in row)) layer.shift();
  const atEnds = keys.length > 1 && keys.length < 5 && innerWidth >= 500;
  if (atEnds) layer.push(labels(bands, scale));
  if (keys.length > 1) layer.forEach((one) => { if (one.encoding.color) one.encoding.color = {...one.encoding.color, legend: null}; });
  if (rules.length) layer.push({data: {values: rules.map((ms) => ({t: ms}))}, mark: {type: "rule", strokeDash: [3, 3], color: "var(--soft)", aria: false}, encoding: {x: x()}});
  return {...size(), ...(keys.length > 1 && !atEnds ? {keys} : {}), data: {values: rows}, layer};
}
/* Names at the end of lines, kept apart by a fourteenth of the height. */
function labels(bands, scale) {
  const top = Math.max(...Object.values(bands).flatMap((one) => [...one.typical, ...(one.high ?? [])])) / scale, gap = top / 14;
  const ends = Object.keys(bands).map((key) => ({k: t(key), t: times.at(-1), v: (bands[key].typical.at(-1) ?? 0) / scale})).sort((a, b) => a.v - b.v);
  ends.forEach((one, i) => { if (i) one.v = Math.max(one.v, ends[i - 1].v + gap); });
  return {data: {values: ends}, mark: {type: "text", align: "left", dx: 6, fontSize: 12, aria: false}, encoding: {x: x(), y: {field: "v", type: "quantitative"}, text: {field: "k"}, color: colour(Object.keys(bands))}};
}
const stacked = (series, unit, scale) => ({...size(), keys: Object.keys(series), data: {values: long(series, scale)}, mark: {type: "area", aria: false},
  encoding: {x: x(), y: {field: "v", type: "quantitative", title: unit, stack: "zero"}, color: {...colour(Object.keys(series)), legend: null}}});
const DASHES = [[1, 0], [6, 3], [2, 2]];
const dashes = (keys) => ({field: "k", type: "nominal", title: null, scale: {domain: keys.map((k) => t(k)), range: keys.map((k, i) => DASHES[k === "outdoors" ? 2 : i < 6 ? 0 : 1])}});
const several = (series, unit) => ({...size(), data: {values: long(series, 1)}, mark: {type: "line", strokeWidth: 1.6, aria: false},
  encoding: {x: x(), y: {field: "v", type: "quantitative", title: unit}, color: colour(Object.keys(series)), strokeDash: dashes(Object.keys(series))}});

/* Signs between digits in a language, for the axes of charts. */
function format() {
  const signs = Object.fromEntries(new Intl.NumberFormat(locale()).formatToParts(1234567.8).map((part) => [part.type, part.value]));
  return {decimal: signs.decimal, thousands: signs.group ?? "", grouping: [3], currency: ["", ""]};
}
async function draw(place, spec, caption, columns, rows) {
  const at = typeof place === "string" ? $(place) : place;
  const told = {role: "img", "aria-label": caption}, canvas = el("div", {...told, style: "width:100%"});
  const {keys, ...drawn} = spec;
  at.replaceChildren(...(keys ? [el("ul", {class: "legend", "aria-hidden": "true"}, ...keys.map((key, i) => el("li", {}, el("span", {style: `background:${COLOURS[i % 11]}`}), t(key))))] : []), canvas);
  at.after2?.remove();
  at.after2 = behind(columns, rows, caption);
  at.after(at.after2);
  await vegaEmbed(canvas, {$schema: "https://vega.github.io/schema/vega-lite/v6.json", config: config(), ...drawn},
    {renderer: "svg", actions: false, formatLocale: format()});
  for (const [name, value] of Object.entries(told)) canvas.setAttribute(name, value);  // Vega writes its own
  canvas.removeAttribute("aria-roledescription");
  for (const svg of canvas.querySelectorAll("svg")) svg.setAttribute("aria-hidden", "true");
}
const seriesTable = (series, digits, scale = 1) => [
  [{label: t("time")}, ...Object.keys(series).map((key) => ({label: t(key), n: true}))],
  () => times.map((ms, i) => [moment(ms), ...Object.values(series).map((s) => { const show = (v) => v === null ? "–" : fixed(v / scale, digits), v = show((s.typical ?? s)[i]);
    return s.low && s.low[i] !== s.high[i] ? el("span", {}, v, small(`${show(s.low[i])} – ${show(s.high[i])}`)) : v; })])];

/* ---------- sections ---------- */
const reaching = (kind) => S.deadlines.filter((row) => row.deadline === kind && row.reached_share > 0)
  .sort((a, b) => (a.hours_p50 ?? 1e9) - (b.hours_p50 ?? 1e9) || (a.hours_p05 ?? 1e9) - (b.hours_p05 ?? 1e9) || b.people_p50 - a.people_p50 || b.people_p95 - a.people_p95);
const need = Object.fromEntries(S.needs.map((row) => [`${row.region} ${row.need}`, row]));
const SET_MW = 0.1; // the smallest generator that people send as one, on a trailer; the table of help lists less
const GENERATORS = N.systems.map((system) => `generators_${system}_mw`);
const NOTHING = {p50: 0, p95: 0, needed_share: 0};
const size_of = (id, kind) => kind === "generators" ? byId[id].generators ?? NOTHING : need[`${id} ${kind}`] ?? NOTHING;

/* The regions whose homes or pipes freeze in one member of twenty or more, the first one first: by the middle of the earlier of its two deadlines. */
function freezing() {
  const found = {};
  for (const row of [...reaching("drain"), ...reaching("homes_12c")]) if (row.local_p05) (found[row.region] ??= []).push(row);
  const when = (rows, key) => Math.min(...rows.map((row) => row[key] ?? 1e9));
  const people = (rows) => Math.max(...rows.map((row) => row.people_p50 ?? 0));
  return Object.entries(found).map(([id, rows]) => ({id, rows, first: rows.reduce((a, b) => ((b.hours_p50 ?? 1e9) < (a.hours_p50 ?? 1e9) || (b.hours_p50 === a.hours_p50 && b.hours_p05 < a.hours_p05) ? b : a))}))
    .sort((a, b) => when(a.rows, "hours_p50") - when(b.rows, "hours_p50") || when(a.rows, "hours_p05") - when(b.rows, "hours_p05") || people(b.rows) - people(a.rows));
}
const chance = (row) => row.reached_share < 1 ? t("in_members", {members: inMembers(row.reached_share)}) : "";
const first = (row) => row.local_p50 ? ` (${due(row, row.local_p50)})` : t("bad_case", {worse: due(row, row.local_p05)});
function moments(one) {
  const time = (row) => row.local_p50 ? {when: due(row, row.local_p50), range: earlier(row), share: chance(row)} : {when: due(row, row.local_p05), share: chance(row)};
  const kind = need[`${one.id} warm_places`]?.homes, homes = kind ? t("a_homes", {kind: t(kind)}) : "";
  const told = {drain: (row) => t(row.local_p50 ? "a_drain" : "a_drain_rare", time(row)), homes_12c: (row) => t(row.local_p50 ? "a_cold" : "a_cold_rare", {...time(row), homes})};
  return [...one.rows].sort((a, b) => (a.hours_p50 ?? 1e9) - (b.hours_p50 ?? 1e9)).map((row) => told[row.deadline](row)).join(" ");
}
/* Words on one need: none where its bad case is nothing, and others where it is typically nothing. */
const needed = (row, least, show, typical, by = "") => !row || row.p95 < least ? [] : row.p50 < least
  ? [{rare: t("a_rare", {what: t("b_a_" + row.need, {n: show(row.p95)}), members: inMembers(row.needed_share), by})}] : [{typical: typical()}];
function crowds(one) {
  const cold = need[`${one.id} warm_places`], pipes = need[`${one.id} drain_people`], all = {all: crowd(S.metrics.people_without_heat_peak.p50)}, told = [];
  if (cold?.p95 >= 1) told.push(cold.p50 >= 1 ? t("a_people", {people: crowd(cold.p50), range: worse(cold, crowd), when: local(cold.peak_local), ...all})
    : t("a_people_rare", {people: crowd(cold.p95), members: inMembers(cold.needed_share), ...all}));
  else if (pipes?.p50 >= 1) told.push(t("a_pipes", {people: crowd(pipes.p50), range: worse(pipes, crowd)}));
  else if (pipes?.p95 >= 1) told.push(t("a_pipes_rare", {people: crowd(pipes.p95), members: inMembers(pipes.needed_share)}));
  return told.join(" ");
}
/* Sentences on the needs of one region, from its rows of the summary. */
function sendings(id) {
  const row = (kind) => need[`${id} ${kind}`], by = (one) => one?.from_local ? parsed(one.from_local) - times[0] < 3600000 ? `, ${since(one.from_local)}` : t("a_from", {when: since(one.from_local)}) : "";
  const cold = row("warm_places"), pipes = row("drain_people"), water = row("water_m3_per_day"), fuel = row("fuel_m3"), mw = (v) => num(v), drinkers = (v) => crowd(v * 1000 / N.water_l);
  const told = [
    ...needed(cold, 1, crowd, () => t("a_places", {people: crowd(cold.p50), range: worse(cold, crowd), by: by(cold)}), by(cold)),
    ...needed(pipes, 1, crowd, () => t("a_crews", {people: crowd(pipes.p50), range: worse(pipes, crowd), by: by(pipes)}), by(pipes)),
    ...GENERATORS.map(row).flatMap((one) => needed(one, SET_MW, mw, () => t("a_generators", {mw: mw(one.p50), range: worse(one, mw), where: t("sys_" + one.need.split("_")[1]), by: by(one)}), by(one))),
    ...needed(fuel, 0.5, whole, () => t("a_fuel", {m3: whole(fuel.p50), range: worse(fuel, whole)})),
    ...needed(water, 0.5, whole, () => t("a_water", {people: drinkers(water.p50), m3: whole(water.p50), range: worse(water, whole)})),
  ];
  const rare = told.flatMap((one) => one.rare ?? []);
  return [...told.flatMap((one) => one.typical ?? []), ...(rare.length ? [t("a_rares", {list: rare.join("; ")})] : [])];
}
/* What moves each headline most, where members differ and several settings were drawn. */
function moved() {
  const told = Object.entries(S.moved_by ?? {}).map(([metric, rows]) => t("moved_" + metric, {what: rows.length
    ? rows.map((row) => t(row.rank_correlation > 0 ? "moved_more" : "moved_less", {setting: W[lang]["set_" + row.setting] ?? row.setting.replaceAll("_", " ")})).join(", ") : t("moved_nothing", {n: S.run.members})}));
  return sampled && told.length ? el("p", {id: "moved"}, `${t("moved")} ${told.join("; ")}.`) : null;
}
function what() {
  const m = S.metrics, ens = m.energy_not_served, share = m.energy_not_served_share, off = m.people_without_power_worst_hour, cold = freezing(), parts = [];
  const answer = (key, ...told) => parts.push(el("dt", {}, t(key)), el("dd", {}, ...told));
  const focus = cold.length ? byId[cold[0].id] : needy()[0], seldom = [...reaching("drain"), ...reaching("homes_12c")].length;
  if (cold.length) {
    const others = cold.slice(1, 4).map((one) => nameOf(byId[one.id]) + first(one.first)).join(", ");
    answer("q_where", cold[0].first.local_p50 ? "" : t("a_seldom"), el("b", {}, nameOf(focus)), others ? t("a_then", {others}) + (cold.length > 4 ? t("a_more", {n: cold.length - 4}) : "") + "." : ".");
    answer("q_when", moments(cold[0]));
    answer("q_many", crowds(cold[0]));
  } else if (N.layers.heat) answer("q_where", t(seldom ? "s_heat_seldom" : sampled ? "s_heat_none" : "s_heat_none_one"));
  if (focus) answer("q_send", t("a_to", {region: nameOf(focus)}), el("ul", {}, ...sendings(focus.id).map((text) => el("li", {}, text))), el("a", {href: "#h-help"}, t("a_others")));
  else answer("q_send", t("a_nothing"));
  const gwh = (v) => num(v / 1000), percent = (v) => num(100 * v);
  const power = ens.p95 > 0 ? t("s_power", {ens: gwh(ens.p50), ens_range: worse(ens, gwh), share: percent(share.p50), share_range: worse(share, percent),
    people: crowd(off.p50), people_range: worse(off, crowd)}) : t("s_power_none");
  const low = sampled && ens.p05 > 0 ? " " + t("low_end", {ens: gwh(ens.p05)}) : "", beside = [sampled && S.run.members < FEWEST && t("few"), N.layers.heat && t("cold_few")].filter(Boolean);
  const how = el("p", {class: "note"}, [t(sampled ? "sure" : "sure_one", {n: whole(S.run.members)}), ...beside].join(" "));
  $("what").replaceChildren(...[el("dl", {}, ...parts), el("p", {}, power + low), standing(), moved(), how].filter(Boolean));
  $("about").textContent = (t(sampled ? "about" : "about_one", {...S.run, regions: N.regions.length, zone: S.run.timezone, members: S.run.members}) + (S.weather_notes ?? []).map((note) => " " + t("weather_" + note.kind, note)).join("")).replace(/\b(\d{4})-(\d\d)-(\d\d)\b/g, "$1\u2011$2\u2011$3");
  $("nav").setAttribute("aria-label", t("sections"));
  $("nav").replaceChildren(...[...document.querySelectorAll("main h2")].slice(1).filter((head) => !head.closest("[hidden]")).map((head) => el("a", {href: "#" + head.id}, t(head.dataset.w))));
}
const LEAST = {warm_places: 50, drain_people: 50, water_m3_per_day: 1, power_mw: 1, fuel_m3: 0.5, generators: SET_MW};
const needy = () => N.regions.filter((r) => ["warm_places", "water_m3_per_day", "power_mw"].some((kind) => size_of(r.id, kind).p95 >= LEAST[kind]))
  .sort((a, b) => ["p50", "p95"].flatMap((of) => ["warm_places", "drain_people", "water_m3_per_day", "power_mw"].map((kind) => size_of(b.id, kind)[of] - size_of(a.id, kind)[of])).find(Boolean) ?? 0);
const SENT = ["warm_places", "drain_people", "generators", "fuel_m3", "water_m3_per_day", "power_mw"];
function help() {
  $("help_note").textContent = t("help_note", {l: num(N.water_l), h: num(N.bridged_h), kwh: num(N.diesel_kwh_per_l)}) + (sampled ? " " + t("cells_note") : "");
  const used = SENT.filter((kind) => N.regions.some((r) => size_of(r.id, kind).p95 >= LEAST[kind]));
  const from = (id) => { const row = need[`${id} warm_places`] ?? need[`${id} drain_people`], pipes = need[`${id} drain_people`];
    const first = [row?.from_local, pipes?.from_local].filter(Boolean).sort()[0]; return first ? since(first) : "–"; };
  const columns = [{label: t("region")}, {label: t("from")}, ...used.map((kind) => headed(t("n_" + kind)))];
  const rows = needy().map((r) => [nameOf(r), from(r.id), ...used.map((kind) => pair(size_of(r.id, kind), kind === "generators" ? (v) => num(v, 2) : whole, LEAST[kind]))]);
  const parts = [table(columns, rows, t("help"))];
  if (N.options) parts.push(el("h3", {}, t("worth")), el("p", {}, t("worth_note") + (sampled ? " " + t("worth_sizes") : "")), el("pre", {lang: "en"}, N.plan || "gridmodel plan SCENARIO.yaml options.csv"),
    el("details", {}, el("summary", {}, "options.csv"), el("pre", {lang: "en", id: "options"}, N.options)));
  $("help").replaceChildren(...parts);
}
function balance() {
  const rules = (N.events ?? []).map((e) => Date.parse(String(e.time).replace(" ", "T").slice(0, 16) + (String(e.time).length > 10 ? "Z" : ""))).filter((ms) => !Number.isNaN(ms));
  const series = {need: N.national.need, served: N.national.served, import: N.national.import};
  draw("c-balance", lines(series, t("gw"), 1000, rules), t("balance"), ...seriesTable(series, 2, 1000));
  const told = N.events === null ? el("p", {}, t("events_gone")) : !N.events.length ? el("p", {}, t("no_events"))
    : behind(["time", "target", "kind", "note"].map((key) => ({label: t(key)})), () => N.events.map((e) => [e.time, e.target, e.kind, e.note ?? ""]), t("events"));
  $("events").replaceChildren(el("p", {class: "note"}, t(sampled ? "band_note" : "band_note_one")), told);
  const gone = N.repairs?.[""];
  if (gone) $("events").append(el("h3", {}, t("borders")), mending(gone, t("borders")));
  draw("c-causes", stacked(N.national.causes, t("gw"), 1000), t("causes"), ...seriesTable(N.national.causes, 2, 1000));
}
/* Why homes are cold and taps are dry: shares of person-hours in words, and people over time. */
function why() {
  for (const [key, metrics] of Object.entries(N.splits)) {
    const series = N.national[key], hours = Object.entries(metrics).map(([cause, name]) => [cause, S.metrics[name].mean]).sort((a, b) => b[1] - a[1]);
    const all = hours.reduce((sum, one) => sum + one[1], 0);
    $("s-" + key).hidden = !(all > 0);
    if (!(all > 0)) continue;
    const parts = hours.filter((one) => one[1] >= 0.01 * all).map(([cause, amount]) => t("why_part", {cause: t(cause), share: fixed(100 * amount / all, 0)}));
    $("p-" + key).textContent = t("why_parts", {parts: parts.join("; ")});
    draw("c-" + key, stacked(series, t("people_unit"), 1000), t(key), ...seriesTable(series, 1, 1000));
  }
}
function cascades() {
  const found = N.cascades, sums = S.cascades ?? {}, names = Object.keys(sums);
  $("s-cascade").hidden = !found;
  if (!found) return;
  const parts = [el("p", {class: "note"}, t("cascade_" + found.mode))];
  if (!names.length) parts.push(el("p", {}, t("cascade_none")));
  else {
    parts.push(table([{label: t("mechanism")}, ...(sampled ? [{label: t("members"), n: true}] : []), {label: t("occasions"), n: true}, headed(t("each_mw"))],
      names.map((name) => [t("m_" + name), ...(sampled ? [members(sums[name].members)] : []), whole(sums[name].times), pair({p50: sums[name].p50_mw, p95: sums[name].p95_mw}, whole)]), t("cascade")));
    if (S.lowest_frequency_hz !== undefined) parts.push(el("p", {}, t("lowest_hz", {hz: fixed(S.lowest_frequency_hz, 2)})));
    parts.push(behind([{label: t("time")}, {label: t("mechanism")}, {label: t("technology")}, ...(sampled ? [{label: t("members"), n: true}] : []), {label: t("mw"), n: true}],
      () => found.rows.map((row) => [moment(row.t * 60000), t("m_" + row.mechanism), row.technology ? t("t_" + row.technology) : "–", ...(sampled ? [members(row.members)] : []), whole(row.mw)]), t("cascade_steps")));
  }
  $("cascade").replaceChildren(...parts);
}
/* Table of the repairs of a region or of the borders, one row per class and damage state. */
function mending(rows, caption) {
  const hours = (value) => value === null ? t("later") : num(value);
  return table([{label: t("class")}, {label: t("state")}, ...(sampled ? [{label: t("members"), n: true}] : []), headed(t("hits")), {label: t("mended"), n: true}, headed(t("mend_h"))],
    rows.map((row) => [t("t_" + row.class), t("d_" + row.state), ...(sampled ? [members(row.members)] : []), pair({p50: row.hits_p50, p95: row.hits_p95}, whole, 1), ...(row.state === "none" ? ["–", "–"]
      : [num(100 * row.mended_share) + "\u00a0%", row.h50 === row.h95 ? hours(row.h50) : el("span", {}, hours(row.h50), sampled ? small(hours(row.h95), t("bad")) : small(`${hours(row.h05)} – ${hours(row.h95)}`))])]), caption);
}
const COLUMNS = {
  region: (r) => nameOf(r), severity: (r) => r.severity, people: (r) => ({p50: r.people, p95: r.people}), off_day: (r) => r.totals.hours_without_power_per_day, ...(sampled ? {off_long: (r) => ({p50: r.members_off_long, p95: r.members_off_long})} : {}),
  ...Object.fromEntries(Object.entries(N.layers).filter(([key]) => !["power", "dry_street", "dry_high_floors"].includes(key)).map(([key, name]) => [`ph_${key}`, (r) => r.totals[name.replace("people_", "person_hours_")]])),
};
const SHOWN = {people: whole, severity: (v) => whole(v), off_day: (v) => fixed(v, 1), off_long: (v) => members(v)};
function regions() {
  const keys = Object.keys(COLUMNS).filter((key) => COLUMNS[key](N.regions[0]) !== undefined);
  if (!keys.includes(sorted[0])) sorted = [keys.at(-1), -1];
  const [by, sign] = sorted, value = COLUMNS[by], plain = ["region", "people", "off_long"];
  const order = (a, b) => by === "region" ? value(a).localeCompare(value(b), locale()) : value(a).p50 - value(b).p50 || value(a).p95 - value(b).p95;
  const rows = [...N.regions].sort((a, b) => sign * order(a, b) || a.id.localeCompare(b.id));
  const columns = keys.map((key) => ({...(plain.includes(key) ? {label: t(key, {h: N.long_h}), n: key !== "region"} : headed(t(key))), sort: key === by ? (sign < 0 ? "descending" : "ascending") : "none",
    click: () => { sorted = [key, key === by ? -sign : key === "region" ? 1 : -1]; regions(); }}));
  const shown = (r, key) => key === "region" ? el("button", {type: "button", onclick: () => show(r.id)}, nameOf(r)) : pair(COLUMNS[key](r), SHOWN[key] ?? ((v) => whole(v / 1000)));
  $("regions").replaceChildren(table(columns, rows.map((r) => keys.map((key) => shown(r, key))), t("regions")));
  $("regions_note").textContent = t("regions_note") + (sampled ? " " + t("cells_note") : "");
}
async function show(id, move = true) {
  opened = id;
  const r = byId[id], s = r.series, box = $("region"), parts = el("div"), head = el("h3", {tabindex: "-1", id: "region-name"}, nameOf(r));
  box.replaceChildren(head, el("button", {type: "button", onclick: () => { opened = null; box.replaceChildren(); }}, t("close")), parts);
  // another region may be opened, or this one closed, while its charts are drawn
  const add = async (caption, spec, ...behindIt) => { if (!parts.isConnected) return; const chart = el("div", {class: "chart"}), part = el("div", {}, el("h4", {}, caption), chart); parts.append(part); await draw(chart, spec, `${caption}, ${nameOf(r)}`, ...behindIt); };
  if (move) { head.scrollIntoView({block: "start"}); head.focus({preventScroll: true}); }
  const sent = S.needs.filter((row) => row.region === id);
  if (sent.length) parts.append(el("h4", {}, t("help")), table([{label: t("help_kind")}, headed(t(sampled ? "amount_typical" : "amount")), ...(sampled ? [{label: t("of_members_need"), n: true}] : []), {label: t("from")}, {label: t("peak")}],
    sent.map((row) => [t("n_" + row.need), pair({p50: row.p50, p95: row.p95}, row.unit === "MW" ? num : whole, row.unit === "MW" ? 0.005 : 0.5), ...(sampled ? [inMembers(row.needed_share)] : []),
      row.from_local ? since(row.from_local) : "–", local(row.peak_local)]), `${t("help")}, ${nameOf(r)}`));
  const load = {need: s.need, served: s.served};
  await add(t("load"), lines(load, t("mw"), 1), ...seriesTable(load, 0));
  const without = Object.fromEntries(Object.keys(N.layers).map((key) => [key, s[key]]));
  await add(t("without"), lines(without, t("people_unit"), 1000), ...seriesTable(without, 1, 1000));
  if (s.indoors) { const air = {...s.indoors, outdoors: s.outdoors}; await add(t("indoors"), several(air, t("celsius")), ...seriesTable(air, 1)); }
  if (s.heat_state) await add(t("heat_state"), stacked(s.heat_state, t("share"), 1), ...seriesTable(s.heat_state, 3));
  for (const key of Object.keys(N.splits)) if (Object.keys(s[key]).length) await add(t(key), stacked(s[key], t("people_unit"), 1000), ...seriesTable(s[key], 1, 1000));
  if (s.stored) await add(t("stored"), lines({stored: s.stored}, t("m3"), 1), ...seriesTable({stored: s.stored}, 0));
  if (s.backup) await add(t("backup"), several(s.backup, t("hours_unit")), ...seriesTable(s.backup, 1));
  parts.append(el("h4", {}, t("repairs")));
  const hits = N.repairs?.[id];
  if (hits) {
    parts.append(el("p", {class: "note"}, t("repairs_note")), mending(hits, `${t("repairs")}, ${nameOf(r)}`));
    await add(t("crews"), lines({crews: s.crews}, t("crews_unit"), 1), ...seriesTable({crews: s.crews}, 1));
  } else parts.append(el("p", {}, t(N.repairs ? "repairs_none" : "repairs_not_sampled")));
  parts.append(outageSchedule(r));
}
function outageSchedule(r) {
  const groups = [1, 2, 3, 4, 5, 6].flatMap((queue) => [`${queue}.1`, `${queue}.2`]), hours = Math.min(168, Math.floor(r.outage_schedule.off[0].length / 2));
  const rows = groups.map((group, i) => el("tr", {}, el("th", {scope: "row"}, group), ...[...Array(hours).keys()].map((h) => {
    const off = (r.outage_schedule.off[i][2 * h] === "1") + (r.outage_schedule.off[i][2 * h + 1] === "1");
    return el("td", {class: off ? "off" : "on", style: off === 1 ? "opacity:.5" : null, title: moment(r.outage_schedule.start * 60000 + h * 3600000)}); })));
  return el("div", {}, el("h4", {}, t("outage_schedule")), el("p", {class: "note"}, t("outage_schedule_note", {case: sampled ? ` (${t("typical")})` : "", h: fixed(r.totals.hours_without_power_per_day.p50, 1), q: num(r.outage_schedule.queues)})), offByDamage(r),
    el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": t("outage_schedule")}, el("table", {class: "outage-schedule", "aria-hidden": "true"}, el("tbody", {}, ...rows))));
}
/* Hours of a region's mean person on broken feeders, typically; nothing where there are none. */
function offByDamage(r) {
  const off = r.totals.person_hours_off_by_damage, h = off && r.people > 0 ? off.p50 / r.people / daysOfRun : 0;
  return h >= 0.05 ? el("p", {class: "note"}, t("outage_schedule_damage", {h: fixed(h, 1)})) : null;
}
function hours() {
  const keys = Object.keys(N.layers), per = (r, key) => { const total = r.totals[N.layers[key].replace("people_", "person_hours_")]; return {p50: r.people ? total.p50 / r.people : 0, p95: r.people ? total.p95 / r.people : 0}; };
  const rows = N.regions.flatMap((r) => keys.map((key) => ({r: nameOf(r), k: t(key), v: per(r, key).p50, b: per(r, key).p95})));
  const place = {y: {field: "r", type: "nominal", title: null, sort: {field: "v", op: "max", order: "descending"}}, yOffset: {field: "k", sort: keys.map((k) => t(k))}, color: {...colour(keys), legend: null}};
  const layer = [{mark: {type: "bar", aria: false, opacity: 0.85}, encoding: {...place, x: {field: "v", type: "quantitative", title: t("hours_axis")}}}];
  if (sampled) layer.push({mark: {type: "rule", strokeWidth: 1.4, aria: false}, encoding: {...place, x: {field: "v", type: "quantitative"}, x2: {field: "b"}}});
  const spec = {keys, width: "container", height: N.regions.length * keys.length * (innerWidth < 500 ? 5 : 6), autosize: {type: "fit-x", contains: "padding"}, data: {values: rows}, layer};
  draw("c-hours", spec, t("hours"), [{label: t("region")}, ...keys.map((key) => headed(t(key)))], () => N.regions.map((r) => [nameOf(r), ...keys.map((key) => pair(per(r, key), (v) => fixed(v, 1)))]));
}
