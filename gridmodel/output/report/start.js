function render() {
  document.documentElement.lang = lang;
  document.title = document.querySelector("h1").textContent = N.titles[lang];
  for (const place of document.querySelectorAll("[data-w]")) place.textContent = t(place.dataset.w);
  for (const place of document.querySelectorAll("[data-place]")) if (byId[place.dataset.place]) place.textContent = nameOf(byId[place.dataset.place]);
  for (const place of document.querySelectorAll(".sampled")) place.hidden = !sampled;
  figures(); cascades(); why(); what(); overTime(); deadlines(); help(); map(); balance(); regions(); hours(); method(); inputs();
  if (opened) show(opened, false);
}
$("lang").value = lang;
$("lang").addEventListener("change", (event) => { lang = event.target.value; render(); });
$("theme").addEventListener("change", (event) => { if (event.target.value === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = event.target.value; });
$("slider").max = times.length - 1;
const most = (series) => Math.max(...series.typical) > 0 ? series.typical : series.high ?? series.typical;
const cold = N.national.heat && Math.max(...most(N.national.heat)) >= 50, worst = most(N.national[cold ? "heat" : "power"]);
$("slider").value = worst.indexOf(Math.max(...worst));
$("slider").addEventListener("input", moveMap);
$("layer").addEventListener("change", moveMap);
$("which").addEventListener("change", moveMap);
addEventListener("resize", () => { fitLabels(); moveMap(); });
render();
