/** Batches: many videos as one. */

import { get, post, remove } from "../api.js";
import { fill, h } from "../dom.js";
import { whenChanged } from "../events.js";
import * as format from "../format.js";
import { badge, meter } from "../parts/jobs.js";
import { attempt, confirmed } from "../parts/messages.js";
import { go } from "../router.js";

/** @param {HTMLElement} main @param {import("../router.js").Visit} visit */
export async function show(main, visit) {
  const id = visit.parts[1];
  const box = h("div");
  const refresh = () => (id ? one(box, id, refresh) : all(box));
  await refresh();
  const title = h("h1", {}, id ? "Batch" : "Batches");
  fill(main, h("div.head", {}, title, h("div.actions", {}, h("a.button.primary", { href: "#/new" }, "New"))), box);
  whenChanged(() => refresh().catch(() => {}), visit.signal, { everyMs: 1500 });
}

async function all(box) {
  const { batches } = await get("/batches?limit=100");
  if (!batches.length) {
    fill(box, h("p.panel.empty", {}, "No batches yet: submit several videos at once on the screen ", h("a", { href: "#/new" }, "New"), "."));
    return;
  }
  const head = ["Batch", "State", "Progress", "Videos", "Made"].map((text) => h("th", { scope: "col" }, text));
  const rows = batches.map((batch) =>
    h(
      "tr",
      { data: { batch: batch.id, status: batch.status } },
      h("td", {}, h("a.name", { href: `#/batches/${batch.id}` }, batch.name)),
      h("td.narrow", {}, badge(batch.status)),
      h("td", {}, meter(batch.progress, `Progress of ${batch.name}`)),
      h("td.narrow", {}, counted(batch)),
      h("td.narrow.muted", {}, format.ago(batch.created_at)),
    ),
  );
  fill(box, h("div.panel.flush", {}, h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows))));
}

async function one(box, id, refresh) {
  const [batch, list] = await Promise.all([get(`/batches/${id}`), get(`/batches/${id}/jobs?limit=1000`)]);
  const left = batch.eta_s === null ? "" : `, about ${format.duration(batch.eta_s)} left`;
  const head = ["Video", "State", "Progress"].map((text) => h("th", { scope: "col" }, text));
  fill(
    box,
    h(
      "section.panel",
      {},
      h("div.row.spread", {}, h("div.row", {}, h("h2", {}, batch.name), badge(batch.status)), h("div.row", {}, actions(batch, refresh))),
      meter(batch.progress, "Progress of the batch"),
      h("p.muted", {}, counted(batch) + left),
    ),
    h("div.panel.flush", {}, h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, list.items.map(item)))),
  );
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

function actions(batch, refresh) {
  const path = `/batches/${batch.id}`;
  const button = (label, run) => h("button", { type: "button", onclick: async () => (await run()) && refresh() }, label);
  const does = (label, action, done) => button(label, () => attempt(() => post(`${path}/${action}`), done));
  if (["completed", "cancelled"].includes(batch.status)) {
    return [
      batch.counts.completed && h("a.button", { href: `/api/v1${path}/artifacts`, download: "" }, "Download all (ZIP)"),
      (batch.counts.failed || batch.counts.cancelled) && does("Retry what failed", "retry", "Submitted again."),
      h("button", { type: "button", onclick: () => erase(batch) }, "Delete"),
    ];
  }
  return [
    batch.status === "paused" ? does("Go on", "resume") : does("Pause", "pause"),
    batch.status !== "cancelling" && button("Cancel", () => cancel(batch)),
  ];
}

async function cancel(batch) {
  const text = "Videos that are done keep their results.";
  return (await confirmed("Cancel what is left of this batch?", text, "Cancel the batch", "Go on")) && attempt(() => post(`/batches/${batch.id}/cancel`));
}

async function erase(batch) {
  if (!(await confirmed("Delete this batch?", "Its jobs and their results are removed with it.", "Delete", "Keep it"))) return;
  if (await attempt(() => remove(`/batches/${batch.id}?jobs=delete`).then(() => true), "Deleted.")) go("/batches");
}

function counted(batch) {
  const parts = Object.entries(batch.counts).filter(([, n]) => n > 0);
  return parts.map(([state, n]) => `${n} ${state}`).join(", ") || `${batch.n_items} videos`;
}
