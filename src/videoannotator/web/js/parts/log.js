/** The log of a run, as it comes. */

import { get } from "../api.js";
import { fill, freshId, h } from "../dom.js";

const LEVELS = ["debug", "info", "warning", "error"];
const AT_ONCE = 2000; // lines in an answer

/** A panel with log lines, each once and in their order, however they come. */
export class LogBox {
  #last = 0;
  #level = "info";
  #busy = false; // with asking for lines
  #heard = false; // of more of them meanwhile
  #behind = false; // lines are missing that an answer should have brought

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
      this.load().catch(() => {}); // comes with the next line, or when the server is back
    });
    const choose = h("span.row", {}, h("label.small", { for: id }, "From level"), level);
    this.panel = h("section.panel", {}, h("div.row.spread", {}, h("h2", {}, "Log"), choose), this.lines);
  }

  /** Ask for all that was logged since the last line that is shown. */
  async load() {
    this.#heard = true;
    if (this.#busy) return;
    this.#busy = this.#behind = true;
    try {
      while (this.#heard) {
        const [level, after] = [this.#level, this.#last];
        this.#heard = false;
        const { logs } = await get(`/jobs/${this.jobId}/logs?level=${level}&after=${after}&limit=${AT_ONCE}`);
        if (level !== this.#level || after !== this.#last) continue; // another level was chosen, which asked anew
        for (const line of logs) this.#add(line);
        this.#heard ||= logs.length === AT_ONCE;
      }
      this.#behind = false;
    } finally {
      this.#busy = false;
    }
    if (!this.lines.childElementCount) fill(this.lines, h("p.muted", { data: { none: "" } }, h("span", {}), h("span", {}), "Nothing yet."));
  }

  /** A line that has just been logged. While others are on their way it is asked for with them. */
  hear(line) {
    if (this.#busy || this.#behind) this.load().catch(() => {});
    else this.#add(line);
  }

  /** @param {{job_seq: number, level: string, message: string, timestamp: string, component?: string}} line */
  #add(line) {
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
