/** A folder that lies on the server, below one of the roots that its operator opened. */

import { freshId, h } from "../dom.js";

export class Folder {
  /** @param {string[]} roots @param {() => void} onChange */
  constructor(roots, onChange) {
    const id = freshId("folder");
    this.root = h("select", { id, onchange: onChange }, h("option", { value: "" }, "none"), roots.map((name) => h("option", { value: name }, name)));
    this.path = h("input", { id: `${id}-path`, type: "text", placeholder: "all of it", spellcheck: "false" });
    this.path.addEventListener("input", onChange);
    this.element = h("section.panel", { hidden: !roots.length }, h("h2", {}, "Or a folder of the server"),
      h("div.row", {}, h("label", { for: id }, "Root"), this.root, h("label", { for: `${id}-path` }, "Folder below it"), this.path),
      h("p.small.muted", {}, "Its videos are used where they lie; nothing is uploaded."));
  }

  /** `root:folder`, or nothing. */
  get value() {
    return this.root.value ? `${this.root.value}:${this.path.value.trim()}` : "";
  }
}
