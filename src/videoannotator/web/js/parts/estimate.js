/** What a submission will cost, before it is made: told from jobs like it that have ended here. */

import { get } from "../api.js";

/**
 * Seconds of work per second of video for each component, the median over the latest completed jobs.
 *
 * @returns {Promise<Map<string, {pass: string, rate: number}>>}
 */
export async function rates(signal) {
  const found = await get("/jobs?status=completed&per_page=10", signal);
  const jobs = await Promise.all(found.jobs.slice(0, 5).map((job) => get(`/jobs/${job.id}`, signal)));
  const samples = new Map();
  for (const job of jobs) {
    for (const one of job.components) {
      const took = (Date.parse(one.completed_at) - Date.parse(one.started_at)) / 1000;
      if (one.status !== "completed" || !Number.isFinite(took) || !job.video_duration_seconds) continue;
      const key = one.component;
      samples.set(key, [...(samples.get(key) ?? []), { pass: one.stage, rate: took / job.video_duration_seconds }]);
    }
  }
  return new Map([...samples].map(([name, list]) => [name, middle(list)]));
}

function middle(list) {
  const sorted = [...list].sort((a, b) => a.rate - b.rate);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * @param {Map<string, {pass: string, rate: number}>} known
 * @param {string[]} components
 * @param {number} seconds Of video.
 * @returns {{seconds: number, unknown: string[]}} Components of the visual pass run side by side: the slowest counts.
 */
export function estimate(known, components, seconds) {
  let visual = 0;
  let audio = 0;
  const unknown = [];
  for (const name of components) {
    const found = known.get(name);
    if (!found) unknown.push(name);
    else if (found.pass === "visual") visual = Math.max(visual, found.rate);
    else audio += found.rate;
  }
  return { seconds: (visual + audio) * seconds, unknown };
}
