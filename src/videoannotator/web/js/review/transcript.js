/** What was said: a list that follows the video, and seeks when it is clicked. */

import { fill, h } from "../dom.js";
import * as format from "../format.js";
import { colorOf } from "./colors.js";

const WORDS_AT_ONCE = 4;

export class Transcript {
  #lines = [];
  #words = [];
  #current = null;

  /**
   * @param {import("./data.js").Data} data
   * @param {import("./player.js").Player} player
   * @param {() => string} whyEmpty What to say where there is no table of utterances.
   */
  constructor(data, player, whyEmpty) {
    Object.assign(this, { data, player, whyEmpty });
    this.element = h("div.transcript", { tabindex: "0", role: "region", "aria-label": "Transcript" });
  }

  async load() {
    const [lines, words] = await Promise.all([
      this.data.range("utterances", { maxRows: 50_000 }),
      this.data.range("words", { columns: ["start_s", "end_s", "text"], maxRows: 200_000 }),
    ]);
    const columns = words?.columns;
    this.#words = columns ? columns.text.map((text, at) => ({ text, start_s: columns.start_s[at], end_s: columns.end_s[at] })) : [];
    this.#draw(lines?.columns);
  }

  #draw(columns) {
    this.#current = null;
    if (!columns) {
      fill(this.element, h("p.muted", {}, this.whyEmpty()));
      this.#lines = [];
      return;
    }
    this.#lines = columns.text.map((text, at) => this.#line(text, columns.start_s[at], columns.end_s[at], columns.speaker?.[at] ?? null));
    fill(this.element, this.#lines.length ? this.#lines.map((one) => one.element) : h("p.muted", {}, "Nobody speaks."));
  }

  #line(text, start_s, end_s, speaker) {
    const who = speaker ? h("span.who", {}, speaker.replace("SPEAKER_", "Speaker ")) : h("span.who.muted", {}, "speaker unknown");
    if (speaker) who.style.borderColor = colorOf(speaker);
    const element = h("button.line", { type: "button", onclick: () => this.player.seek(start_s + 0.001) }, h("span.time", {}, format.clock(start_s)), who, h("span.said", {}, text));
    return { element, start_s, end_s };
  }

  /** Mark what is being said. */
  follow(time_s) {
    const now = this.#lines.find((one) => one.start_s <= time_s && time_s < one.end_s) ?? null;
    if (now === this.#current) return;
    this.#current?.element.removeAttribute("aria-current");
    this.#current = now;
    if (!now) return;
    now.element.setAttribute("aria-current", "true");
    const { offsetTop, offsetHeight } = now.element;
    const box = this.element;
    if (offsetTop < box.scrollTop || offsetTop + offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = offsetTop - box.clientHeight / 3;
  }

  /** The words around a time, for the picture. */
  wordsAt(time_s) {
    const at = lastBefore(this.#words, time_s);
    if (at < 0 || time_s >= this.#words[at].end_s + 0.3) return "";
    const from = Math.max(0, at - WORDS_AT_ONCE);
    return this.#words.slice(from, at + 1).filter((one) => time_s - one.end_s < 2).map((one) => one.text).join(" ");
  }

  /** The beginnings of utterances, for going from one to the next. */
  get starts() {
    return this.#lines.map((one) => one.start_s);
  }
}

function lastBefore(words, time_s) {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle].start_s <= time_s) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
