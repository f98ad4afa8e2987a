/** What was asked for, what the plan made of it, and where a result comes from. */

import { h } from "../dom.js";
import * as format from "../format.js";

/** @param {any} job */
export function planned(job) {
  const asked = [
    job.attempt > 1 ? ["Attempt", String(job.attempt)] : null,
    job.tags?.length ? ["Tags", job.tags.join(", ")] : null,
  ].filter(Boolean);
  return [
    asked.length > 0 && facts(asked),
    job.warnings.map((text) => h("div.note.warn", {}, text)),
    job.plan.map(step),
    job.retry_of && h("p", {}, h("a", { href: `#/jobs/${job.retry_of}` }, "The job that this one repeats")),
  ];
}

function step(one) {
  const values = Object.entries(one.parameters).map(([name, value]) => [format.words(name), shown(value)]);
  const why = one.requested ? "" : " (another component needs it)";
  return h("details", {}, h("summary", {}, `${format.words(one.component)}${why}`), values.length ? facts(values) : h("p.muted", {}, "No parameters."));
}

/** @param {any} record The run's own record, `run.json`. */
export function provenance(record) {
  const rows = flat(record).filter(([name]) => !name.startsWith("plan") && !name.startsWith("files"));
  return h("details", {}, h("summary", {}, "Provenance: versions, weights, hashes"), facts(rows));
}

/** A nested record as rows: `models.0.licence` and its value. */
function flat(value, path = []) {
  if (value === null || typeof value !== "object") return [[path.join(" › "), shown(value)]];
  return Object.entries(value).flatMap(([name, inner]) => flat(inner, [...path, name]));
}

const shown = (value) => (value === null ? "not set" : typeof value === "object" ? JSON.stringify(value) : String(value));

const facts = (rows) => h("dl.facts.small", {}, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
