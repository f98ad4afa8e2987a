/** Batches: many videos as one; the list as that of jobs. */

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { whenChanged } from "../events.js";
import * as format from "../format.js";
import { actionsOf, cancel, counted, erase, isDeleted, isOpen, isRetried, retry } from "../parts/batches.js";
import { badge, meter } from "../parts/jobs.js";
import { rowButtons, showList } from "../parts/listing.js";
import { go } from "../router.js";

const EVERY_MS = 1500;

/** @type {import("../parts/listing.js").Kind} */
const BATCHES = {
  one: "batch",
  many: "batches",
  searched: "Name of batch or video",
  states: ["pending", "running", "paused", "cancelling", "completed", "cancelled"],
  none: ["No batches yet: submit several videos at once on the screen ", h("a", { href: "#/new" }, "New"), "."],
  everyMs: EVERY_MS,
  columns: [
    { title: "Batch", cell: (batch) => h("a.name", { href: `#/batches/${batch.id}` }, batch.name) },
    { title: "State", style: ".narrow", cell: (batch) => badge(batch.status) },
    { title: "Progress", cell: (batch) => meter(batch.progress, `Progress of ${batch.name}`) },
    { title: "Videos", cell: counted },
    { title: "Made", extra: true, style: ".narrow.muted", cell: (batch) => format.ago(batch.created_at) },
    {
      title: "Actions",
      style: ".narrow",
      cell: (batch, refresh) => h("span.row.tight", {}, rowButtons(batch, actionsOf(batch, { after: refresh }))),
    },
  ],
  bulk: [
    { label: "Cancel", text: "Videos that are done keep their results.", takes: isOpen, run: cancel },
    { label: "Retry", text: "Only their failed videos are submitted again.", takes: isRetried, run: retry },
    { label: "Delete", text: "Their jobs and results are removed with them. This cannot be undone.", takes: isDeleted, run: erase },
  ],
};

/** @param {HTMLElement} main @param {import("../router.js").Visit} visit */
export async function show(main, visit) {
  const id = visit.parts[1];
  if (!id) return showList(main, visit, BATCHES);
  const box = h("div");
  const refresh = () => one(box, id, refresh);
  await refresh();
  fill(main, h("div.head", {}, h("h1", {}, "Batch"), h("div.actions", {}, h("a.button.primary", { href: "#/new" }, "New"))), box);
  return whenChanged(() => refresh().catch(() => {}), visit.signal, { everyMs: EVERY_MS });
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
  const after = (name) => (name === "delete" ? go("/batches") : refresh());
  const all = h("a.button", { href: `/api/v1/batches/${batch.id}/artifacts`, download: "" }, "Download all (ZIP)");
  const buttons = actionsOf(batch, { after }).map(({ label, run }) => h("button", { type: "button", onclick: run }, label));
  return [isDeleted(batch) && batch.counts.completed > 0 && all, ...buttons];
}
