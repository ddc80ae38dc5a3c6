/* ---------- map: outlines where the network has them, else one tile per region ---------- */
const BREAKS = [0.001, 0.01, 0.05, 0.1, 0.2, 0.5], FILLS = ["#f4f1e6", "#fbe6b0", "#f9c980", "#f2a258", "#e0703c", "#a82a20", "#5f0d1c"];
const grade = (share) => BREAKS.filter((limit) => share >= limit).length;
const shareAt = (r, at) => { const layer = r.series[$("layer").value]; return r.people ? (layer[$("which").value] ?? layer.typical)[at] / r.people : 0; };
const percent = (share) => num(100 * share, share < 0.1 ? 1 : 2);
const svg = (tag, attributes = {}, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) if (key.startsWith("on")) made.addEventListener(key.slice(2), value); else made.setAttribute(key, value);
  made.append(...children);
  return made;
};

function moveMap() {
  const at = Number($("slider").value);
  $("when").textContent = moment(times[at]);
  $("slider").setAttribute("aria-valuetext", moment(times[at]));
  for (const r of N.regions) {
    const share = shareAt(r, at), step = grade(share), dark = step >= 5;
    const said = `${nameOf(r)}: ${percent(share)}\u00a0%, ${t($("layer").value)}`;
    if (r.shape) {
      r.shape.querySelector("path").style.fill = FILLS[step];
      r.label.querySelector(".share").textContent = percent(share) + (r.roomy ? "\u00a0%" : "");
      r.label.setAttribute("class", dark ? "dark" : "");
      r.shape.setAttribute("aria-label", said);
      r.shape.querySelector("title").textContent = said;
    } else {
      r.tile.style.background = FILLS[step];
      r.tile.style.color = dark ? "#fff" : "#000";
      r.tile.querySelector("b").textContent = percent(share) + "\u00a0%";
    }
  }
}
function legend() {
  const edge = (i) => num(100 * BREAKS[i]), steps = FILLS.map((fill, i) => [fill, i === 0 ? t("map_below", {n: edge(0)}) : i === BREAKS.length ? t("map_above", {n: edge(i - 1)}) : `${edge(i - 1)}–${edge(i)}\u00a0%`]);
  if (N.map?.beside.length) steps.push(["var(--nodata)", t("map_nodata")]);
  $("legend").replaceChildren(...steps.map(([fill, words]) => el("li", {}, el("span", {style: `background:${fill}`, "aria-hidden": "true"}), words)));
}
function outlines() {
  const press = (r) => ({onclick: () => show(r.id), onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(r.id); } }});
  const shapes = N.regions.map((r) => { const shape = N.map.shapes[r.id];
    return r.shape = svg("g", {class: "place", role: "button", tabindex: "0", "data-region": r.id, ...press(r)}, svg("title"), svg("path", {d: shape.d})); });
  const labels = N.regions.map((r) => { const {x, y} = N.map.shapes[r.id]; return r.label = svg("text", {x, y}, svg("tspan", {class: "name", x}), svg("tspan", {class: "share", x})); });
  const beside = N.map.beside.map((area) => svg("path", {class: "nodata", d: area.d}, svg("title")));
  N.map.beside.forEach((area, i) => { beside[i].querySelector("title").textContent = `${area.names[lang] ?? area.names.en}: ${t("map_nodata")}`; });
  $("outlines").replaceChildren(svg("svg", {viewBox: `-4 -4 ${N.map.width + 8} ${N.map.height + 8}`, role: "group", "aria-label": t("map"), "fill-rule": "evenodd"}, ...beside, ...shapes, svg("g", {"aria-hidden": "true"}, ...labels)));
  fitLabels();
}
/* Letters of 12 pixels at any width: names where they fit and touch no other label, the roomiest region first; else the number alone. */
function fitLabels() {
  if (!N.map) return;
  const box = $("outlines").firstChild.getBoundingClientRect(), scale = Math.min(box.width / (N.map.width + 8), box.height / (N.map.height + 8));
  if (!scale) return;
  $("outlines").style.setProperty("--letter", `${12 / scale}px`);
  const write = (r, name) => {
    r.label.querySelector(".name").textContent = name;
    r.label.querySelector(".name").setAttribute("dy", name ? "-0.15em" : "0");
    r.label.querySelector(".share").setAttribute("dy", name ? "1.1em" : "0.35em");
    r.box = r.label.getBoundingClientRect();
  };
  const apart = (a, b) => a.right + 3 < b.left || b.right + 3 < a.left || a.bottom < b.top || b.bottom < a.top;
  for (const r of N.regions) {
    r.room = 2 * N.map.shapes[r.id].r * scale;
    r.roomy = r.room > 26;
    r.label.querySelector(".share").textContent = r.roomy ? "100\u00a0%" : "100";
    write(r, "");
  }
  for (const r of [...N.regions].sort((a, b) => b.room - a.room)) {
    if (innerWidth < 500 || nameOf(r).length * 6.4 >= 1.75 * r.room) continue;
    write(r, nameOf(r));
    if (!N.regions.every((other) => other === r || apart(r.box, other.box))) write(r, "");
  }
}
function map() {
  const chosen = $("layer").value || (cold ? "heat" : Object.keys(N.layers)[0]), which = $("which").value || "typical";
  $("layer").replaceChildren(...Object.keys(N.layers).map((key) => el("option", {value: key}, t(key))));
  $("layer").value = chosen;
  $("which").replaceChildren(...[["typical", "typical"], ["high", "bad"]].map(([value, key]) => el("option", {value}, t(key))));
  $("which").value = which;
  if (N.map) outlines(); else tiles();
  $("map_note").textContent = t(N.map ? "map_note_outlines" : "map_note") + (N.map ? ` ${N.map.attribution[lang] ?? N.map.attribution.en}` : "");
  legend();
  moveMap();
}
function tiles() {
  $("tiles").style.gridTemplateColumns = `repeat(${1 + Math.max(...N.regions.map((r) => r.column))}, minmax(0, 1fr))`;
  const order = [...N.regions].sort((a, b) => a.row - b.row || a.column - b.column);
  $("tiles").replaceChildren(...order.map((r) => r.tile = el("li", {style: `grid-column:${r.column + 1};grid-row:${r.row + 1}`},
    el("button", {type: "button", "data-region": r.id, onclick: () => show(r.id)}, nameOf(r), el("b")))));
}
