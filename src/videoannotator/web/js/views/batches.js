/** Batches: many videos as one; the list as that of jobs. */

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { keepFresh } from "../events.js";
import * as format from "../format.js";
import { BatchItems } from "../parts/batch_items.js";
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
  const box = h("section.panel");
  const items = new BatchItems(id, visit.signal);
  const refresh = async () => {
    const batch = await get(`/batches/${id}`, visit.signal);
    fill(box, summary(batch, refresh));
    await items.refresh(batch);
  };
  const head = h("div.head", {}, h("h1", {}, "Batch"), h("div.actions", {}, h("a.button.primary", { href: "#/new" }, "New")));
  await keepFresh(refresh, visit.signal, { everyMs: EVERY_MS, gone: () => go("/batches") });
  fill(main, head, box, items.element);
}

function summary(batch, refresh) {
  const left = batch.eta_s === null ? "" : `, about ${format.duration(batch.eta_s)} left`;
  return [
    h("div.row.spread", {}, h("div.row", {}, h("h2", {}, batch.name), badge(batch.status)), h("div.row", {}, actions(batch, refresh))),
    meter(batch.progress, "Progress of the batch"),
    h("p.muted", {}, counted(batch) + left),
  ];
}

function actions(batch, refresh) {
  const after = (name) => (name === "delete" ? go("/batches") : refresh());
  const all = h("a.button", { href: `/api/v1/batches/${batch.id}/artifacts`, download: "" }, "Download all (ZIP)");
  const buttons = actionsOf(batch, { after }).map(({ label, run }) => h("button", { type: "button", onclick: run }, label));
  return [isDeleted(batch) && batch.counts.completed > 0 && all, ...buttons];
}
