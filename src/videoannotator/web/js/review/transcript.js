/** What was said: a list that follows the video, and seeks when it is clicked. */

import { fill, h } from "../dom.js";
import * as format from "../format.js";
import { colorOf } from "./colors.js";

const WORDS_AT_ONCE = 4;
const MOST_AT_ONCE = 8; // utterances that overlap

export class Transcript {
  #lines = [];
  #words = [];
  #current = null;
  #at = -1; // of the line that began last

  /**
   * @param {import("./data.js").Data} data
   * @param {import("./player.js").Player} player
   * @param {() => string} whyEmpty What to say where there is no table of utterances.
   */
  constructor(data, player, whyEmpty) {
    Object.assign(this, { data, player, whyEmpty });
    this.element = h("div.transcript", { tabindex: "0", role: "region", "aria-label": "Transcript" });
    new ResizeObserver(() => this.#show()).observe(this.element); // as there is more or less to say above it
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
    this.#at = -1;
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

  /** Mark what is being said, and keep in sight what was said last. */
  follow(time_s) {
    const at = lastBefore(this.#lines, time_s);
    const lately = this.#lines.slice(Math.max(0, at - MOST_AT_ONCE + 1), at + 1);
    const now = lately.findLast((one) => time_s < one.end_s) ?? null;
    if (now !== this.#current) {
      this.#current?.element.removeAttribute("aria-current");
      now?.element.setAttribute("aria-current", "true");
      this.#current = now;
    }
    if (at === this.#at) return;
    this.#at = at;
    this.#show();
  }

  #show() {
    const line = this.#lines[Math.max(0, this.#at)];
    if (!line) return;
    const { offsetTop, offsetHeight } = line.element;
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

/** Index of the last one that has begun by then, -1 before the first. */
function lastBefore(spoken, time_s) {
  let low = 0;
  let high = spoken.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spoken[middle].start_s <= time_s) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
