/* ---------- key figures, people over time, deadlines in one table, what events do ---------- */
const daysOfRun = N.t.length * N.step_h / 24;
function figure(label, row, show, ...notes) {
  const bad = sampled && show(row.p95) !== show(row.p50) ? el("span", {class: "worse"}, t("bad"), " ", el("b", {}, show(row.p95))) : null;
  return el("div", {}, el("dt", {}, capital(label)), el("dd", {}, el("b", {class: "big"}, show(row.p50)), bad, ...notes.filter(Boolean).map((text) => el("small", {}, text))));
}
/* What keeps power from people, by means, which add up; nothing where the run does not say or all have power. */
function offBy() {
  const hours = ["rotation", "damage"].map((name) => S.metrics[`person_hours_off_by_${name}`]?.mean ?? 0), whole = hours[0] + hours[1];
  return whole > 0 ? t("figure_off_by", {rotation: fixed(100 * hours[0] / whole, 0), damage: fixed(100 * hours[1] / whole, 0)}) : null;
}
/* Key figures of the country: typical and bad case, and in how many members a hundredth of its people or more is without. */
function figures() {
  const m = S.metrics, peak = (key) => m[`${N.layers[key]}_peak`], cards = [];
  const odds = (key) => sampled && N.chances[key] !== undefined ? t("figure_chance", {members: members(N.chances[key])}) : null;
  if (N.layers.power) cards.push(figure(t("power"), peak("power"), crowd, m.saidi ? t("figure_hours", {h: fixed(m.saidi.p50 / daysOfRun, 1)}) : null, offBy()));
  if (N.layers.heat) cards.push(figure(t("heat"), peak("heat"), crowd, odds("heat")));
  const water = N.layers.dry_street ? "dry_street" : N.layers.water ? "water" : null;
  if (water) cards.push(figure(t(water), peak(water), crowd, odds(water), N.layers.dry_high_floors ? t("figure_floors", {people: crowd(peak("dry_high_floors").p50)}) : null));
  if (N.layers.all) cards.push(figure(t("all"), peak("all"), crowd, odds("all")));
  const ens = m.energy_not_served, share = m.energy_not_served_share;
  cards.push(figure(t("figure_missing"), ens, (v) => t("gwh", {n: num(v / 1000)}), share ? t("figure_share", {share: num(100 * share.p50)}) : null));
  $("figures").replaceChildren(...cards);
}
/* What would be missing without the events too, where the run has such a base line. */
function standing() {
  const base = N.standing;
  return base ? el("p", {id: "standing"}, t(base.share === null ? "standing_none" : "standing", {share: whole(100 * base.share), more: Object.entries(base.more).map(([what, n]) => t("standing_" + what, {n: num(n)})).join(", ")})) : null;
}
function overTime() {
  const keys = ["power", "heat", "dry_street", "dry_high_floors", "water", "all"].filter((key) => N.layers[key] && !(key === "water" && N.layers.dry_street));
  $("c-people").replaceChildren(...keys.map((key) => {
    const chart = el("div", {class: "chart"}), series = {[key]: N.national[key]}, spec = lines(series, t("people_unit"), 1000);
    const part = el("div", {}, el("h3", {}, capital(t(key))), chart);
    spec.height = 120;
    spec.layer.forEach((one) => { if (one.encoding.color) one.encoding.color = {value: COLOURS[["power", "heat", "dry_street", "all"].indexOf(key) + 1 || 5]}; });
    setTimeout(() => draw(chart, spec, `${t("over")}: ${t(key)}`, ...seriesTable(series, 0, 1)));
    return part;
  }));
}
const words_of = (kind) => kind.startsWith("fuel_") ? `${t("fuel")}: ${t("sys_" + kind.slice(5))}` : t(kind);
function deadlines() {
  const kinds = [...new Set(S.deadlines.map((row) => row.deadline))], there = kinds.filter((kind) => reaching(kind).length), never = kinds.filter((kind) => !there.includes(kind)).map(words_of);
  const rows = {}, soonest = (cells, key) => Math.min(...Object.values(cells).map((row) => row[key] ?? 1e9));
  for (const kind of there) for (const row of reaching(kind)) (rows[row.region] ??= {})[kind] = row;
  const cell = (row) => !row ? "–" : !sampled ? due(row, row.local_p50) : el("span", {}, due(row, row.local_p50), row.local_p05 && due(row, row.local_p05) !== due(row, row.local_p50) ? small(due(row, row.local_p05), t("bad")) : null, row.reached_share < 1 ? odds(row.reached_share) : null);
  const order = Object.entries(rows).sort(([, a], [, b]) => soonest(a, "hours_p50") - soonest(b, "hours_p50") || soonest(a, "hours_p05") - soonest(b, "hours_p05"));
  const parts = there.length ? [table([{label: t("region")}, ...there.map((kind) => headed(capital(words_of(kind))))], order.map(([id, cells]) => [nameOf(byId[id]), ...there.map((kind) => cell(cells[kind]))]), t("deadlines"))] : [];
  if (never.length) parts.push(el("p", {}, t(sampled ? "none_reached" : "none_reached_one", {what: never.join("; ")})));
  $("deadlines_note").textContent = t(sampled ? "deadlines_note" : "deadlines_note_one", {start: S.run.start}) + (sampled ? " " + t("b_time_note") : "");
  $("deadlines").replaceChildren(...parts);
}
/* Method and assumptions in sentences; settings of the run stand in them. */
function method() {
  const told = N.assumed, sentences = ["what", ...(sampled ? ["members"] : []), "power", "rotation", "heat", "water", "events", "repair", "data", "truth"].map((key) => `method_${key}`)
    .concat(Object.keys(told).map((name) => `assumed_${name}`));
  $("method").replaceChildren(el("ul", {}, ...sentences.map((key) => el("li", {}, t(key, {...told, members: whole(S.run.members), l: num(N.water_l), h: num(N.bridged_h), share: num(100 * (told[key.slice(8)] ?? 0)), n: num(told[key.slice(8)] ?? 0)})))));
}
function inputs() {
  const run = S.run, facts = [["scenario", N.titles[lang]], ["network", run.network], ["weather", run.weather], ["period", `${run.start} – ${run.end} (${run.timezone})`],
    ["members", N.deterministic ? "1" : run.members], ["seed", run.seed], ["program", run.source], ["storage", t(N.storage)]];
  const parts = [table([{label: t("setting")}, {label: t("value")}], facts.map(([key, value]) => [t(key), String(value)]), t("inputs"))];
  if (N.sources.length) parts.push(behind([{label: t("publisher")}, {label: t("date")}, {label: t("terms")}, {label: t("address")}], () => N.sources.map((one) => [el("span", {lang: "en"}, one.publisher), one.date, el("span", {lang: "en"}, one.licence_note), one.url]), t("sources")));
  if (N.unconfirmed.length) parts.push(el("p", {class: "note"}, t("unconfirmed_note")), behind([{label: `${t("setting")}: ${t("value").toLowerCase()}`}, {label: t("meaning")}],
    () => N.unconfirmed.map((one) => [`${one.name.replaceAll("_", "_\u200b")}: ${one.value}`, el("span", {lang: "en"}, one.words)]), t("unconfirmed")));
  parts.push(Object.keys(N.manifest).length ? el("details", {}, el("summary", {}, t("manifest")), el("pre", {lang: "en"}, JSON.stringify(N.manifest, null, 1))) : el("p", {}, t("no_manifest")));
  $("inputs").replaceChildren(...parts);
}
