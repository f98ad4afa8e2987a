/** Jobs: the list, live; find, choose several, act on them. */

import { get, post, remove } from "../api.js";
import { fill, freshId, h } from "../dom.js";
import { whenChanged } from "../events.js";
import * as format from "../format.js";
import { actionsOf, ACTIVE, badge, chips, meter, pipelinesOf } from "../parts/jobs.js";
import { attempt, confirmed, toast } from "../parts/messages.js";
import { remember } from "../router.js";

const PER_PAGE = 25;
const EXTRA = new Set(["What runs", "Length"]); // columns that a narrow window goes without
const STATES = ["pending", "running", "cancelling", "completed", "failed", "cancelled"];

/** @param {HTMLElement} main @param {import("../router.js").Visit} visit */
export async function show(main, visit) {
  const list = new List(visit);
  fill(
    main,
    h("div.head", {}, h("h1", {}, "Jobs"), h("div.actions", {}, h("a.button.primary", { href: "#/new" }, "New"))),
    h("div.panel", {}, list.filters(), list.bulk),
    list.table,
    list.pages,
  );
  await list.refresh();
  whenChanged(() => list.refresh().catch(() => {}), visit.signal);
}

class List {
  #wanted;
  #chosen = new Set();
  #jobs = [];

  constructor(visit) {
    this.signal = visit.signal;
    const { query } = visit;
    this.#wanted = { q: query.get("q") ?? "", status: query.get("status") ?? "", page: Number(query.get("page")) || 1 };
    this.bulk = h("div.row", { "aria-live": "polite" });
    this.table = h("div.panel.flush");
    this.pages = h("div.row");
  }

