/**
 * The annotations of one job, loaded in pieces of ten seconds around the playhead, so that a long video
 * costs no more memory than a short one. Pieces that were not complete when they came are asked for again.
 */

import { get, passes } from "../api.js";

const TILE_S = 10;
const KEPT_TILES = 24; // of each table
const AHEAD = 1; // tiles that are loaded before they are needed
const AGAIN_MS = 2000; // after a piece that could not be loaded

/**
 * @typedef {Object} Moment Rows of one table at one presentation time.
 * @property {number} time_s
 * @property {number[]} rows Indices into `columns`.
 * @property {Object<string, any[]>} columns
 */

export class Data extends EventTarget {
  #tiles = new Map();
  #wanted = new Map(); // table -> columns, null for all

  /** @param {string} jobId @param {AbortSignal} signal Of the view; loading ends with it. */
  constructor(jobId, signal) {
    super();
    Object.assign(this, { jobId, signal });
  }

  /** What there is now; loaded pieces that have grown since are forgotten. */
  async refresh() {
    this.info = await get(`/jobs/${this.jobId}/annotations`, this.signal);
    for (const [key, tile] of this.#tiles) {
      const covered = this.covered(tile.table);
      if (tile.loaded && tile.covered_s < tile.end_s && covered > tile.covered_s) this.#tiles.delete(key);
    }
    this.dispatchEvent(new Event("change"));
  }

  get final() {
    return this.info.final;
  }

  has(table) {
    return this.info.tables.some((one) => one.name === table);
  }

  columns(table) {
    return this.info.tables.find((one) => one.name === table)?.columns ?? [];
  }

  /** Up to which second a table speaks of the video. */
  covered(table) {
    return this.info.tables.find((one) => one.name === table)?.covered_s ?? 0;
  }

  /** Rows of any stretch, thinned; for curves and lists. Null where there is no such table yet. */
  async range(table, { start = 0, end, columns, maxRows, signal = this.signal } = {}) {
    if (!this.has(table)) return null;
    const query = new URLSearchParams({ start_s: Math.max(0, start).toFixed(3) });
    if (end) query.set("end_s", end.toFixed(3));
    if (columns) query.set("columns", columns.join(","));
    if (maxRows) query.set("max_rows", maxRows);
    return get(`/jobs/${this.jobId}/annotations/${table}?${query}`, signal);
  }

  /** Which columns of a table the overlay needs; without this call all but meshes. */
  want(table, columns) {
    this.#wanted.set(table, columns);
  }

  /**
   * What a table says at a time: the nearest sampled moment, if it is near enough to speak of this time.
   *
   * @returns {Moment|null} Null where nothing was said, or not loaded yet.
   */
  at(table, time_s) {
    if (!this.has(table)) return null;
    const number = Math.floor(time_s / TILE_S);
    for (let n = number; n <= number + AHEAD; n += 1) this.#load(table, n);
    // A moment just over the edge of a piece may be nearer.
    const near = [number - 1, number, number + 1].map((n) => this.#tiles.get(`${table}/${n}`)).filter((tile) => tile?.loaded);
    let best = null;
    let distance = Infinity;
    for (const tile of near) {
      const moment = nearest(tile.moments, time_s);
      const away = moment ? Math.abs(moment.time_s - time_s) : Infinity;
      if (away < distance && away <= tile.reach_s) [best, distance] = [moment, away];
    }
    return best;
  }

  #load(table, number) {
    const start = number * TILE_S;
    const key = `${table}/${number}`;
    const known = this.#tiles.get(key);
    if (known) {
      this.#tiles.delete(key); // the last used go last
      this.#tiles.set(key, known);
      return;
    }
    if (start < 0 || start >= this.info.duration_s || start > this.covered(table)) return;
    const tile = { table, start_s: start, end_s: start + TILE_S, loaded: false };
    this.#tiles.set(key, tile);
    this.range(table, { start, end: tile.end_s, columns: this.#wanted.get(table) })
      .then((found) => {
        Object.assign(tile, prepared(found), { loaded: true });
        this.#forget(table);
        this.dispatchEvent(new Event("tile"));
      })
      .catch((error) => passes(error) && setTimeout(() => this.#forgive(key), AGAIN_MS));
  }

  /** A piece that could not be loaded is asked for again when it is next needed: at once, where it is in view. */
  #forgive(key) {
    if (this.signal.aborted) return;
    this.#tiles.delete(key);
    this.dispatchEvent(new Event("tile"));
  }

  #forget(table) {
    const keys = [...this.#tiles.keys()].filter((key) => key.startsWith(`${table}/`));
    for (const key of keys.slice(0, Math.max(0, keys.length - KEPT_TILES))) this.#tiles.delete(key);
  }
}

/** Rows grouped by their time, in order; `reach_s` is how far from its time a sample still speaks. */
function prepared({ columns, covered_s }) {
  const times = columns.time_s ?? [];
  const order = times.map((_, at) => at).sort((a, b) => times[a] - times[b]);
  const moments = [];
  for (const at of order) {
    if (moments.at(-1)?.time_s === times[at]) moments.at(-1).rows.push(at);
    else moments.push({ time_s: times[at], rows: [at], columns });
  }
  const gaps = moments.slice(1).map((one, at) => one.time_s - moments[at].time_s).sort((a, b) => a - b);
  // Samples of pictures that come in another rhythm lie one or two pictures apart: the wider gaps count.
  const usual = gaps.length ? gaps[Math.floor(gaps.length * 0.75)] : 0.2;
  return { moments, covered_s, reach_s: Math.max(0.03, Math.min(1, usual * 0.6)) };
}

function nearest(moments, time_s) {
  let low = 0;
  let high = moments.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle].time_s < time_s) low = middle + 1;
    else high = middle;
  }
  const [after, before] = [moments[low], moments[low - 1]];
  if (!before || !after) return after ?? before ?? null;
  return time_s - before.time_s < after.time_s - time_s ? before : after;
}
