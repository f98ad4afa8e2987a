/** How a choice of videos gets to the server: one as a job, several (or a folder) as a batch. */

import { post, upload } from "../api.js";

/**
 * @typedef {{files: File[], folder: string, paths: string[], wish: any, name: string, tags: string[]}} Wanted
 * `wish` holds what shall run and where results go, by the names of the API's fields.
 */

/** Whether it is one video and no batch. @param {Wanted} wanted */
export const isSingle = ({ files, folder, paths }) => !folder && files.length + paths.length === 1;

/**
 * @param {Wanted} wanted
 * @param {(fraction: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<{path: string, refused: any[], n: number}>} Where to go on, and the items that were not accepted.
 */
export async function submit(wanted, onProgress, signal) {
  const { files, paths } = wanted;
  if (isSingle(wanted)) {
    const job = files.length ? await upload("/jobs", formOf(wanted, "video"), onProgress, signal) : await post("/jobs", { ...fieldsOf(wanted), video_path: paths[0] });
    return { path: `/jobs/${job.id}`, refused: [], n: 1 };
  }
  const batch = files.length
    ? await upload("/batches", formOf(wanted, "videos"), onProgress, signal)
    : await post("/batches", { ...fieldsOf(wanted), ...sourcesOf(wanted) });
  return { path: `/batches/${batch.id}`, refused: batch.items.filter((one) => !one.accepted), n: batch.n_accepted };
}

const fieldsOf = ({ wish, name, tags }) => ({ ...wish, ...(name && { name }), ...(tags.length && { tags }) });

/** The videos of a batch that lie on the server. */
const sourcesOf = ({ folder, paths }) => ({
  ...(folder && { folder }),
  ...(paths.length && { items: paths.map((path) => ({ video_path: path })) }),
});

function formOf(wanted, field) {
  const form = new FormData();
  for (const file of wanted.files) form.append(field, file, file.name);
  for (const [name, value] of Object.entries({ ...fieldsOf(wanted), ...sourcesOf(wanted) })) form.append(name, asField(name, value));
  return form;
}

/** Lists of names have commas between in a form; anything else that is no text is JSON. */
function asField(name, value) {
  if (name === "selected_pipelines" || name === "tags") return value.join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}
