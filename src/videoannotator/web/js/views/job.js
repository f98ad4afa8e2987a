/** One job: how far each component is, what it logs, what was planned, and what came out. */

import { get, getIfThere } from "../api.js";
import { fill, h } from "../dom.js";
import { keepFresh, stream } from "../events.js";
import * as format from "../format.js";
import { actionsOf, badge, meter } from "../parts/jobs.js";
import { files } from "../parts/files.js";
import { explained } from "../parts/messages.js";
import { LogBox } from "../parts/log.js";
import { planned, provenance } from "../parts/plan.js";
import { go } from "../router.js";

/** @param {HTMLElement} main @param {import("../router.js").Visit} visit */
export async function show(main, visit) {
  const id = visit.parts[1];
  const parts = { head: h("div.head"), state: h("div"), components: h("section.panel"), results: h("div"), plan: h("section.panel") };
  const log = new LogBox(id);
  const refresh = async () => {
    const job = await get(`/jobs/${id}`, visit.signal);
    fill(parts.head, head(job, refresh));
    fill(parts.state, state(job));
    fill(parts.components, h("h2", {}, "Components"), components(job));
    if (job.status !== parts.shown) {
      await ended(job, parts, visit);
      parts.shown = job.status;
    }
  };
  const ours = { signal: visit.signal };
  stream.addEventListener("job", ({ detail }) => detail.job_id === id && detail.name === "job.log" && log.hear(detail), ours);
  stream.addEventListener("resync", () => log.load().catch(() => {}), ours);
  await keepFresh(refresh, visit.signal, { jobId: id, gone: () => go("/jobs") });
  fill(
    main,
    parts.head,
    parts.state,
    h("div.columns", {}, h("div", {}, parts.results, parts.components, log.panel), h("div", {}, parts.plan)),
  );
  await log.load();
}

/** What changes only when the job's state does. */
async function ended(job, parts, visit) {
  const done = job.status === "completed";
  const listing = done ? await get(`/jobs/${job.id}/artifacts?format=json`, visit.signal) : null;
  fill(parts.results, done ? files(job, listing.artifacts) : null);
  const record = done ? await getIfThere(`/jobs/${job.id}/artifacts/run.json`) : null;
  fill(parts.plan, h("h2", {}, "Plan"), planned(job), record ? provenance(record) : null);
}

function head(job, refresh) {
  const buttons = actionsOf(job, {
    after: (name) => (name === "delete" ? go("/jobs") : refresh()),
  }).map((action) => h(`button${action.name === "cancel" ? ".danger" : ""}`, { type: "button", onclick: action.run }, action.label));
  const label = job.status === "completed" ? "Review" : "Watch the results come in";
  const review = ["running", "completed"].includes(job.status) ? h("a.button.primary", { href: `#/review/${job.id}` }, label) : null;
  return [h("h1", {}, job.name), badge(job.status, job.error_message), h("div.actions", {}, review, buttons)];
}

function state(job) {
  const facts = [
    `${format.clock(job.video_duration_seconds)} long`,
    job.video_width ? `${job.video_width} × ${job.video_height}` : "sound only",
    format.size(job.video_size_bytes),
    `submitted ${format.ago(job.created_at)}`,
  ];
  return [
    h("p.muted", {}, facts.join(" · ")),
    job.status === "pending" && h("div.note", { role: "status" }, job.queue_position ? `Waiting: number ${job.queue_position} in the queue.` : "Waiting for a worker."),
    job.status === "running" && h("div.panel", {}, meter(job.progress, "Progress of the job"), h("p.small.muted", {}, pace(job))),
    job.error_message && trouble(job),
    job.status === "cancelled" && h("div.note", {}, `Cancelled ${format.ago(job.cancelled_at)}${job.cancel_reason ? `: ${job.cancel_reason}` : "."}`),
  ];
}

function pace(job) {
  const parts = [job.stage && `${format.words(job.stage)} pass`];
  if (job.frames_per_s) parts.push(`${format.number(job.frames_per_s)} frames/s`);
  if (job.eta_s !== null && job.eta_s !== undefined) parts.push(`about ${format.duration(job.eta_s)} left`);
  return parts.filter(Boolean).join(" · ");
}

function trouble(job) {
  const tone = job.status === "completed" ? "warn" : "bad";
  const hint = job.hint && !job.error_message.includes(job.hint) ? h("p", {}, job.hint) : null;
  return h(`div.note.${tone}`, { role: "alert" }, h("p", {}, h("strong", {}, job.error_message)), hint);
}

function components(job) {
  const head = ["Component", "State", "Pace"].map((text) => h("th", { scope: "col" }, text));
  return h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, job.components.map(component)));
}

function component(one) {
  const wrong = one.error_message ? h("div.small.muted", {}, explained(one.error_message, one.hint)) : null;
  return h(
    "tr",
    { data: { component: one.component, status: one.status } },
    h("td", {}, h("span.name", {}, format.words(one.component)), h("div.small.muted", {}, format.words(one.pipeline)), wrong),
    h("td", {}, badge(one.status), one.status === "running" && meter(one.progress, `Progress of ${one.component}`)),
    h("td.narrow.muted", {}, one.status === "running" && one.frames_per_s ? `${format.number(one.frames_per_s)} frames/s` : took(one)),
  );
}

function took(one) {
  if (!one.started_at || !one.completed_at) return "";
  return format.duration((Date.parse(one.completed_at) - Date.parse(one.started_at)) / 1000);
}
