/**
 * The rows of the timeline: what each asks of the server for a stretch of time, and how it is drawn.
 * A lane is `{name, title, height, table, load(data, view) -> drawing, draw(pen, drawing)}`.
 */

import { colorOf } from "./colors.js";
import { EXPRESSIONS } from "./overlay.js";

const MAX_ROWS = 4000; // more cannot be told apart on a screen
const ROW_PX = 9;
// Column, what it is called, its colour, and the range that is drawn.
const CURVES = [
  ["f0_hz", "pitch 60–500 Hz", "#0d9f76", [60, 500]],
  ["loudness_db", "loudness −80–0 dB", "#8a93a0", [-80, 0]],
];

export const LANES = [
  { name: "cuts", title: "Cuts", height: 22, table: "scenes", load: loadCuts, draw: drawCuts },
  { name: "people", title: "People", height: 46, table: "people", load: loadTracks, draw: drawTracks },
  { name: "faces", title: "Faces", height: 46, table: "faces", load: loadTracks, draw: drawTracks },
  { name: "speakers", title: "Speakers", height: 40, table: "turns", load: loadTurns, draw: drawTracks },
  { name: "words", title: "Words", height: 24, table: "words", load: loadWords, draw: drawWords },
  { name: "prosody", title: "Pitch and loudness", height: 52, table: "prosody", load: loadProsody, draw: drawCurves },
  { name: "expression", title: "Expressions", height: 52, table: "faces", needs: "happiness", load: loadExpressions, draw: drawCurves },
];

const stretch = (view, columns) => ({ start: view.start, end: view.end, columns, maxRows: MAX_ROWS, signal: view.signal });

async function loadCuts(data, view) {
  const found = await data.range("scenes", stretch(view, ["start_s", "end_s"]));
  return found && found.columns.start_s;
}

function drawCuts(pen, starts) {
  for (const [at, start] of starts.entries()) {
    const end = starts[at + 1] ?? pen.view.duration;
    pen.bar(start, end, 3, pen.height - 6, at % 2 ? pen.soft : pen.sunken);
    pen.bar(start, start, 0, pen.height, pen.strong);
  }
}

/** Presence of each track: samples that follow each other closely are one stretch. */
async function loadTracks(data, view) {
  const found = await data.range(this.table, stretch(view, ["time_s", "track_id"]));
  if (!found) return null;
  const { time_s: times, track_id: tracks } = found.columns;
  const step = usualStep(times);
  const bars = [];
  const open = new Map();
  for (const [at, time] of times.entries()) {
    const who = tracks?.[at] ?? null;
    const last = open.get(who);
    if (last && time - last.end <= step * 2.5) last.end = time;
    else open.set(who, bars[bars.push({ who, start: time, end: time, label: who === null ? "?" : String(who) }) - 1]);
  }
  for (const bar of bars) bar.end += step / 2;
  return stacked(bars);
}

async function loadTurns(data, view) {
  const found = await data.range("turns", stretch(view));
  if (!found) return null;
  const { start_s: starts, end_s: ends, speaker } = found.columns;
  return stacked(starts.map((start, at) => ({ who: speaker[at], start, end: ends[at], label: (speaker[at] ?? "?").replace("SPEAKER_", "Speaker ") })));
}

function usualStep(times) {
  const unique = [...new Set(times)];
  const gaps = unique.slice(1).map((time, at) => time - unique[at]).sort((a, b) => a - b);
  return gaps.length ? Math.max(gaps[gaps.length >> 1], 0.02) : 0.1;
}

/** Each track keeps to one row; tracks that do not overlap may share one. */
function stacked(bars) {
  const spans = new Map();
  for (const bar of bars) {
    const span = spans.get(bar.who) ?? { who: bar.who, start: bar.start, end: bar.end };
    spans.set(bar.who, { ...span, start: Math.min(span.start, bar.start), end: Math.max(span.end, bar.end) });
  }
  const ends = [];
  const row = new Map();
  for (const span of [...spans.values()].sort((a, b) => a.start - b.start)) {
    let at = ends.findIndex((end) => end <= span.start);
    if (at < 0) at = ends.length;
    ends[at] = span.end;
    row.set(span.who, at);
  }
  return { bars: bars.map((bar) => ({ ...bar, row: row.get(bar.who) })), rows: ends.length };
}

function drawTracks(pen, { bars, rows }) {
  const step = Math.min(14, Math.max(3, (pen.height - 4) / Math.max(1, rows)));
  for (const bar of bars) {
    const top = 2 + bar.row * step;
    if (top > pen.height) continue;
    pen.bar(bar.start, bar.end, top, Math.max(2, step - 1), colorOf(bar.who), pen.shows(bar.who) ? 1 : 0.15);
    if (step >= ROW_PX) pen.text(bar.label, bar.start, top + step - 3.5, bar.end);
  }
}

async function loadWords(data, view) {
  const found = await data.range("words", stretch(view, ["start_s", "end_s", "text"]));
  return found && found.columns;
}

function drawWords(pen, { start_s: starts, end_s: ends, text }) {
  for (const [at, start] of starts.entries()) {
    pen.bar(start, Math.max(ends[at], start + 0.02), 4, pen.height - 8, pen.soft);
    pen.text(text[at], start, pen.height / 2 + 4, ends[at], pen.strong);
  }
}

async function loadProsody(data, view) {
  const found = await data.range("prosody", { ...stretch(view, ["time_s", "f0_hz", "loudness_db"]), maxRows: 1500 });
  if (!found) return null;
  const curves = CURVES.map(([column, name, color, range]) => ({ name, color, range, values: found.columns[column] }));
  return { times: found.columns.time_s, curves };
}

/** The three strongest expressions of whoever is seen most in this stretch. */
async function loadExpressions(data, view) {
  const found = await data.range("faces", { ...stretch(view, ["time_s", "track_id", ...EXPRESSIONS]), maxRows: 1500 });
  if (!found) return null;
  const { time_s: times, track_id: tracks } = found.columns;
  const who = view.solo ?? mostOften(tracks);
  const rows = times.map((_, at) => at).filter((at) => tracks[at] === who);
  const shades = ["#e69f00", "#56b4e9", "#cc79a7"];
  const strength = (name) => rows.reduce((sum, at) => sum + (found.columns[name][at] ?? 0), 0);
  const names = EXPRESSIONS.filter((name) => name !== "neutral").sort((a, b) => strength(b) - strength(a)).slice(0, 3);
  const curves = names.map((name, at) => ({ name, color: shades[at], range: [0, 1], values: rows.map((row) => found.columns[name][row]) }));
  return { times: rows.map((at) => times[at]), curves, title: who === null ? "" : `person ${who}` };
}

function mostOften(values) {
  const counts = new Map();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** Lines that break where nothing was measured. */
function drawCurves(pen, { times, curves, title }) {
  const step = usualStep(times);
  for (const curve of curves) pen.curve(times, curve.values, curve.range, curve.color, step * 3);
  pen.legend([...(title ? [[title, pen.strong]] : []), ...curves.map((one) => [one.name, one.color])]);
}
