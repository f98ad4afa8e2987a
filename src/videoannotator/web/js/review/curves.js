/** Lanes that are lines: prosody, expressions, and whatever another component measured over time. */

import { words } from "../format.js";
import { EXPRESSIONS } from "./overlay.js";
import { stretch, usualStep } from "./stretch.js";

const MAX_POINTS = 1500;
const SHADES = ["#e69f00", "#56b4e9", "#cc79a7"];
// Column, what it is called, its colour, and the range that is drawn.
const PROSODY = [
  ["f0_hz", "pitch 60–500 Hz", "#0d9f76", [60, 500]],
  ["loudness_db", "loudness −80–0 dB", "#8a93a0", [-80, 0]],
];
// Columns that say which, when and where, not how much.
const NO_MEASURE = /(_id|_index|_s)$|^[xy][12]?$|^score$/;

export async function loadProsody(data, view) {
  const found = await data.range("prosody", stretch(view, ["time_s", "f0_hz", "loudness_db"], MAX_POINTS));
  if (!found) return null;
  const curves = PROSODY.map(([column, name, color, range]) => ({ name, color, range, values: found.columns[column] }));
  return { times: found.columns.time_s, curves };
}

/** The three strongest expressions of whoever is seen most in this stretch. */
export async function loadExpressions(data, view) {
  const found = await data.range("faces", stretch(view, ["time_s", "track_id", ...EXPRESSIONS], MAX_POINTS));
  if (!found) return null;
  const { rows, title } = ofOne(found.columns, view.solo);
  const strength = (name) => rows.reduce((sum, at) => sum + (found.columns[name][at] ?? 0), 0);
  const names = EXPRESSIONS.filter((name) => name !== "neutral").sort((a, b) => strength(b) - strength(a)).slice(0, SHADES.length);
  const curves = names.map((name, at) => ({ name, color: SHADES[at], range: [0, 1], values: rows.map((row) => found.columns[name][row]) }));
  return { times: rows.map((at) => found.columns.time_s[at]), curves, title };
}

/** The first measures of any table, each over its own range; of whoever is seen most, where it tells people apart. */
export async function loadSeries(data, view) {
  const { columns } = await data.range(this.table, stretch(view, undefined, MAX_POINTS));
  const { rows, title } = ofOne(columns, view.solo);
  const measures = Object.keys(columns).filter((name) => !NO_MEASURE.test(name) && columns[name].some(Number.isFinite));
  const curves = measures.slice(0, SHADES.length).map((name, at) => {
    const values = rows.map((row) => columns[name][row]);
    const known = values.filter(Number.isFinite);
    const [low, high] = [known.reduce((a, b) => Math.min(a, b), Infinity), known.reduce((a, b) => Math.max(a, b), -Infinity)];
    return { name: words(name).toLowerCase(), color: SHADES[at], range: low < high ? [low, high] : [low - 1, low + 1], values };
  });
  return { times: rows.map((at) => columns.time_s[at]), curves, title };
}

/** The rows of one person, where there are several: of the one shown alone, else of whoever is seen most. */
function ofOne({ time_s: times, track_id: tracks }, solo) {
  const all = times.map((_, at) => at);
  if (!tracks) return { rows: all, title: "" };
  const who = solo ?? mostOften(tracks);
  return { rows: all.filter((at) => tracks[at] === who), title: who === null ? "" : `person ${who}` };
}

function mostOften(values) {
  const counts = new Map();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** Lines that break where nothing was measured. */
export function drawCurves(pen, { times, curves, title }) {
  const step = usualStep(times);
  for (const curve of curves) pen.curve(times, curve.values, curve.range, curve.color, step * 3);
  pen.legend([...(title ? [[title, pen.strong]] : []), ...curves.map((one) => [one.name, one.color])]);
}
