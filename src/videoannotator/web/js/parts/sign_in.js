/** The box that asks for a key when the server does not know us (any more). */

import { post } from "../api.js";
import { fill, freshId, h } from "../dom.js";
import { errorNote } from "./messages.js";

/**
 * Show the box in place of the screen.
 *
 * @param {HTMLElement} main
 * @param {string} why What to say first; empty for a first visit.
 * @param {() => void} onSignedIn
 */
export function showSignIn(main, why, onSignedIn) {
  const id = freshId("key");
  const trouble = h("div");
  const field = h("input", {
    id, type: "password", autocomplete: "current-password", required: true, spellcheck: "false", "aria-describedby": `${id}-about`,
  });
  const submit = async (event) => {
    event.preventDefault();
    try {
      await post("/session", { token: field.value.trim() });
      onSignedIn();
    } catch (error) {
      fill(trouble, errorNote(error));
      field.setAttribute("aria-invalid", "true");
      field.select();
    }
  };
  fill(
    main,
    h(
      "section.panel.sign-in",
      {},
      h("h1", {}, "Sign in"),
      why ? h("div.note.warn", { role: "status" }, why) : null,
      h(
        "form",
        { onsubmit: submit },
        h("label", { for: id }, "API key"),
        field,
        h("p.small.muted", { id: `${id}-about` }, "It starts with va_ and was printed at the server's first start; it also " +
          "stands in the file token in the server's data directory. Or open the start link that the server printed."),
        trouble,
        h("div", {}, h("button.primary", { type: "submit" }, "Sign in")),
      ),
    ),
  );
  field.focus();
}
