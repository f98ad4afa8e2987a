/** Jobs: the list, live; find, choose several, act on them. */

import { post, remove } from "../api.js";
import { h } from "../dom.js";
import * as format from "../format.js";
import { actionsOf, ACTIVE, badge, chips, meter, pipelinesOf } from "../parts/jobs.js";
import { rowButtons, showList } from "../parts/listing.js";

/** @type {import("../parts/listing.js").Kind} */
const JOBS = {
  one: "job",
  many: "jobs",
  searched: "Name of the job or file",
  states: ["pending", "running", "cancelling", "completed", "failed", "cancelled"],
  none: ["No jobs yet."],
  columns: [
    { title: "Video", cell: (job) => [h("a.name", { href: `#/jobs/${job.id}` }, job.name), trouble(job)] },
    { title: "State", cell: state },
    { title: "What runs", extra: true, cell: (job) => chips(pipelinesOf(job)) },
    { title: "Length", extra: true, style: ".narrow.muted", cell: (job) => format.clock(job.video_duration_seconds) },
    { title: "Submitted", style: ".narrow.muted", cell: (job) => format.ago(job.created_at) },
    { title: "Actions", style: ".narrow", cell: actions },
  ],
  bulk: [
    {
      label: "Cancel",
      text: "They are stopped; what they found so far is not kept.",
      takes: (job) => job.status === "pending" || job.status === "running",
      run: (job) => post(`/jobs/${job.id}/cancel`),
    },
    {
      label: "Run again",
      text: "Each is submitted once more on its stored video.",
      takes: (job) => job.status === "failed" || job.status === "cancelled",
      run: (job) => post(`/jobs/${job.id}/retry`),
    },
    {
      label: "Delete",
      text: "Their results are removed. This cannot be undone.",
      takes: (job) => !ACTIVE.has(job.status),
      run: (job) => remove(`/jobs/${job.id}`),
    },
  ],
};

/** @param {HTMLElement} main @param {import("../router.js").Visit} visit */
export const show = (main, visit) => showList(main, visit, JOBS);

function trouble(job) {
  return job.error_message ? h("div.small.muted.trouble", { title: job.error_message }, job.error_message) : null;
}

function state(job) {
  const moving = ACTIVE.has(job.status) && job.status !== "pending";
  return [badge(job.status, job.error_message), moving && meter(job.progress, `Progress of ${job.name}`)];
}

function actions(job, refresh) {
  const review = h("a.button.small", { href: `#/review/${job.id}`, "aria-label": `Review ${job.name}` }, "Review");
  return h("span.row.tight", {}, job.status === "completed" && review, rowButtons(job, actionsOf(job, { after: refresh })));
}
