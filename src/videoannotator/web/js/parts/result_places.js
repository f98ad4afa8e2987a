/** Where results go besides the server's own store: a folder and a database below the server's roots. */

import { freshId, h } from "../dom.js";

const FIELDS = [
  ["output_directory", "Files", "results", "Each job's files appear in a folder of its own there, when it is completed."],
  ["db_location", "SQLite database", "results/all.sqlite", "The tables of all jobs in one file, for R and pandas; a folder gets a file for each job."],
];

export class ResultPlaces {
  #fields = [];

  /** @param {string[]} roots @param {() => void} onChange */
  constructor(roots, onChange) {
    this.element = h("details", { hidden: !roots.length }, h("summary", {}, "Put results in a folder of the server, too"), FIELDS.map(([name, label, example, about]) => {
      const id = freshId(name);
      const wrong = h("p.small.wrong", { id: `${id}-wrong`, "aria-live": "polite" });
      const input = h("input", { id, type: "text", placeholder: `${roots[0]}:${example}`, spellcheck: "false", "aria-describedby": `${id}-about ${id}-wrong` });
      input.addEventListener("input", onChange);
      this.#fields.push({ name, input, wrong });
      return h("div", {}, h("label", { for: id }, label), h("br"), input, h("p.small.muted", { id: `${id}-about` }, about), wrong);
    }));
  }

  /** The fields that are filled in. */
  get wish() {
    return Object.fromEntries(this.#fields.map(({ name, input }) => [name, input.value.trim()]).filter(([, value]) => value));
  }

  /** Show findings of the server at their fields; returns those that have none. */
  complain(findings) {
    for (const { name, input, wrong } of this.#fields) {
      const found = findings.find((one) => one.field === name);
      wrong.textContent = found ? [found.message, found.hint].filter(Boolean).join(". ") : "";
      if (found) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    return findings.filter((one) => !this.#fields.some(({ name }) => name === one.field));
  }
}
