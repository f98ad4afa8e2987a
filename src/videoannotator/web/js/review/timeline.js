/** The timeline: lanes over one stretch of the video; only that stretch is loaded. */

import { passes } from "../api.js";
import { fill, h } from "../dom.js";
import * as format from "../format.js";
import { lanesOf } from "./lanes.js";
import { Pen } from "./pen.js";

const STEPS_S = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
const RULER = { name: "ruler", title: "", height: 30 };
const SHORTEST_S = 0.5;
const SETTLE_MS = 120; // after the last change of the view, before its rows are asked for
const JUMP_S = 1; // a playhead that moved further was sent there
const AGAIN_MS = 3000; // after rows that could not be had

export class Timeline {
  #rows = [];
  #loading = new AbortController();
  #timer = 0;
  #frame = 0;
  #busy = false; // a look lasts
  #resting = false; // the next look waits its turn
  #grown = false; // there is more than the last look found
  #took_ms = SETTLE_MS;
  #at_s = 0; // the playhead
  #held = true; // the view held the playhead

  /** @param {import("./data.js").Data} data @param {import("./player.js").Player} player @param {Object} tracks Which tracks are shown. */
  constructor(data, player, tracks) {
    Object.assign(this, { data, player, tracks });
    const duration = data.info.duration_s;
    this.view = { start: 0, end: duration, duration };
    this.hidden = new Set();
    this.playhead = h("div.playhead");
    this.lanes = h("div.lanes");
    const tool = (label, text, run) => h("button.small", { type: "button", "aria-label": label, title: label, onclick: run }, text);
    this.tools = h("div.tools", {}, tool("Zoom in", "+", () => this.zoom(0.5)), tool("Zoom out", "−", () => this.zoom(2)),
      tool("Show all", "All", () => this.show(0, duration)));
    this.element = h("section.timeline", { "aria-label": "Timeline" }, this.lanes);
    this.#build();
    this.observer = new ResizeObserver(() => this.redraw());
    this.observer.observe(this.lanes);
  }

  /** Lanes for the tables that there are; called again when a running job has more of them. */
  #build() {
    const there = lanesOf(this.data);
    const names = there.map((lane) => lane.name).join();
    if (names === this.names) return;
    this.names = names;
    this.#rows = [RULER, ...there].map((lane) => this.#row(lane));
    const nothing = !there.length && h("p.nothing", {}, this.data.final ? "Nothing was found that has a time." : "Rows come with the first results.");
    fill(this.lanes, this.#rows.map((row) => row.element), nothing, this.playhead);
  }

