/** The models' weights: which are on the server, and fetching the others. */

import { get, post } from "../api.js";
import { fill, h } from "../dom.js";
import * as format from "../format.js";
import { meter } from "./jobs.js";
import { attempt, explained, toast } from "./messages.js";

const POLL_MS = 700;
// What a group is called, what belongs to it, and whether it is open at first.
const GROUPS = [
  ["On this server", (one) => one.state === "ready", true],
  ["Can be fetched", (one) => one.pullable, false],
  ["Need something first", (one) => one.state !== "ready" && !one.pullable, false],
];
const STATES = { gated: "needs an account", not_allowed: "licence not allowed", downloadable: "not here", failed: "damaged" };

export class Models {
  #timer = 0;
  #running = new Set();

  /** @param {boolean} mayPull @param {AbortSignal} signal Of the view; looking ends with it. */
  constructor(mayPull, signal) {
    this.mayPull = mayPull;
    this.signal = signal;
    this.groups = GROUPS.map(([, , open]) => h("details", { open }));
    this.element = h("section.panel", {}, h("h2", {}, "Models"), this.groups);
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** Draw what there is; go on looking while something is being fetched. */
  async refresh() {
    const { models } = await get("/models", this.signal);
    const focused = document.activeElement?.closest?.("[data-model]")?.dataset.model;
    for (const [at, [title, belongs]] of GROUPS.entries()) this.#fill(this.groups[at], title, models.filter(belongs));
    if (focused) this.element.querySelector(`[data-model="${focused}"] .focus`)?.focus();
    this.#tell(models);
    this.#later();
  }

  #later() {
    clearTimeout(this.#timer);
    if (!this.#running.size || this.signal.aborted) return;
    this.#timer = setTimeout(() => this.refresh().catch((error) => error.status === 401 || this.#later()), POLL_MS);
  }

  /** Say what has ended since the last look. */
  #tell(models) {
    for (const one of models) {
      const running = one.pull?.state === "running";
      if (!running && this.#running.has(one.name)) toast(one.state === "ready" ? `${one.display_name} is ready.` : `${one.display_name} could not be fetched.`);
      if (running) this.#running.add(one.name);
      else this.#running.delete(one.name);
    }
  }

  #fill(group, title, models) {
    group.hidden = !models.length;
    fill(group, h("summary", {}, `${title} (${models.length})`), h("table", {}, h("tbody", {}, models.map((one) => this.#row(one)))));
  }

  #row(one) {
    const facts = `${format.size(one.size_bytes)} · ${one.licence}`;
    const failed = one.pull?.state === "failed" && one.state !== "ready";
    const why = one.state === "ready" || one.pullable ? null : h("p.small", {}, explained(one.reason, one.hint));
    const trouble = failed && h("div.note.bad.small", { role: "alert" }, explained(one.pull.error_message, one.pull.hint));
    return h("tr", { data: { model: one.name, state: one.state } },
      h("td", {}, h("span.name", {}, one.display_name), h("div.small.muted", {}, facts), why, trouble),
      h("td.narrow.end", {}, this.#state(one, failed)));
  }

  #state(one, failed) {
    if (one.pull?.state === "running") {
      const share = one.pull.total_bytes ? (100 * one.pull.done_bytes) / one.pull.total_bytes : 0;
      return h("div.focus", { tabindex: "-1" }, meter(share, `Fetching ${one.display_name}`));
    }
    if (one.state === "ready") return h("span.badge.good.focus", { tabindex: "-1" }, "ready");
    if (!one.pullable || !this.mayPull) return h("span.badge", {}, STATES[one.state] ?? one.state);
    const label = failed ? "Try again" : "Fetch";
    return h("button.small.focus", { type: "button", "aria-label": `${label}: ${one.display_name}`, onclick: () => this.#pull(one) }, label);
  }

  async #pull(one) {
    await attempt(() => post(`/models/${one.name}/pull`));
    this.#running.add(one.name); // however soon it ends, that is told
    await this.refresh().catch(() => this.#later());
  }
}
