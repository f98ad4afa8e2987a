/** Home: how the server is, and what it did last. */

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { keepFresh } from "../events.js";
import * as format from "../format.js";
import { badge, chips, meter, pipelinesOf, ACTIVE } from "../parts/jobs.js";

/** @param {HTMLElement} main @param {import("../router.js").Visit} visit */
export async function show(main, visit) {
  const state = h("div");
  const recent = h("div.panel.flush");
  fill(
    main,
    h("div.head", {}, h("h1", {}, "VideoAnnotator"), h("div.actions", {}, h("a.button.primary", { href: "#/new" }, "Annotate videos"))),
    state,
    recent,
  );
  const refresh = async () => {
    const [health, jobs] = await Promise.all([get("/system/health"), get("/jobs?per_page=8", visit.signal)]);
    fill(state, tiles(health, jobs.total), troubles(health));
    fill(recent, h("h2", {}, "Latest jobs"), list(jobs.jobs));
  };
  await keepFresh(refresh, visit.signal, { everyMs: 1500 });
}

function tiles(health, total) {
  const info = health.worker_info;
  const disk = health.diagnostics.storage.disk_usage_percent;
  return h(
    "div.tiles",
    {},
    tile(health.status === "healthy" ? "Healthy" : health.status, "server"),
    tile(info.active_jobs, `running, at most ${info.max_concurrent_jobs}`),
    tile(info.queued_jobs, "waiting"),
    tile(total, total === 1 ? "job in all" : "jobs in all"),
    tile(disk === undefined ? "–" : `${Math.round(disk)} %`, "of the disk in use"),
  );
}

const tile = (value, label) => h("div.tile", {}, h("b", {}, value), h("span.muted", {}, label));

function troubles(health) {
  const parts = [health.diagnostics.database, health.diagnostics.storage].filter((part) => part.status !== "healthy");
  const said = parts.map((part) => h("div.note.warn", { role: "status" }, part.message ?? part.status));
  if (health.workers.status === "stopped") said.push(h("div.note.warn", {}, "No worker is running: jobs wait until one starts."));
  return said;
}

function list(jobs) {
  if (!jobs.length) {
    return h("p.empty", {}, "Nothing yet. ", h("a", { href: "#/new" }, "Annotate your first video"), ".");
  }
  const head = ["Video", "State", "What runs", "Submitted"].map((text) => h("th", { scope: "col" }, text));
  return h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, jobs.map(row)));
}

function row(job) {
  const state = ACTIVE.has(job.status) && job.status !== "pending" ? meter(job.progress, `Progress of ${job.name}`) : badge(job.status, job.error_message);
  return h(
    "tr",
    {},
    h("td", {}, h("a.name", { href: `#/jobs/${job.id}` }, job.name)),
    h("td", {}, state),
    h("td", {}, chips(pipelinesOf(job))),
    h("td.narrow.muted", {}, format.ago(job.created_at)),
  );
}
