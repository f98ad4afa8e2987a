/** The list of keys. */

import { fill, h } from "../dom.js";

const GENERAL = [
  ["?", "This list"],
  ["g then h, n, j, b, s", "Go to Home, New, Jobs, Batches, Settings"],
];
const REVIEW = [
  ["Space or k", "Play or pause"],
  [", and .", "One frame back or on"],
  ["← and →", "One second back or on (with Shift: ten)"],
  ["[ and ]", "Previous or next cut"],
  ["{ and }", "Previous or next utterance"],
  ["< and >", "Slower or faster"],
  ["+ and -", "Zoom the timeline"],
  ["0", "Show the whole timeline"],
  ["z", "Zoom the picture"],
  ["o", "Overlays on or off"],
  ["1 to 9", "Hide or show a row of the timeline (with Shift: show it alone)"],
  ["Home and End", "To the start or the end"],
  ["m", "Sound on or off"],
];

/** Show the keys in a dialog. */
export function showHelp() {
  if (document.querySelector("dialog[open]")) return;
  const box = h("dialog", { "aria-label": "Keys" });
  fill(
    box,
    h("h2", {}, "Keys"),
    list("Everywhere", GENERAL),
    list("Review", REVIEW),
    h("div.actions", {}, h("button.primary", { type: "button", onclick: () => box.close() }, "Close")),
  );
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

const list = (title, keys) => [
  h("h3", {}, title),
  h("dl.facts", {}, keys.map(([key, what]) => [h("dt", {}, keyed(key)), h("dd", {}, what)])),
];

const keyed = (text) => text.split(/( and | or | then | to |, )/).map((part, at) => (at % 2 ? part : h("kbd", {}, part)));
