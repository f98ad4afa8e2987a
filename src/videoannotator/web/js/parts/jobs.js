/** How a job looks wherever it is listed, and what can be done with it. */

import { post, remove } from "../api.js";
import { h } from "../dom.js";
import * as format from "../format.js";
import { go } from "../router.js";
import { attempt, confirmed } from "./messages.js";

export const ACTIVE = new Set(["pending", "running", "cancelling"]);
const TONES = {
  pending: "", running: "busy", cancelling: "warn", completed: "good", failed: "bad", cancelled: "", skipped: "warn",
};

/** The state of a job or component in one word, never by colour alone. */
export function badge(status, partial = false) {
  if (status === "completed" && partial) return h("span.badge.warn", {}, "completed in part");
  const tone = TONES[status] ? `.${TONES[status]}` : "";
  return h(`span.badge${tone}`, {}, status);
}

/** A bar with its figure. */
export function meter(percent, label) {
  const value = Math.max(0, Math.min(100, percent ?? 0));
  return h(
    "div.meter",
    {},
    h("progress", { max: 100, value, "aria-label": label }),
    h("span.small.muted", {}, `${Math.floor(value)} %`),
  );
}

/** The pipelines of a job as small labels. */
export function chips(names) {
  return h("span.chips", {}, names.map((name) => h("span.chip", {}, format.words(name))));
}

/** The pipelines that a job runs, by its plan. */
export const pipelinesOf = (job) => [...new Set(job.plan.map((step) => step.pipeline))];

/** What can be done with a job now: name, label and action. */
export function actionsOf(job, { after = () => {} } = {}) {
  const act = (name, label, run) => ({ name, label, run: async () => (await run()) && after(name) });
  if (job.status === "pending" || job.status === "running") return [act("cancel", "Cancel", () => cancel(job))];
  if (job.status === "cancelling") return [];
  const partial = job.status === "completed" && job.error_message;
  const failed = partial ? [act("retry-failed", "Retry what failed", () => retry(job, true))] : [];
  return [...failed, act("retry", "Run again", () => retry(job, false)), act("delete", "Delete", () => erase(job))];
}

async function cancel(job) {
  const text = "What is finished so far is not kept. The video stays on the server.";
  if (!(await confirmed("Cancel this job?", text, "Cancel the job", "Keep it running"))) return false;
  return attempt(() => post(`/jobs/${job.id}/cancel`), "The job is being cancelled.");
}

async function retry(job, onlyFailed) {
  const again = await attempt(() => post(`/jobs/${job.id}/retry?only_failed=${onlyFailed}`), "Submitted again.");
  if (again) go(`/jobs/${again.id}`);
  return false;
}

async function erase(job) {
  const text = `The results of ${job.name} are removed from the server. This cannot be undone.`;
  if (!(await confirmed("Delete this job?", text, "Delete", "Keep it"))) return false;
  return (await attempt(() => remove(`/jobs/${job.id}`).then(() => true), "Deleted.")) ?? false;
}
