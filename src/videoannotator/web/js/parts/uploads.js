/** The videos that were chosen. */

import { fill, h } from "../dom.js";
import * as format from "../format.js";
import { toast } from "./messages.js";

/** A place to drop files, and their list. What is dropped beside it counts too: nobody should lose a form by a slip. */
export class Uploads {
  #files = [];

  /** @param {() => void} onChange @param {AbortSignal} signal Of the view; drops are taken until it ends. */
  constructor(onChange, signal) {
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
    this.#listen(signal);
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

  clear() {
    this.#files = [];
    this.#draw();
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

  #listen(signal) {
    const over = (on) => (event) => {
      if (!event.dataTransfer.types.includes("Files")) return false; // text that is moved between fields
      event.preventDefault();
      this.element.classList.toggle("over", on);
      return true;
    };
    addEventListener("dragover", over(true), { signal });
    addEventListener("dragleave", over(false), { signal });
    addEventListener("drop", (event) => over(false)(event) && this.#take(event.dataTransfer), { signal });
  }

  /** Browsers hand over a folder as a file that cannot be read. */
  #take(transfer) {
    const entries = [...transfer.items].map((one) => one.webkitGetAsEntry());
    const folders = new Set(entries.filter((one) => one?.isDirectory).map((one) => one.name));
    if (folders.size) toast(`${[...folders].join(", ")} is a folder: open it, and drop the videos that lie in it.`);
    this.add([...transfer.files].filter((file) => !folders.has(file.name)));
  }
}
