/**
 * The rows of the timeline: what each asks of the server for a stretch of time, and how it is drawn.
 * A lane is `{name, title, height, table, load(data, view) -> drawing, draw(pen, drawing)}`.
 */

import { words } from "../format.js";
import { colorOf } from "./colors.js";
import { drawCurves, loadExpressions, loadProsody, loadSeries } from "./curves.js";
import { stretch, usualStep } from "./stretch.js";

const ROW_PX = 9;

const LANES = [
  { name: "cuts", title: "Cuts", height: 22, table: "scenes", load: loadCuts, draw: drawCuts },
  { name: "people", title: "People", height: 46, table: "people", load: loadTracks, draw: drawTracks },
  { name: "faces", title: "Faces", height: 46, table: "faces", load: loadTracks, draw: drawTracks },
  { name: "speakers", title: "Speakers", height: 40, table: "turns", load: loadTurns, draw: drawTracks },
  { name: "words", title: "Words", height: 24, table: "words", load: loadWords, draw: drawWords },
  { name: "prosody", title: "Pitch and loudness", height: 52, table: "prosody", load: loadProsody, draw: drawCurves },
  { name: "expression", title: "Expressions", height: 52, table: "faces", needs: "happiness", load: loadExpressions, draw: drawCurves },
];
const TOLD = new Set([...LANES.map((lane) => lane.table), "utterances", "face_mesh"]); // tables with a place of their own

/** The lanes of a job: ours, and a curve for every other table that measures something over time. */
export function lanesOf(data) {
  const ours = LANES.filter((lane) => data.has(lane.table) && (!lane.needs || data.columns(lane.table).includes(lane.needs)));
  const others = data.info.tables.filter((one) => !TOLD.has(one.name) && one.columns.includes("time_s"));
  return [...ours, ...others.map(({ name }) => ({ name, title: words(name), height: 52, table: name, load: loadSeries, draw: drawCurves }))];
}

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
