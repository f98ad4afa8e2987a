/** Batches: many videos as one; shown where the server has them. */

import { get, getIfThere, post, remove } from "../api.js";
import { fill, h } from "../dom.js";
import { whenChanged } from "../events.js";
import * as format from "../format.js";
import { badge, meter } from "../parts/jobs.js";
import { attempt, confirmed } from "../parts/messages.js";

/** @param {HTMLElement} main @param {import("../router.js").Visit} visit */
export async function show(main, visit) {
  const id = visit.parts[1];
  const box = h("div");
  const refresh = async () => (id ? one(box, id, refresh) : all(box));
  await refresh();
  fill(main, h("div.head", {}, h("h1", {}, id ? "Batch" : "Batches"), h("div.actions", {}, h("a.button.primary", { href: "#/new" }, "New"))), box);
  whenChanged(() => refresh().catch(() => {}), visit.signal, { everyMs: 1500 });
}

async function all(box) {
  const found = await getIfThere("/batches");
  const batches = found?.batches ?? [];
  if (!batches.length) {
    fill(box, h("p.panel.empty", {}, found ? "No batches yet. " : "This server has no batches. ", h("a", { href: "#/jobs" }, "Jobs that were submitted together"), " are in the list of jobs."));
    return;
  }
  const head = ["Batch", "State", "Progress", "Jobs", "Made"].map((text) => h("th", { scope: "col" }, text));
  const rows = batches.map((batch) => h("tr", {},
    h("td", {}, h("a.name", { href: `#/batches/${batch.id}` }, batch.name || batch.id.slice(0, 8))),
    h("td.narrow", {}, badge(batch.status)),
    h("td", {}, meter(batch.progress, `Progress of ${batch.name}`)),
    h("td.narrow", {}, counted(batch)),
    h("td.narrow.muted", {}, format.ago(batch.created_at))));
  fill(box, h("div.panel.flush", {}, h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows))));
}

async function one(box, id, refresh) {
  const [batch, list] = await Promise.all([get(`/batches/${id}`), get(`/jobs?batch_id=${id}&per_page=100`)]);
  const act = (label, run) => h("button", { type: "button", onclick: () => run().then(refresh) }, label);
  const rows = list.jobs.map((job) => h("tr", { data: { job: job.id, status: job.status } },
    h("td", {}, h("a.name", { href: `#/jobs/${job.id}` }, job.name), job.error_message && h("div.small.muted", {}, job.error_message)),
    h("td.narrow", {}, badge(job.status, job.error_message)),
    h("td", {}, meter(job.progress, `Progress of ${job.name}`))));
  fill(
    box,
    h("section.panel", {}, h("div.row.spread", {}, h("h2", {}, batch.name || id), h("span.row", {},
      act("Cancel what is left", async () => (await confirmed("Cancel this batch?", "Jobs that are done keep their results.", "Cancel")) && attempt(() => post(`/batches/${id}/cancel`))),
      act("Retry what failed", () => attempt(() => post(`/batches/${id}/retry`), "Submitted again.")),
      act("Delete", async () => (await confirmed("Delete this batch?", "Its jobs and results are removed.", "Delete")) && attempt(() => remove(`/batches/${id}`).then(() => (location.hash = "#/batches")))))),
      meter(batch.progress, "Progress of the batch"), h("p.muted", {}, counted(batch))),
    h("div.panel.flush", {}, h("table", {}, h("tbody", {}, rows))),
  );
}

function counted(batch) {
  const counts = batch.counts ?? batch.jobs ?? {};
  const parts = Object.entries(counts).filter(([, n]) => typeof n === "number" && n > 0);
  return parts.map(([state, n]) => `${n} ${state}`).join(", ") || String(batch.total ?? "");
}
