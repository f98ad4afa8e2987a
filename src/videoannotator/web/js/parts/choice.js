/** Which components run, and with which parameters: the right half of "New". */

import { freshId, h } from "../dom.js";
import * as format from "../format.js";
import { explained } from "./messages.js";
import { ParameterForm } from "./parameters.js";

const LABELS = { downloadable: "is fetched first", not_installed: "not installed", not_allowed: "licence", gated: "needs an account" };

/** The catalogue as a form. */
export class Choice {
  #entries = [];

  /** @param {any[]} pipelines Of the catalogue. @param {() => void} onChange */
  constructor(pipelines, onChange) {
    this.onChange = onChange;
    const set = (label, wanted) => h("button.small", { type: "button", onclick: () => this.#all(wanted) }, label);
    const sets = h("div.row.sets", {}, set("Choose the defaults", (info) => info.default_enabled), set("Choose nothing", () => false));
    this.element = h("div", {}, sets, pipelines.map((one) => this.#pipeline(one)));
  }

  /** What to submit: components by name, and the changed parameters as `config[pipeline][component]`. */
  get wish() {
    const chosen = this.#entries.filter((one) => one.box.checked);
    const config = {};
    for (const { info, form } of chosen) {
      const values = form.values;
      if (Object.keys(values).length) (config[info.pipeline] ??= {})[info.name] = values;
    }
    return { selected_pipelines: chosen.map((one) => one.info.name), config };
  }

  /** Choose as a preset or an earlier job did. */
  set wish({ selected_pipelines: names, config }) {
    for (const { info, box, form, show } of this.#entries) {
      const named = names.length === 0 ? info.default_enabled : names.includes(info.name);
      const byPipeline = names.includes(info.pipeline) && info.default_enabled;
      box.checked = info.enabled && (named || byPipeline);
      show();
      form.fill(config?.[info.pipeline]?.[info.name] ?? config?.[info.name] ?? {});
    }
    this.onChange();
  }

  /** Show findings of the server at their fields; returns those that have none. */
  complain(findings) {
    for (const { form } of this.#entries) for (const name of form.names) form.complain(name, "");
    return findings.filter((finding) => !this.#place(finding));
  }

  #all(wanted) {
    for (const { info, box, show } of this.#entries) {
      box.checked = info.enabled && wanted(info);
      show();
    }
    this.onChange();
  }

  #place(finding) {
    const path = (finding.field ?? "").split(".");
    const entry = this.#entries.find(({ info }) => path.includes(info.name));
    const text = [finding.message, finding.hint].filter(Boolean).join(". ");
    const placed = entry?.form.complain(path.at(-1), text) ?? false;
    if (placed) entry.details.open = true;
    return placed;
  }

  #pipeline(info) {
    const why = info.enabled ? null : h("p.note.warn", {}, info.disabled_reason, " ", info.hint);
    const [usable, others] = [true, false].map((enabled) => info.components.filter((one) => one.enabled === enabled).map((one) => this.#component(one)));
    const rest = others.length > 0 && h("details.rest", {}, h("summary", {}, `${others.length} that cannot run here`), others);
    return h("section.panel", {}, h("h2", {}, info.display_name), h("p.muted", {}, info.description), why, usable, rest);
  }

  #component(info) {
    const id = freshId(info.name);
    const box = h("input", { type: "checkbox", id, checked: info.enabled && info.default_enabled, disabled: !info.enabled });
    const form = new ParameterForm(info.parameters, () => this.onChange());
    const details = h("details", {}, h("summary", {}, "Settings", h("span.sr-only", {}, ` of ${info.display_name}`)), form.element);
    const has = Object.keys(info.parameters).length > 0;
    const show = () => (details.hidden = !(box.checked && has));
    const entry = { info, box, form, details, show };
    box.addEventListener("change", () => {
      show();
      this.onChange();
    });
    show();
    this.#entries.push(entry);
    const state = LABELS[info.state] ? h("span.badge", {}, LABELS[info.state]) : null;
    return h(
      "div.component",
      { data: { component: info.name } },
      h(
        "div.row",
        {},
        box,
        h(
          "div.words",
          {},
          h("label", { for: id }, info.display_name, " "),
          state,
          h("p.small.muted", {}, info.description),
          info.caveat && h("p.small.muted", {}, "Note: ", sentence(info.caveat)),
          !info.enabled && h("p.small", {}, explained(format.words(info.disabled_reason ?? ""), info.hint)),
        ),
      ),
      details,
    );
  }
}

const sentence = (text) => (text ? `${format.words(text).replace(/\.$/, "")}.` : "");
