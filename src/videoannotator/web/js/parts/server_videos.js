/** Videos that lie on the server, below the roots that its operator opened: everything in a folder, or single ones. */

import { get } from "../api.js";
import { fill, freshId, h } from "../dom.js";
import * as format from "../format.js";
import { errorNote } from "./messages.js";

export class ServerVideos {
  #listing = null;
  #wanted = ""; // the folder that was opened last
  #folder = ""; // everything in it and below is wanted
  #ticked = new Map(); // path to bytes, of single videos

  /** @param {string[]} roots @param {() => void} onChange @param {AbortSignal} signal Of the view. */
  constructor(roots, onChange, signal) {
    this.onChange = onChange;
    this.signal = signal;
    this.crumbs = h("nav.row.crumbs", { "aria-label": "Folders of the server" });
    this.entries = h("div", { "aria-live": "polite" });
    this.chosen = h("ul.files", { "aria-label": "Chosen videos of the server" });
    this.element = h("section.panel", { hidden: !roots.length }, h("h2", {}, "Or videos of the server"),
      h("p.small.muted", {}, "They are used where they lie; nothing is uploaded."), this.crumbs, this.entries, this.chosen);
    if (roots.length) this.#enter(roots.length === 1 ? `${roots[0]}:` : "", false);
  }

  /** `root:folder` of which everything is wanted, or nothing. */
  get folder() {
    return this.#folder;
  }

  /** The paths of the single videos that are wanted. */
  get paths() {
    return [...this.#ticked.keys()];
  }

  /** Bytes of the single videos. */
  get bytes() {
    return [...this.#ticked.values()].reduce((sum, one) => sum + one, 0);
  }

  async #enter(path, focus = true) {
    this.#wanted = path;
    try {
      const listing = await get(`/places?path=${encodeURIComponent(path)}`, this.signal);
      if (path !== this.#wanted) return; // another was opened meanwhile
      this.#listing = listing;
    } catch (error) {
      if (error.name !== "AbortError" && path === this.#wanted) fill(this.entries, errorNote(error));
      return;
    }
    this.#draw();
    if (focus) this.crumbs.querySelector("[aria-current]").focus();
  }

  #draw() {
    const { path, folders, videos, n_folders: nFolders, n_videos: nVideos } = this.#listing;
    fill(this.crumbs, this.#trail(path));
    const more = [[nFolders - folders.length, "folders"], [nVideos - videos.length, "videos"]].filter(([n]) => n > 0);
    fill(
      this.entries,
      path && this.#everything(path),
      h("ul.listing", {}, folders.map((one) => this.#folderRow(one)), videos.map((one) => this.#videoRow(one))),
      !folders.length && !videos.length && h("p.muted", {}, "No folders and no videos here."),
      more.map(([n, what]) => h("p.small.muted", {}, `${n} more ${what} are not shown; choosing everything takes them too.`)),
    );
    const names = this.#folder ? [[this.#folder, "everything in it", () => (this.#folder = "")]] : [...this.#ticked].map(([name, bytes]) =>
      [name, format.size(bytes), () => this.#ticked.delete(name)]);
    fill(this.chosen, names.map(([name, note, leave]) => h("li", {}, h("span", {}, name), h("span.muted", {}, note),
      h("button.small", { type: "button", "aria-label": `Leave out ${name}`, onclick: () => this.#change(leave) }, "Leave out"))));
  }

  /** Every folder above this one, as buttons. */
  #trail(path) {
    const [root, below] = path ? [path.slice(0, path.indexOf(":")), path.slice(path.indexOf(":") + 1)] : ["", ""];
    const parts = below ? below.split("/") : [];
    const steps = [["Roots", ""], ...(root ? [[root, `${root}:`]] : []), ...parts.map((name, i) => [name, `${root}:${parts.slice(0, i + 1).join("/")}`])];
    return steps.map(([name, to], i) => [
      i > 0 && h("span.muted", { "aria-hidden": "true" }, "/"),
      h("button.small", { type: "button", "aria-current": to === path ? "location" : null, onclick: () => this.#enter(to) }, name),
    ]);
  }

  #everything(path) {
    const id = freshId("everything");
    const box = h("input", { id, type: "checkbox", checked: this.#folder === path, data: { key: "everything" } });
    box.addEventListener("change", () => this.#change(() => {
      this.#folder = box.checked ? path : "";
      this.#ticked.clear();
    }));
    return h("p.row", {}, box, h("label", { for: id }, "Everything here, and in the folders below"));
  }

  #folderRow({ name, path, problem }) {
    return h("li", {}, h("button.small", { type: "button", disabled: Boolean(problem), onclick: () => this.#enter(path) }, `${name}/`),
      problem && h("span.muted.small", {}, problem));
  }

  #videoRow({ name, path, size_bytes: bytes, problem }) {
    const id = freshId("video");
    const box = h("input", { id, type: "checkbox", checked: this.#ticked.has(path), disabled: Boolean(problem), data: { key: path } });
    box.addEventListener("change", () => this.#change(() => {
      this.#folder = "";
      if (box.checked) this.#ticked.set(path, bytes);
      else this.#ticked.delete(path);
    }));
    return h("li", {}, box, h("label", { for: id }, name), h("span.muted.small", {}, problem ?? format.size(bytes)));
  }

  #change(act) {
    act();
    this.#draw();
    this.onChange();
  }
}
