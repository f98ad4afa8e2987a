/** What was measured at the picture on screen, in words; what is missing is said to be missing. */

import { fill, h } from "../dom.js";
import * as format from "../format.js";
import { colorOf } from "./colors.js";
import { topExpression } from "./overlay.js";

const REASONS = { not_visible: "not visible", not_measured: "not measured", failed: "failed" };

export class Now {
  #last = 0;

  /** @param {import("./tracks.js").Tracks} tracks @param {import("./data.js").Data} data */
  constructor(tracks, data) {
    Object.assign(this, { tracks, data });
    this.element = h("section.panel.now", { tabindex: "0", "aria-label": "At this moment" });
    this.list = h("div");
    this.element.append(h("h2", {}, "At this moment"), this.list);
  }

  /** @param {{people: any[], faces: any[]}} shown What the overlay shows. */
  draw(shown, playing) {
    if (playing && performance.now() - this.#last < 250) return; // nobody reads faster
    this.#last = performance.now();
    const seen = [...shown.people, ...shown.faces].map((one) => one.get("track_id"));
    const { hidden, solo } = this.tracks; // stay in the list wherever they are, so that it can be undone
    const tracks = new Set([...seen, ...hidden, ...(solo === null ? [] : [solo])]);
    const people = [...tracks].sort((a, b) => (a ?? Infinity) - (b ?? Infinity)).map((track) => this.#person(track, shown));
    fill(this.list, people.length ? people : h("p.muted", {}, "Nobody is seen, or this moment was not looked at."));
  }

  #person(track, shown) {
    const swatch = h("span.swatch");
    swatch.style.background = colorOf(track);
    const name = track === null ? "Somebody" : `Person ${track}`;
    const button = (label, pressed, run) =>
      h("button.small.quiet", { type: "button", "aria-pressed": String(pressed), "aria-label": `${label} ${name}`, onclick: run }, label);
    const body = shown.people.find((one) => one.get("track_id") === track);
    const face = shown.faces.find((one) => one.get("track_id") === track);
    return [
      h("h3", {}, swatch, name, track !== null && [button("Hide", this.tracks.hidden.has(track), () => this.tracks.toggle(track)), button("Solo", this.tracks.solo === track, () => this.tracks.alone(track))]),
      this.tracks.shows(track)
        ? h("dl.facts.small", {}, [["Body", this.#found("people", body)], ["Face", this.#found("faces", face)], ...faceFacts(face)].map(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]))
        : h("p.small.muted", {}, "Hidden."),
    ];
  }

  #found(table, one) {
    if (one) return `score ${format.number(one.get("score"), 2)}`;
    return this.data.has(table) ? REASONS.not_visible : REASONS.not_measured;
  }
}

function faceFacts(face) {
  if (!face) return [];
  const facts = [];
  const top = topExpression(face);
  const told = (status, value) => REASONS[face.get(status)] ?? value;
  if (face.get("emotion_status")) facts.push(["Expression", told("emotion_status", top ? `${top[0]} ${format.number(top[1], 2)}` : "not measured")]);
  if (face.get("age_status")) facts.push(["Apparent age", told("age_status", `${format.number(face.get("age_years"), 0)} ± ${format.number(face.get("age_sd_years"), 0)}`)]);
  if (face.get("landmarks_status")) {
    const angles = (a, b) => (face.get(a) === null ? "not measured" : `${format.number(face.get(a), 0)}°, ${format.number(face.get(b), 0)}°`);
    facts.push(["Head yaw, pitch", told("landmarks_status", angles("yaw_deg", "pitch_deg"))]);
    facts.push(["Gaze yaw, pitch", told("landmarks_status", angles("gaze_yaw_deg", "gaze_pitch_deg"))]);
  }
  return facts;
}
