/** The videos that were chosen, and how each one gets to the server. */

import { fill, h } from "../dom.js";
import { upload } from "../api.js";
import * as format from "../format.js";

/** A place to drop files, and their list. */
export class Uploads {
  #files = [];

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    const pick = h("input", { hidden: true, type: "file", multiple: true, accept: "video/*,audio/*,.mkv,.avi,.mts,.wmv" });
    pick.addEventListener("change", () => {
      this.add(pick.files);
      pick.value = "";
    });
    this.list = h("ul.files", { "aria-label": "Chosen videos" });
    const button = h("button", { type: "button", onclick: () => pick.click() }, "Choose files");
    this.element = h("section.drop", { "aria-label": "Videos" }, h("p", {}, h("strong", {}, "Drop videos here"), " or ", button),
      pick, h("p.small.muted", {}, "They stay on this server."), this.list);
    this.#listen();
  }

  get files() {
    return this.#files.map((one) => one.file);
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) {
      const known = this.#files.some((one) => one.file.name === file.name && one.file.size === file.size);
      if (!known) this.#files.push({ file, state: h("span.muted", {}, format.size(file.size)), seconds: null });
    }
    for (const one of this.#files) if (one.seconds === null) this.#measure(one);
    this.#draw();
  }

  /** Seconds of video in all, as far as this browser can read the files. */
  get seconds() {
    return this.#files.reduce((sum, one) => sum + (one.seconds || 0), 0);
  }

  /**
   * Send one file after the other.
   *
   * @param {(file: File) => FormData} formOf
   * @returns {Promise<{jobs: any[], failures: {file: File, error: Error}[]}>}
   */
  async send(formOf, signal) {
    const jobs = [];
    const failures = [];
    for (const one of [...this.#files]) {
      const bar = h("progress", { max: 1, value: 0, "aria-label": `Sending ${one.file.name}` });
      fill(one.state, bar);
      try {
        jobs.push(await upload("/jobs", formOf(one.file), (fraction) => (bar.value = fraction), signal));
        this.#files = this.#files.filter((other) => other !== one);
      } catch (error) {
        if (error.name === "AbortError") throw error;
        failures.push({ file: one.file, error });
        fill(one.state, h("span.badge.bad", {}, "not accepted"));
      }
    }
    this.#draw();
    return { jobs, failures };
  }

  #draw() {
    fill(this.list, this.#files.map((one) =>
      h("li", {}, h("span", {}, one.file.name), one.state,
        h("button.small", { type: "button", "aria-label": `Leave out ${one.file.name}`, onclick: () => this.#drop(one) }, "Leave out")),
    ));
    this.onChange();
  }

  #drop(one) {
    this.#files = this.#files.filter((other) => other !== one);
    this.#draw();
  }

  /** How long a video is, asked of the browser; what it cannot play stays unknown. */
  #measure(one) {
    one.seconds = 0;
    const video = document.createElement("video");
    const url = URL.createObjectURL(one.file);
    const done = () => {
      one.seconds = Number.isFinite(video.duration) ? video.duration : 0;
      URL.revokeObjectURL(url);
      this.onChange();
    };
    video.preload = "metadata";
    video.onloadedmetadata = done;
    video.onerror = done;
    video.src = url;
  }

  #listen() {
    const over = (on) => (event) => {
      event.preventDefault();
      this.element.classList.toggle("over", on);
    };
    this.element.addEventListener("dragover", over(true));
    this.element.addEventListener("dragleave", over(false));
    this.element.addEventListener("drop", (event) => {
      over(false)(event);
      this.add(event.dataTransfer.files);
    });
  }
}
