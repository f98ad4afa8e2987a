/** Screens by the part of the address after `#`: no request, and the browser's own back button works. */

/**
 * @typedef {Object} Visit
 * @property {string[]} parts The address in pieces: `#/jobs/42` gives `["jobs", "42"]`.
 * @property {URLSearchParams} query
 * @property {AbortSignal} signal Aborted when the reader goes elsewhere.
 */

/** @returns {{parts: string[], query: URLSearchParams}} Where we are. */
export function here() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { parts: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

/** Go to a screen. */
export function go(path) {
  location.hash = `#${path}`;
}

/** Change the query of the present screen without leaving it. */
export function remember(values) {
  const { parts, query } = here();
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  history.replaceState(null, "", `#/${parts.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`);
}

/**
 * Show a screen now and at every change of the address.
 *
 * @param {(visit: Visit) => Promise<void>|void} show
 * @returns {() => void} Shows the present screen again.
 */
export function start(show) {
  let leave = new AbortController();
  const visit = () => {
    leave.abort();
    leave = new AbortController();
    return show({ ...here(), signal: leave.signal });
  };
  addEventListener("hashchange", visit);
  visit();
  return visit;
}
