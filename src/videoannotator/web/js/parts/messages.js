/** What the page tells people: short notices, errors with the next step, questions. */

import { h } from "../dom.js";

const LIFE_MS = 6000;

/** A short notice in the corner; it goes by itself. */
export function toast(text) {
  const close = h("button", { type: "button", "aria-label": "Close this notice", onclick: () => box.remove() }, "×");
  const box = h("div.toast", {}, h("span", {}, text), close);
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), LIFE_MS);
}

/** An error as a box: what happened, and what to do (where `detail` does not say it already). */
export function errorNote(error) {
  const hint = error.hint && !error.message.includes(error.hint) ? h("p", {}, error.hint) : null;
  const id = error.requestId ? h("p.small", {}, `Request ${error.requestId}`) : null;
  return h("div.note.bad", { role: "alert" }, h("p", {}, h("strong", {}, error.message)), hint, id);
}

/**
 * Ask before something that cannot be undone.
 *
 * @returns {Promise<boolean>} False also when the box is closed with Escape.
 */
export function confirmed(title, text, yes, no = "Keep it") {
  return new Promise((resolve) => {
    const box = h(
      "dialog",
      { "aria-label": title },
      h("h2", {}, title),
      h("p", {}, text),
      h(
        "div.actions",
        {},
        h("button", { type: "button", onclick: () => box.close("no") }, no),
        h("button.danger", { type: "button", onclick: () => box.close("yes") }, yes),
      ),
    );
    box.addEventListener("close", () => {
      box.remove();
      resolve(box.returnValue === "yes");
    });
    document.body.append(box);
    box.showModal();
  });
}

/** Do something that may fail; a failure is shown as a notice. */
export async function attempt(action, done) {
  try {
    const result = await action();
    if (done) toast(done);
    return result;
  } catch (error) {
    if (error.name !== "AbortError") toast(error.hint && !error.message.includes(error.hint) ? `${error.message} ${error.hint}` : error.message);
    return undefined;
  }
}

/** What is the matter and what to do about it; the command, where there is one, as something to copy. */
export function explained(reason, hint) {
  const [why, what] = [(reason ?? "").replace(/\.$/, ""), hint ?? ""];
  const command = /(videoannotator|pip install) .*$/.exec(what);
  return [why ? `${why}. ` : "", command ? [what.slice(0, command.index), h("code", {}, command[0])] : what];
}
