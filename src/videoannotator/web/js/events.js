/**
 * The one event stream of this tab. Views listen to `job` (something happened to a job), `resync` (the
 * stream is there again: what is shown may be stale) and `state` (whether we hear the server).
 */

import { get, session } from "./api.js";

const NAMES = ["job.update", "job.log", "job.complete", "job.error", "job.cancelled", "job.deleted", "batch.update"];
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];

class Stream extends EventTarget {
  #source = null;
  #attempt = 0;
  #timer = 0;
  state = "closed";

  /** Begin to listen, from anew where we were listening already. */
  open() {
    this.close();
    const source = new EventSource("/api/v1/events/stream");
    this.#source = source;
    source.onopen = () => this.#opened();
    source.onerror = () => this.#broken(source);
    for (const name of NAMES) {
      source.addEventListener(name, (event) => this.#tell("job", { name, ...JSON.parse(event.data) }));
    }
    // The server no longer keeps what we missed.
    source.addEventListener("stream.reset", () => this.#tell("resync"));
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #opened() {
    this.#attempt = 0;
    this.#become("live");
    this.#tell("resync");
  }

  /** The browser comes back by itself after a break, but never after a refusal: then we do. */
  #broken(source) {
    this.#become("lost");
    if (source.readyState !== EventSource.CLOSED || source !== this.#source) return;
    const wait = RETRY_MS[Math.min(this.#attempt, RETRY_MS.length - 1)];
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.#again(), wait);
  }

  async #again() {
    try {
      await get("/tokens/me");
      this.open();
    } catch (error) {
      if (error.status === 401) return; // the sign-in box opens the stream again
      this.#timer = setTimeout(() => this.#again(), RETRY_MS.at(-1) / 3);
    }
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.#tell("state");
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export const stream = new Stream();
session.addEventListener("expired", () => stream.close());

/**
 * Call `refresh` when jobs change or the stream comes back, at most every `everyMs`, until the signal aborts.
 *
 * @param {() => unknown} refresh
 * @param {AbortSignal} signal Of the view; listening ends with it.
 * @param {{jobId?: string, everyMs?: number}} [options] Only one job's events.
 */
export function whenChanged(refresh, signal, { jobId, everyMs = 700 } = {}) {
  let timer = 0;
  let last = 0;
  const soon = () => {
    if (timer || signal.aborted) return;
    timer = setTimeout(run, Math.max(0, last + everyMs - Date.now()));
  };
  const run = () => {
    timer = 0;
    last = Date.now();
    if (!signal.aborted) refresh();
  };
  const onJob = (event) => (!jobId || event.detail.job_id === jobId) && event.detail.name !== "job.log" && soon();
  stream.addEventListener("job", onJob, { signal });
  stream.addEventListener("resync", soon, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
}
