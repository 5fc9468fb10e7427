"use strict";
// Draws a chart once it comes near the window, in the palette of the colour scheme; opens what a link leads to.
(() => {
  const LIGHT = { ink: "#1b1f24", soft: "#57606a", line: "#d8dee4", paper: "rgba(0,0,0,0)", one: "#0b62c4", two: "#b3420c",
    three: "#6a45b3", ok: "#1a7f37", fault: "#b58100", band: "rgba(212,155,0,0.16)" };
  const DARK = { ink: "#e6e8ea", soft: "#a3adb8", line: "#3a424b", paper: "rgba(0,0,0,0)", one: "#6cb2ff", two: "#ff9d5c",
    three: "#b99bf0", ok: "#7ccf80", fault: "#d9a514", band: "rgba(232,180,40,0.16)" };
  // Read once: Chromium sends no "change" to a list that is read after the change and before the next frame.
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  let dark = scheme.matches;
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const places = figures.map((_, i) => document.getElementById("chart-" + i));
  const drawn = new Set();
  const drawing = places.map(() => Promise.resolve());
  let printing = false;

  const painted = (value, palette) => {
    if (Array.isArray(value)) return value;
    if (value === null || typeof value !== "object") return value;
    const copy = {};
    for (const [key, of] of Object.entries(value)) {
      const names = key === "color" || key === "fillcolor";
      copy[key] = names && typeof of === "string" && of[0] === "$" ? palette[of.slice(1)] : painted(of, palette);
    }
    return copy;
  };

  const axis = (given, palette) => ({ gridcolor: palette.line, zeroline: false, linecolor: palette.line, automargin: true,
    fixedrange: false, ...given });

  const draw = (i) => {
    const palette = dark && !printing ? DARK : LIGHT;
    const figure = painted({ data: { ...figures[i].data }, layout: figures[i].layout }, palette);
    const layout = { ...figure.layout };
    for (const key of Object.keys(layout)) if (/^[xy]axis\d?$/.test(key)) layout[key] = axis(layout[key], palette);
    if (layout.shapes) layout.shapes = layout.shapes.map((shape) => painted(shape, palette));
    Object.assign(layout, { height: figures[i].height, margin: { l: 60, r: 12, t: 8, b: 44 }, paper_bgcolor: palette.paper,
      plot_bgcolor: palette.paper, font: { color: palette.ink, size: 12, family: "system-ui, sans-serif" },
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", ...layout.legend }, hovermode: "closest", autosize: true });
    drawn.add(i);
    return Plotly.react(places[i], Object.values(figure.data), layout,
      { displayModeBar: false, responsive: true, displaylogo: false, showTips: false });
  };

  // A chart is drawn in steps: one that is told of new colours meanwhile may end in the old ones.
  const drawNext = (i) => { drawing[i] = drawing[i].then(() => draw(i)).catch((why) => console.error(why)); };

  if (figures.length && window.Plotly) {
    const near = new IntersectionObserver((seen) => {
      for (const entry of seen) {
        if (!entry.isIntersecting) continue;
        near.unobserve(entry.target);
        drawNext(places.indexOf(entry.target));
      }
    }, { rootMargin: "400px" });
    places.forEach((place, i) => { place.style.minHeight = figures[i].height + "px"; near.observe(place); });
    scheme.addEventListener("change", (change) => {
      dark = change.matches;
      drawn.forEach(drawNext);
    });
  }

  const lead = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
    const raw = target.querySelector("details.raw");
    if (raw) raw.open = true;
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", lead);
  lead();

  // A printed page shows what is folded, but for raw exchanges, in light colours.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    printing = true;
    folded = [...document.querySelectorAll("details:not(.raw):not([open])")];
    folded.forEach((part) => { part.open = true; });
    if (window.Plotly) places.forEach((_, i) => draw(i));
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    folded.forEach((part) => { part.open = false; });
    drawn.forEach(drawNext);
  });
  document.documentElement.dataset.ready = "yes";
})();
