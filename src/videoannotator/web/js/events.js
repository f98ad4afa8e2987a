/**
 * The one event stream of this tab. Views listen to `job` (something happened to a job), `resync` (the
 * stream is there again: what is shown may be stale) and `state` (whether we hear the server).
 */

import { get, passes, session } from "./api.js";

const NAMES = ["job.update", "job.log", "job.complete", "job.error", "job.cancelled", "job.deleted", "batch.update"];
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];
const AGAIN_MS = 5000; // after a call that failed

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
 * Call `refresh` now, and again whenever jobs change or the stream comes back: at most every `everyMs`, never twice
 * at a time, and once more where it failed for a reason that passes.
 *
 * @param {() => Promise<unknown>} refresh
 * @param {AbortSignal} signal Of the view; listening ends with it.
 * @param {Object} [options]
 * @param {string} [options.jobId] Only one job's events.
 * @param {number} [options.everyMs]
 * @param {() => void} [options.gone] What to do when a later call finds that the thing is no longer there.
 * @returns {Promise<void>} The first call; its error is for the view to show.
 */
export async function keepFresh(refresh, signal, { jobId, everyMs = 700, gone = () => {} } = {}) {
  let timer = 0;
  let next = 0; // not before
  let busy = false;
  let stale = false; // something happened since the last call began
  const soon = () => {
    stale = true;
    if (timer || busy || signal.aborted) return;
    timer = setTimeout(() => run().catch((error) => error.status === 404 && gone()), Math.max(0, next - Date.now()));
  };
  const run = async () => {
    timer = 0;
    if (signal.aborted) return;
    next = Date.now() + everyMs;
    busy = true;
    stale = false;
    try {
      await refresh();
    } catch (error) {
      next = Date.now() + AGAIN_MS;
      stale ||= passes(error);
      throw error;
    } finally {
      busy = false;
      if (stale) soon();
    }
  };
  const onJob = (event) => (!jobId || event.detail.job_id === jobId) && event.detail.name !== "job.log" && soon();
  stream.addEventListener("job", onJob, { signal });
  stream.addEventListener("resync", soon, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  await run(); // after listening has begun: what happens meanwhile is not missed
}
