/** Review: the video with what was found, while the job runs and afterwards. */

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { keepFresh } from "../events.js";
import * as format from "../format.js";
import { badge } from "../parts/jobs.js";
import { Data } from "../review/data.js";
import { listen } from "../review/keys.js";
import { LAYERS, Overlay } from "../review/overlay.js";
import { Now } from "../review/now.js";
import { Player, SPEEDS } from "../review/player.js";
import { Timeline } from "../review/timeline.js";
import { Tracks } from "../review/tracks.js";
import { Transcript } from "../review/transcript.js";

const ZOOMS = [1, 1.5, 2, 3];
const HEIGHT_VH = 46; // of the picture, of the height of the window

/** @param {HTMLElement} main @param {import("../router.js").Visit} visit */
export async function show(main, visit) {
  const data = new Data(visit.parts[1], visit.signal);
  fill(main, h("p.muted", { role: "status" }, "Loading …"));
  const [job] = await Promise.all([get(`/jobs/${data.jobId}`, visit.signal), data.refresh()]);
  if (visit.signal.aborted) return;
  const review = new Review(job, data, visit.signal);
  fill(main, review.element);
  await review.start(visit.query.get("t"));
}

class Review {
  constructor(job, data, signal) {
    Object.assign(this, { job, data, signal, cuts: [], zoomed: 0, tracks: new Tracks() });
    const video = h("video", { src: `/api/v1/jobs/${job.id}/video`, preload: "auto", playsinline: true, "aria-label": `Video ${job.video_filename}` });
    this.player = new Player(video, job.video_frame_rate, job.video_duration_seconds);
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.overlay = new Overlay(this.canvas, data, { width: job.video_width, height: job.video_height });
    this.transcript = new Transcript(data, this.player, () => this.#whyNoSpeech());
    this.timeline = new Timeline(data, this.player, this.tracks);
    this.now = new Now(this.tracks, data);
    this.overlay.visible = (track) => this.tracks.shows(track);
    this.overlay.words = (time_s) => this.transcript.wordsAt(time_s);
    this.element = this.#layout(video);
  }

  #layout(video) {
    const { job } = this;
    const note = h("p.waiting", { role: "status" }, "Loading the video …");
    video.addEventListener("loadeddata", () => fill(note, this.#showsPicture() ? null : this.#whyNoPicture()));
    video.addEventListener("error", () => fill(note, this.#whyNoPicture()));
    this.picture = h("div.picture", {}, video, note, this.canvas);
    this.#size();
    this.state = h("span", { role: "status" });
    const link = h("a.button", { href: `#/jobs/${job.id}` }, "Job and files");
    return h(
      "div.review",
      {},
      h("div.head", {}, h("h1", {}, job.name), this.state, h("div.actions", {}, link)),
      h("div", {}, h("div.stage", { tabindex: "0", role: "region", "aria-label": "Picture" }, this.picture), this.#controls(), this.#layers()),
      h("div.side", {}, this.now.element, this.transcript.element),
      this.timeline.element,
    );
  }

  #controls() {
    const { player } = this;
    const button = (label, text, keys, run) => h("button.small", { type: "button", "aria-label": label, title: `${label} (${keys})`, onclick: run }, text);
    this.play = button("Play", "▶", "Space", () => player.toggle());
    this.clock = h("span.clock.small");
    this.speed = h("select.small", { "aria-label": "Speed" }, SPEEDS.map((one) => h("option", { value: one }, `${one} ×`)));
    this.speed.addEventListener("change", () => (player.speed = Number(this.speed.value)));
    return h(
      "div.controls",
      {},
      button("One frame back", "−1", ",", () => player.step(-1)),
      this.play,
      button("One frame on", "+1", ".", () => player.step(1)),
      this.clock,
      this.speed,
      (this.zoomButton = button("Zoom the picture", "Zoom", "z", () => this.zoomPicture())),
      (this.soundButton = button("Sound", "Sound", "m", () => (player.video.muted = !player.video.muted))),
    );
  }

  #layers() {
    const toggle = (name) => {
      const { on } = this.overlay;
      if (!on.delete(name)) on.add(name);
      this.#pressed();
      this.draw();
    };
    this.layers = Object.entries(LAYERS).map(([name, title]) => h("button.small", { type: "button", data: { layer: name }, onclick: () => toggle(name) }, title));
    this.#pressed();
    return h("div.layers", { role: "group", "aria-label": "Overlays" }, this.layers);
  }

  #pressed() {
    for (const button of this.layers) button.setAttribute("aria-pressed", String(this.overlay.on.has(button.dataset.layer)));
  }

  async start(at) {
    const { player, timeline, transcript, data, signal } = this;
    new ResizeObserver(() => this.#fit()).observe(this.picture);
    this.#fit();
    player.addEventListener("frame", () => this.draw());
    player.addEventListener("state", () => this.#told());
    data.addEventListener("tile", () => this.draw());
    this.tracks.addEventListener("change", () => {
      this.draw();
      timeline.reload();
    });
    addEventListener("themechange", () => timeline.redraw(), { signal });
    listen({ player, timeline, transcript, cuts: () => this.cuts, toggleOverlay: () => this.toggleOverlay(), zoomPicture: () => this.zoomPicture() }, signal);
    signal.addEventListener("abort", () => this.#close());
    if (Number(at)) player.seek(Number(at));
    this.draw(); // asks for what will be seen, while the video is still on its way
    this.#told();
    timeline.reload();
    await Promise.all([this.#loadTranscript(), this.#loadCuts()]);
    if (!data.final) keepFresh(() => this.#grown(), signal, { jobId: this.job.id, everyMs: 1000 }).catch(() => {});
  }

  /** The running job has said more. */
  async #grown() {
    const heard = this.data.has("utterances");
    const wasFinal = this.data.final;
    this.job = await get(`/jobs/${this.job.id}`, this.signal);
    await this.data.refresh();
    this.#told();
    this.timeline.grow();
    this.draw();
    await this.#loadCuts();
    if (this.data.final && !this.#showsPicture()) this.player.reload();
    if (heard !== this.data.has("utterances") || wasFinal !== this.data.final) await this.#loadTranscript();
  }

  /** It may come after the last picture that a paused video tells of. */
  async #loadTranscript() {
    await this.transcript.load();
    this.draw();
  }

  /** Of a video whose pictures they cannot decode, browsers play the sound and call it no error. */
  #showsPicture() {
    const { error, videoWidth } = this.player.video;
    return !error && (videoWidth > 0 || !this.job.video_width);
  }

  #whyNoPicture() {
    const why = "This browser cannot play the video; everything else works without. ";
    return this.data.final ? why : `${why}A copy that it can play is made at the end of the job.`;
  }

  #whyNoSpeech() {
    const step = this.job.components.find((one) => one.component === "whisper");
    if (!step) return "No speech recognition was asked for.";
    if (step.error_message) return `No speech was recognised: ${step.error_message}`;
    return this.data.final ? "No speech was recognised." : "Not recognised yet: speech comes after the pictures, all at once.";
  }

  async #loadCuts() {
    const found = await this.data.range("scenes", { columns: ["start_s"], maxRows: 100_000 });
    this.cuts = found?.columns.start_s ?? [];
  }

  draw() {
    const time_s = this.player.time_s;
    this.overlay.draw(time_s);
    this.now.draw(this.overlay.shown, this.player.playing);
    this.timeline.follow(time_s);
    this.transcript.follow(time_s);
    this.clock.textContent = `${format.clock(time_s, 2)} / ${format.clock(this.data.info.duration_s)}`;
  }

  #told() {
    const { video } = this.player;
    this.play.textContent = video.paused ? "▶" : "❚❚";
    this.play.setAttribute("aria-label", video.paused ? "Play" : "Pause");
    this.speed.value = String(video.playbackRate);
    this.soundButton.setAttribute("aria-pressed", String(!video.muted));
    const { status, progress, error_message: trouble } = this.job;
    fill(this.state, badge(status, trouble), status === "running" ? ` ${Math.floor(progress)} %, results come in as they are found` : "");
  }

  #fit() {
    this.overlay.resize();
    this.draw();
  }

  toggleOverlay() {
    this.canvas.hidden = !this.canvas.hidden;
  }

  zoomPicture() {
    this.zoomed = (this.zoomed + 1) % ZOOMS.length;
    this.zoomButton.textContent = this.zoomed ? `Zoom ${ZOOMS[this.zoomed]} ×` : "Zoom";
    this.zoomButton.setAttribute("aria-pressed", String(this.zoomed > 0));
    this.#size();
    const stage = this.picture.parentElement;
    stage.scrollTo((stage.scrollWidth - stage.clientWidth) / 2, (stage.scrollHeight - stage.clientHeight) / 2);
  }

  /** As wide as there is room, but never so high that the timeline leaves the screen. */
  #size() {
    const { video_width: width, video_height: height } = this.job;
    const ratio = width ? width / height : 16 / 5;
    const zoom = ZOOMS[this.zoomed];
    this.picture.style.aspectRatio = String(ratio);
    this.picture.style.width = `min(${100 * zoom}%, ${HEIGHT_VH * ratio * zoom}vh)`;
  }

  #close() {
    this.timeline.close();
    const { video } = this.player;
    video.pause();
    video.removeAttribute("src"); // ends the download
    video.load();
  }
}
