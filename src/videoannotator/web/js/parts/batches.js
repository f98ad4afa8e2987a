/** What can be said of a batch wherever it is shown, and what can be done with it. */

import { post, remove } from "../api.js";
import { attempt, confirmed } from "./messages.js";

const hasEnded = (batch) => ["completed", "cancelled"].includes(batch.status);

/** Whether it can be cancelled, retried or deleted now. */
export const isOpen = (batch) => !hasEnded(batch) && batch.status !== "cancelling";
export const isRetried = (batch) => hasEnded(batch) && batch.counts.failed > 0;
export const isDeleted = hasEnded;

/** The calls behind the actions. */
export const cancel = (batch) => post(`/batches/${batch.id}/cancel`);
export const retry = (batch) => post(`/batches/${batch.id}/retry`);
export const erase = (batch) => remove(`/batches/${batch.id}?jobs=delete`).then(() => true);

/** How many of its videos stand where. */
export function counted(batch) {
  const parts = Object.entries(batch.counts).filter(([, n]) => n > 0);
  return parts.map(([state, n]) => `${n} ${state}`).join(", ") || `${batch.n_items} videos`;
}

/** What can be done with a batch now: name, label and action. */
export function actionsOf(batch, { after = () => {} } = {}) {
  const act = (name, label, run, done) => ({ name, label, run: async () => (await attempt(run, done)) && after(name) });
  const asked = (question, action) => ({ ...action, run: async () => (await confirmed(...question)) && action.run() });
  const hold = (name, label) => act(name, label, () => post(`/batches/${batch.id}/${name}`));
  const open = isOpen(batch);
  return [
    open && (batch.status === "paused" ? hold("resume", "Go on") : hold("pause", "Pause")),
    open && asked(
      ["Cancel what is left of this batch?", "Videos that are done keep their results.", "Cancel the batch", "Go on"],
      act("cancel", "Cancel", () => cancel(batch)),
    ),
    isRetried(batch) && act("retry", "Retry what failed", () => retry(batch), "Submitted again."),
    isDeleted(batch) && asked(
      ["Delete this batch?", "Its jobs and their results are removed with it.", "Delete", "Keep it"],
      act("delete", "Delete", () => erase(batch), "Deleted."),
    ),
  ].filter(Boolean);
}
