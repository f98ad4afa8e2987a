/** The list of one kind of thing on the server: search, filter, turn pages, choose several, act on them. */

import { get } from "../api.js";
import { fill, freshId, h } from "../dom.js";
import { keepFresh } from "../events.js";
import { remember } from "../router.js";
import { attempt, confirmed, toast } from "./messages.js";

const PER_PAGE = 25;

/**
 * What a list is of; every thing has an `id`, a `name` and a `status`.
 *
 * @typedef {Object} Kind
 * @property {string} one E.g. `job`: rows carry the id as `data-job`.
 * @property {string} many E.g. `jobs`: the route, and the name in its answer.
 * @property {string} searched What the search looks through.
 * @property {string[]} states
 * @property {{title: string, style?: string, extra?: boolean, cell: (thing: Object, refresh: () => unknown) => unknown}[]} columns
 *   `extra` columns are left out where the window is narrow.
 * @property {{label: string, text: string, takes: (thing: Object) => boolean, run: (thing: Object) => Promise}[]} bulk
 *   What can be done with several: the question that is asked before, which things it fits, and the deed.
 * @property {(Node|string)[]} none What is said where there is none at all.
 * @property {number} [everyMs] How often it is read anew at most.
 */

/** Show the list of a kind as the whole screen. @param {HTMLElement} main @param {import("../router.js").Visit} visit @param {Kind} kind */
export async function showList(main, visit, kind) {
  const list = new Listing(visit, kind);
  const title = kind.many[0].toUpperCase() + kind.many.slice(1);
  fill(
    main,
    h("div.head", {}, h("h1", {}, title), h("div.actions", {}, h("a.button.primary", { href: "#/new" }, "New"))),
    h("div.panel", {}, list.filters(), list.bulk),
    list.table,
    list.pages,
  );
  await keepFresh(() => list.refresh(), visit.signal, { everyMs: kind.everyMs });
}

/** The small buttons of a row, one per action. */
export function rowButtons(thing, actions) {
  return actions.map(({ name, label, run }) =>
    h("button.small", { type: "button", onclick: run, "aria-label": `${label}: ${thing.name}`, data: { key: `${name}-${thing.id}` } }, label),
  );
}

class Listing {
  #kind;
  #wanted;
  #chosen = new Set();
  #things = [];

  constructor(visit, kind) {
    this.signal = visit.signal;
    this.#kind = kind;
    const { query } = visit;
    this.#wanted = { q: query.get("q") ?? "", status: query.get("status") ?? "", page: Number(query.get("page")) || 1 };
    this.bulk = h("div.row", { "aria-live": "polite" });
    this.table = h("div.panel.flush");
    this.pages = h("div.row");
  }

  filters() {
    const ids = [freshId(), freshId()];
    let timer = 0;
    const want = () => {
      clearTimeout(timer);
      this.#want({ q: search.value.trim(), status: status.value });
    };
    const search = h("input", { id: ids[0], type: "search", value: this.#wanted.q, placeholder: this.#kind.searched });
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(want, 250);
    });
    const choices = ["", ...this.#kind.states].map((name) => h("option", { value: name }, name || "any state"));
    const status = h("select", { id: ids[1], onchange: want }, choices);
    status.value = this.#wanted.status;
    return h("div.row", {}, h("label", { for: ids[0] }, "Search"), search, h("label", { for: ids[1] }, "State"), status);
  }

  #want(change) {
    this.#wanted = { ...this.#wanted, page: 1, ...change };
    remember({ ...this.#wanted, page: this.#wanted.page > 1 ? String(this.#wanted.page) : "" });
    return attempt(() => this.refresh());
  }

  async refresh() {
    const wanted = this.#wanted;
    const { q, status, page } = wanted;
    const query = new URLSearchParams({ page, per_page: PER_PAGE, ...(q && { q }), ...(status && { status }) });
    const found = await get(`/${this.#kind.many}?${query}`, this.signal);
    if (wanted !== this.#wanted) return undefined; // something else was asked for meanwhile
    const last = Math.max(1, Math.ceil(found.total / PER_PAGE));
    if (page > last) return this.#want({ page: last }); // what was there has been deleted
    this.#things = found[this.#kind.many];
    const here = new Set(this.#things.map((thing) => thing.id));
    for (const id of this.#chosen) if (!here.has(id)) this.#chosen.delete(id);
    return this.#draw(found.total, last);
  }

  #draw(total, n) {
    fill(this.table, this.#things.length ? this.#rows() : this.#nothing());
    this.#drawBulk();
    const turn = (page, label) =>
      h("button.small", { type: "button", disabled: page < 1 || page > n, onclick: () => this.#want({ page }) }, label);
    const { page } = this.#wanted;
    fill(this.pages, turn(page - 1, "Newer"), h("span.muted", {}, `Page ${page} of ${n}, ${total} ${this.#kind.many}`), turn(page + 1, "Older"));
  }

  #nothing() {
    const { q, status } = this.#wanted;
    return h("p.empty", {}, q || status ? `No ${this.#kind.one} is like that.` : this.#kind.none);
  }

  #rows() {
    const { many, columns } = this.#kind;
    const all = h("input", { type: "checkbox", "aria-label": `Choose all ${many} of this page`, checked: this.#chosen.size === this.#things.length });
    all.addEventListener("change", () => {
      this.#chosen = new Set(all.checked ? this.#things.map((thing) => thing.id) : []);
      this.refresh();
    });
    const titles = columns.map(({ title, extra }) => h(`th${extra ? ".extra" : ""}`, { scope: "col" }, title));
    return h("table", {}, h("thead", {}, h("tr", {}, h("th.narrow", {}, all), titles)), h("tbody", {}, this.#things.map((thing) => this.#row(thing))));
  }

  #row(thing) {
    const choose = h("input", {
      type: "checkbox", "aria-label": `Choose ${thing.name}`, checked: this.#chosen.has(thing.id), data: { key: `choose-${thing.id}` },
    });
    choose.addEventListener("change", () => {
      if (choose.checked) this.#chosen.add(thing.id);
      else this.#chosen.delete(thing.id);
      this.#drawBulk();
    });
    const cells = this.#kind.columns.map(({ style = "", extra, cell }) =>
      h(`td${style}${extra ? ".extra" : ""}`, {}, cell(thing, () => this.refresh())),
    );
    return h("tr", { data: { [this.#kind.one]: thing.id, status: thing.status } }, h("td.narrow", {}, choose), cells);
  }

  #drawBulk() {
    const chosen = this.#things.filter((thing) => this.#chosen.has(thing.id));
    if (!chosen.length) return fill(this.bulk);
    const buttons = this.#kind.bulk.map((deed) => {
      const things = chosen.filter(deed.takes);
      return h("button.small", { type: "button", disabled: !things.length, onclick: () => this.#each(deed, things) }, `${deed.label} ${things.length}`);
    });
    return fill(this.bulk, h("strong", {}, `${chosen.length} chosen`), buttons);
  }

  async #each({ label, text, run }, things) {
    const { many } = this.#kind;
    if (!(await confirmed(`${label} ${things.length} ${many}?`, text, label, "Leave them"))) return;
    const results = await Promise.allSettled(things.map(run));
    const failed = results.filter((one) => one.status === "rejected");
    toast(failed.length ? `${failed.length} of ${things.length} failed: ${failed[0].reason.message}` : `${label}: done for ${things.length} ${many}.`);
    this.#chosen.clear();
    await this.refresh();
  }
}