  filters() {
    const ids = [freshId(), freshId()];
    let timer = 0;
    const search = h("input", { id: ids[0], type: "search", value: this.#wanted.q, placeholder: "Name of the job or file" });
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#want({ q: search.value.trim() }), 250);
    });
    const choices = ["", ...STATES].map((name) => h("option", { value: name }, name || "any state"));
    const status = h("select", { id: ids[1], onchange: () => this.#want({ status: status.value }) }, choices);
    status.value = this.#wanted.status;
    return h("div.row", {}, h("label", { for: ids[0] }, "Search"), search, h("label", { for: ids[1] }, "State"), status);
  }

  #want(change) {
    this.#wanted = { ...this.#wanted, page: 1, ...change };
    remember({ ...this.#wanted, page: this.#wanted.page > 1 ? String(this.#wanted.page) : "" });
    return attempt(() => this.refresh());
  }

  async refresh() {
    const { q, status, page } = this.#wanted;
    const query = new URLSearchParams({ page, per_page: PER_PAGE, ...(q && { q }), ...(status && { status }) });
    const found = await get(`/jobs?${query}`, this.signal);
    const last = Math.max(1, Math.ceil(found.total / PER_PAGE));
    if (page > last) return this.#want({ page: last }); // what was there has been deleted
    this.#jobs = found.jobs;
    const here = new Set(found.jobs.map((job) => job.id));
    for (const id of this.#chosen) if (!here.has(id)) this.#chosen.delete(id);
    return this.#draw(found.total, last);
  }

  #draw(total, n) {
    fill(this.table, this.#jobs.length ? this.#rows() : this.#nothing());
    this.#drawBulk();
    const turn = (page, label) =>
      h("button.small", { type: "button", disabled: page < 1 || page > n, onclick: () => this.#want({ page }) }, label);
    const { page } = this.#wanted;
    fill(this.pages, turn(page - 1, "Newer"), h("span.muted", {}, `Page ${page} of ${n}, ${total} jobs`), turn(page + 1, "Older"));
  }

  #nothing() {
    const { q, status } = this.#wanted;
    return h("p.empty", {}, q || status ? "No job is like that." : "No jobs yet.");
  }

  #rows() {
    const all = h("input", { type: "checkbox", "aria-label": "Choose all jobs of this page", checked: this.#chosen.size === this.#jobs.length });
    all.addEventListener("change", () => {
      this.#chosen = new Set(all.checked ? this.#jobs.map((job) => job.id) : []);
      this.refresh();
    });
    const titles = ["Video", "State", "What runs", "Length", "Submitted", "Actions"];
    const head = h("tr", {}, h("th.narrow", {}, all), titles.map((text) => h(`th${EXTRA.has(text) ? ".extra" : ""}`, { scope: "col" }, text)));
    return h("table", {}, h("thead", {}, head), h("tbody", {}, this.#jobs.map((job) => this.#row(job))));
  }

  #row(job) {
    const choose = h("input", {
      type: "checkbox", "aria-label": `Choose ${job.name}`, checked: this.#chosen.has(job.id), data: { key: `choose-${job.id}` },
    });
    choose.addEventListener("change", () => {
      if (choose.checked) this.#chosen.add(job.id);
      else this.#chosen.delete(job.id);
      this.#drawBulk();
    });
    const buttons = actionsOf(job, { after: () => this.refresh() }).map((action) =>
      h("button.small", { type: "button", onclick: action.run, "aria-label": `${action.label}: ${job.name}`, data: { key: `${action.name}-${job.id}` } }, action.label),
    );
    const moving = ACTIVE.has(job.status) && job.status !== "pending";
    return h(
      "tr",
      { data: { job: job.id, status: job.status } },
      h("td.narrow", {}, choose),
      h("td", {}, h("a.name", { href: `#/jobs/${job.id}` }, job.name), trouble(job)),
      h("td", {}, badge(job.status, job.error_message), moving && meter(job.progress, `Progress of ${job.name}`)),
      h("td.extra", {}, chips(pipelinesOf(job))),
      h("td.narrow.muted.extra", {}, format.clock(job.video_duration_seconds)),
      h("td.narrow.muted", {}, format.ago(job.created_at)),
      h("td.narrow", {}, h("span.row.tight", {}, job.status === "completed" && h("a.button.small", { href: `#/review/${job.id}`, "aria-label": `Review ${job.name}` }, "Review"), buttons)),
    );
  }

  #drawBulk() {
    const chosen = this.#jobs.filter((job) => this.#chosen.has(job.id));
    if (!chosen.length) return fill(this.bulk);
    const open = chosen.filter((job) => job.status === "pending" || job.status === "running");
    const ended = chosen.filter((job) => !ACTIVE.has(job.status));
    const failed = chosen.filter((job) => job.status === "failed" || job.status === "cancelled");
    const offer = (label, jobs, text, action) =>
      h("button.small", { type: "button", disabled: !jobs.length, onclick: () => this.#each(label, jobs, text, action) }, `${label} ${jobs.length}`);
    return fill(
      this.bulk,
      h("strong", {}, `${chosen.length} chosen`),
      offer("Cancel", open, "They are stopped; what they found so far is not kept.", (job) => post(`/jobs/${job.id}/cancel`)),
      offer("Run again", failed, "Each is submitted once more on its stored video.", (job) => post(`/jobs/${job.id}/retry`)),
      offer("Delete", ended, "Their results are removed. This cannot be undone.", (job) => remove(`/jobs/${job.id}`)),
    );
  }

  async #each(label, jobs, text, action) {
    if (!(await confirmed(`${label} ${jobs.length} jobs?`, text, label, "Leave them"))) return;
    const results = await Promise.allSettled(jobs.map(action));
    const failed = results.filter((one) => one.status === "rejected");
    toast(failed.length ? `${failed.length} of ${jobs.length} failed: ${failed[0].reason.message}` : `${label}: done for ${jobs.length} jobs.`);
    this.#chosen.clear();
    await this.refresh();
  }
}

function trouble(job) {
  return job.error_message ? h("div.small.muted.trouble", { title: job.error_message }, job.error_message) : null;
}
