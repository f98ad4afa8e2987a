/** The videos of a batch, a page at a time: all of them, or those of one state. */

import { get } from "../api.js";
import { fill, freshId, h } from "../dom.js";
import { badge, meter } from "./jobs.js";
import { attempt } from "./messages.js";

const PER_PAGE = 100;
const STATES = ["failed", "running", "pending", "cancelling", "completed", "cancelled"];

export class BatchItems {
  #status = "";
  #cursors = [-1]; // where the pages up to this one begin
  #batch = null;

  /** @param {string} id @param {AbortSignal} signal Of the view. */
  constructor(id, signal) {
    Object.assign(this, { id, signal });
    this.state = h("select", { id: freshId("state") });
    this.state.addEventListener("change", () => this.#turn([-1], this.state.value));
    this.table = h("div.panel.flush");
    this.pages = h("div.row");
    this.element = h("div", {}, h("div.panel", {}, h("div.row", {}, h("label", { for: this.state.id }, "State"), this.state)), this.table, this.pages);
  }

  /** @param {Object} batch As it is now: how many are in which state. */
  async refresh(batch) {
    this.#batch = batch;
    const [status, cursors] = [this.#status, this.#cursors];
    const query = new URLSearchParams({ limit: PER_PAGE, cursor: cursors.at(-1), ...(status && { status }) });
    const found = await get(`/batches/${this.id}/jobs?${query}`, this.signal);
    if (status !== this.#status || cursors !== this.#cursors) return undefined; // something else was asked for meanwhile
    if (!found.items.length && cursors.length > 1) return this.#turn(cursors.slice(0, -1)); // they are in another state by now
    return this.#draw(found);
  }

  #turn(cursors, status = this.#status) {
    this.#cursors = cursors;
    this.#status = status;
    return attempt(() => this.refresh(this.#batch));
  }

  #draw({ items, next_cursor: next }) {
    const { counts, n_items: total } = this.#batch;
    const states = STATES.filter((name) => counts[name] || name === this.#status);
    const choices = [["", `any (${total})`], ...states.map((name) => [name, `${name} (${counts[name] ?? 0})`])];
    if (document.activeElement !== this.state) fill(this.state, choices.map(([value, text]) => h("option", { value }, text)));
    this.state.value = this.#status;
    const head = ["Video", "State", "Progress"].map((text) => h("th", { scope: "col" }, text));
    const rows = items.length ? items.map(item) : h("tr", {}, h("td.muted", { colspan: 3 }, "No video is like that."));
    fill(this.table, h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)));
    const turn = (label, there, cursors) => h("button.small", { type: "button", disabled: !there, onclick: () => this.#turn(cursors) }, label);
    const cursors = this.#cursors;
    const n = Math.max(1, Math.ceil((this.#status ? (counts[this.#status] ?? 0) : total) / PER_PAGE));
    fill(
      this.pages,
      n > 1 || cursors.length > 1
        ? [turn("Back", cursors.length > 1, cursors.slice(0, -1)), h("span.muted", {}, `Page ${cursors.length} of ${n}`), turn("On", next !== null, [...cursors, next])]
        : null,
    );
  }
}

function item(one) {
  const name = one.job_id ? h("a.name", { href: `#/jobs/${one.job_id}` }, one.video) : h("span.name", {}, one.video);
  const why = one.error_message ? h("div.small.muted", {}, [one.error_message, one.hint].filter(Boolean).join(" ")) : null;
  return h(
    "tr",
    { data: { place: one.place, status: one.status } },
    h("td", {}, name, why),
    h("td.narrow", {}, badge(one.status, one.error_message)),
    h("td", {}, meter(one.progress, `Progress of ${one.video}`)),
  );
}
