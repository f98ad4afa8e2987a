/** Calls to the server. Every error becomes an ApiError that says what happened and what to do. */

export class ApiError extends Error {
  /** @param {number} status HTTP status, 0 where no answer came. @param {Object} problem RFC 9457 body. */
  constructor(status, problem) {
    super(problem.detail || problem.message || problem.title || `The server answered ${status}`);
    this.status = status;
    this.code = problem.error_code ?? "";
    this.hint = problem.hint ?? "";
    this.problems = problem.errors ?? [];
    this.requestId = problem.request_id ?? "";
  }
}

/** Told when the server no longer knows who we are. */
export const session = new EventTarget();

const UNREACHABLE = {
  detail: "The server does not answer.",
  hint: "Check that it is running (videoannotator serve); this page goes on by itself once it is back.",
};

/** Whether asking again may help: no answer came, or one that says "not now". */
export const passes = ({ status }) => status === 0 || status === 429 || status >= 500;

/** No answer came. */
export const unreachable = () => new ApiError(0, UNREACHABLE);

/**
 * Ask the server and read its JSON.
 *
 * @param {string} path Below `/api/v1`, e.g. `/jobs?page=2`.
 * @param {{method?: string, json?: unknown, signal?: AbortSignal}} [options]
 * @returns {Promise<any>} Null for an answer without a body.
 */
export async function call(path, { method = "GET", json, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    const body = json === undefined ? undefined : JSON.stringify(json);
    answer = await fetch(`/api/v1${path}`, { method, headers, body, signal, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw unreachable();
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  throw failure(path, answer.status, await answer.json().catch(() => ({})));
}

/** A refused sign-in is no end of a session. */
function failure(path, status, problem) {
  if (status === 401 && path !== "/session") session.dispatchEvent(new Event("expired"));
  return new ApiError(status, problem);
}

export const get = (path, signal) => call(path, { signal });
export const post = (path, json = {}) => call(path, { method: "POST", json });
export const remove = (path) => call(path, { method: "DELETE" });

/** Like `get`, but null where this server has no such route or thing (yet). */
export async function getIfThere(path) {
  try {
    return await get(path);
  } catch (error) {
    if (error.status === 404 || error.status === 405) return null;
    throw error;
  }
}

/**
 * Send a form with a file. `fetch` cannot tell how much has gone out, hence XMLHttpRequest.
 *
 * @param {string} path Below `/api/v1`.
 * @param {FormData} form
 * @param {(fraction: number) => void} onProgress
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export function upload(path, form, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1${path}`);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      const body = request.response ?? {};
      if (request.status < 300) resolve(body);
      else reject(failure(path, request.status, body));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
