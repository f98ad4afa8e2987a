/** How a choice of videos gets to the server: one as a job, several (or a folder) as a batch. */

import { post, upload } from "../api.js";

/**
 * @param {{files: File[], folder: string, wish: any, name: string, tags: string}} wanted
 * @param {(fraction: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<{path: string, refused: any[], n: number}>} Where to go on, and the items that were not accepted.
 */
export async function submit(wanted, onProgress, signal) {
  const { files, folder } = wanted;
  if (files.length === 1 && !folder) {
    const job = await upload("/jobs", formOf(wanted, "video"), onProgress, signal);
    return { path: `/jobs/${job.id}`, refused: [], n: 1 };
  }
  const batch = files.length
    ? await upload("/batches", formOf(wanted, "videos"), onProgress, signal)
    : await post("/batches", { ...wanted.wish, folder, tags: tagsOf(wanted), ...(wanted.name && { name: wanted.name }) });
  return { path: `/batches/${batch.id}`, refused: batch.items.filter((one) => !one.accepted), n: batch.n_accepted };
}

const tagsOf = ({ tags }) => tags.split(",").map((one) => one.trim()).filter(Boolean);

function formOf({ files, folder, wish, name, tags }, field) {
  const form = new FormData();
  for (const file of files) form.append(field, file, file.name);
  form.append("selected_pipelines", wish.selected_pipelines.join(","));
  form.append("config", JSON.stringify(wish.config));
  if (folder) form.append("folder", folder);
  if (name) form.append("name", name);
  if (tags) form.append("tags", tags);
  return form;
}
