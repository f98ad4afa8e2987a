/** The log of a run, as it comes. */

import { get } from "../api.js";
import { fill, freshId, h } from "../dom.js";

const LEVELS = ["debug", "info", "warning", "error"];

/** A panel with log lines; lines that were heard twice are shown once. */
export class LogBox {
  #last = 0;
  #level = "info";

  constructor(jobId) {
    this.jobId = jobId;
    this.lines = h("div.log", { role: "log", tabindex: "0", "aria-label": "Log of the run" });
    const id = freshId();
    const level = h("select.small", { id }, LEVELS.map((name) => h("option", { value: name }, name)));
    level.value = this.#level;
    level.addEventListener("change", () => {
      this.#level = level.value;
      this.#last = 0;
      fill(this.lines);
      this.load();
    });
    const choose = h("span.row", {}, h("label.small", { for: id }, "From level"), level);
    this.panel = h("section.panel", {}, h("div.row.spread", {}, h("h2", {}, "Log"), choose), this.lines);
  }

  /** Everything that was logged since the last line that is shown. */
  async load() {
    const found = await get(`/jobs/${this.jobId}/logs?level=${this.#level}&after=${this.#last}&limit=2000`);
    for (const line of found.logs) this.add(line);
    if (!this.lines.childElementCount) fill(this.lines, h("p.muted", { data: { none: "" } }, h("span", {}), h("span", {}), "Nothing yet."));
  }

  /** @param {{job_seq: number, level: string, message: string, timestamp: string, component?: string}} line */
  add(line) {
    if (line.job_seq <= this.#last || LEVELS.indexOf(line.level) < LEVELS.indexOf(this.#level)) return;
    this.#last = line.job_seq;
    this.lines.querySelector("[data-none]")?.remove();
    const box = this.lines;
    const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 8;
    const time = new Date(line.timestamp).toLocaleTimeString([], { hour12: false });
    const who = line.component ? `${line.component}: ` : "";
    box.append(h(`p.${line.level}`, {}, h("span.muted", {}, time), h("span", {}, line.level), h("span", {}, who + line.message)));
    if (atEnd) box.scrollTop = box.scrollHeight;
  }
}