  #row(lane) {
    const canvas = h("canvas", { role: "img", "aria-label": lane.title ? `${lane.title} over time` : "Time" });
    canvas.style.height = `${lane.height}px`;
    this.#listen(canvas);
    const name = h("div.name", {}, lane === RULER ? this.tools : h("span", {}, lane.title));
    const element = h("div.lane", { data: { lane: lane.name } }, name, canvas);
    const row = { lane, canvas, element, drawing: null };
    if (lane.table) {
      row.hide = h("button.quiet", { type: "button", "aria-pressed": "false", "aria-label": `Hide ${lane.title}`, title: "Hide", onclick: () => this.toggle(lane.name) }, "Hide");
      const solo = h("button.quiet", { type: "button", "aria-label": `Show ${lane.title} alone`, title: "Show alone", onclick: () => this.solo(lane.name) }, "Solo");
      name.append(h("span.does", {}, row.hide, solo));
    }
    return row;
  }

  get laneNames() {
    return this.#rows.slice(1).map((row) => row.lane.name);
  }

  toggle(name) {
    if (!this.hidden.delete(name)) this.hidden.add(name);
    this.#marked();
  }

  solo(name) {
    const others = this.laneNames.filter((one) => one !== name);
    const alone = others.every((one) => this.hidden.has(one)) && !this.hidden.has(name);
    this.hidden = new Set(alone ? [] : others);
    this.#marked();
  }

  #marked() {
    for (const row of this.#rows) {
      const hidden = this.hidden.has(row.lane.name);
      row.element.toggleAttribute("data-hidden", hidden);
      row.hide?.setAttribute("aria-pressed", String(hidden));
    }
    this.redraw();
    this.player.dispatchEvent(new Event("frame"));
  }

  /** Show a stretch. */
  show(start, end) {
    const { duration } = this.view;
    const length = Math.min(duration, Math.max(SHORTEST_S, end - start));
    this.view.start = Math.max(0, Math.min(start, duration - length));
    this.view.end = this.view.start + length;
    this.#held = this.#holds(this.player.time_s);
    this.redraw();
    this.reload();
  }

  #holds(time_s) {
    return time_s >= this.view.start && time_s <= this.view.end;
  }

  zoom(factor, around = this.player.time_s) {
    const { start, end } = this.view;
    const middle = around >= start && around <= end ? around : (start + end) / 2;
    this.show(middle - (middle - start) * factor, middle + (end - middle) * factor);
  }

  /** Ask for the rows of the present stretch, once the view has settled. */
  reload(wait_ms = SETTLE_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), wait_ms);
  }

  /** A running job has said more: look again, but never while a look lasts, and a fifth of the time at most. */
  grow() {
    this.#grown = true;
    if (this.#busy || this.#resting) return;
    this.#resting = true;
    this.reload(4 * this.#took_ms);
  }

  async #load() {
    const began = performance.now();
    this.#loading.abort();
    const loading = (this.#loading = new AbortController());
    const view = { ...this.view, solo: this.tracks.solo, signal: loading.signal };
    this.#grown = this.#resting = false;
    this.#busy = true;
    this.#build();
    this.redraw();
    await Promise.all(this.#rows.filter((row) => row.lane.load).map((row) => this.#fill(row, view)));
    if (loading.signal.aborted) return; // a newer look has begun
    this.#busy = false;
    this.#took_ms = performance.now() - began;
    if (this.#grown) this.grow();
  }

  async #fill(row, view) {
    try {
      row.drawing = await row.lane.load(this.data, view);
      this.redraw();
    } catch (error) {
      if (error.name === "AbortError") return;
      row.drawing = null;
      if (passes(error)) this.reload(AGAIN_MS);
    }
  }

  redraw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      for (const row of this.#rows) this.#draw(row);
      this.follow(this.player.time_s);
    });
  }

  #draw(row) {
    const pen = new Pen(row.canvas, row.lane.height, this.view, (who) => this.tracks.shows(who));
    if (row.lane === RULER) {
      const step = STEPS_S.find((one) => pen.x(this.view.start + one) > 70) ?? 7200;
      pen.ticks(step, (time) => format.clock(time, step < 1 ? 1 : 0));
      return;
    }
    if (!this.data.final) pen.unknown(this.data.covered(row.lane.table), "not yet");
    if (row.drawing) row.lane.draw(pen, row.drawing); // the legend lies over the hatching
  }

  /** Move the playhead. The view goes with it when it leaves or jumps elsewhere, not when the view was moved away. */
  follow(time_s) {
    const jumped = Math.abs(time_s - this.#at_s) > JUMP_S;
    this.#at_s = time_s;
    if (!this.#holds(time_s) && (this.#held || jumped)) {
      const length = this.view.end - this.view.start;
      const from = jumped ? time_s - 0.1 * length : time_s;
      this.show(from, from + length);
    }
    this.#held = this.#holds(time_s);
    const { start, end } = this.view;
    const width = this.#rows[0].canvas.clientWidth;
    const x = ((time_s - start) / (end - start)) * width;
    this.playhead.hidden = x < 0 || x > width;
    this.playhead.style.transform = `translateX(${x}px)`;
  }

  /** Click or drag to seek; the wheel zooms with Ctrl and moves without. */
  #listen(canvas) {
    const at = (event) => this.view.start + (event.offsetX / canvas.clientWidth) * (this.view.end - this.view.start);
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.player.seek(at(event));
    });
    canvas.addEventListener("pointermove", (event) => event.buttons & 1 && this.player.seek(at(event)));
    canvas.addEventListener("wheel", (event) => {
      const { start, end } = this.view;
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (event.ctrlKey) this.zoom(event.deltaY > 0 ? 1.25 : 0.8, at(event));
      else if (sideways) this.show(start + (sideways / canvas.clientWidth) * (end - start), end + (sideways / canvas.clientWidth) * (end - start));
      else return; // the page scrolls
      event.preventDefault();
    }, { passive: false });
  }

  close() {
    this.observer.disconnect();
    this.#loading.abort();
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
  }
}
