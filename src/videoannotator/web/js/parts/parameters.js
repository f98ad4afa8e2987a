/** A form made of what the catalogue says about a component's parameters. */

import { freshId, h } from "../dom.js";
import * as format from "../format.js";

/**
 * @typedef {Object} Spec One parameter as the catalogue has it.
 * @property {string} type boolean, integer, float, string, enum, list or object.
 * @property {any} default
 * @property {string} [description]
 * @property {number} [min]
 * @property {number} [max]
 * @property {any[]} [enum]
 * @property {string} [unit]
 * @property {boolean} [nullable]
 */

/** The fields of one component; only values that differ from the defaults are told. */
export class ParameterForm {
  #fields = new Map();

  /** @param {Object<string, Spec>} specs @param {() => void} onChange */
  constructor(specs, onChange) {
    const rows = Object.entries(specs).map(([name, spec]) => this.#row(name, spec, onChange));
    this.element = h("div", {}, rows);
  }

  /** What was changed: value by parameter. */
  get values() {
    const changed = {};
    for (const [name, field] of this.#fields) {
      const value = field.read();
      if (JSON.stringify(value) !== JSON.stringify(field.spec.default ?? null)) changed[name] = value;
    }
    return changed;
  }

  /** Put values in, e.g. those of a preset; the others go back to their defaults. */
  fill(values) {
    for (const [name, field] of this.#fields) field.write(name in values ? values[name] : (field.spec.default ?? null));
  }

  /** Show what is wrong with a parameter; an empty text takes it back. */
  complain(name, text) {
    const field = this.#fields.get(name);
    if (!field) return false;
    field.wrong.textContent = text;
    field.wrong.hidden = !text;
    if (text) field.input.setAttribute("aria-invalid", "true");
    else field.input.removeAttribute("aria-invalid");
    return true;
  }

  get names() {
    return [...this.#fields.keys()];
  }

  #row(name, spec, onChange) {
    const id = freshId(name);
    const { input, read, write } = control(spec, id);
    const wrong = h("p.wrong", { id: `${id}-wrong`, hidden: true });
    input.setAttribute("aria-describedby", `${id}-about ${id}-wrong`);
    input.addEventListener("input", onChange);
    this.#fields.set(name, { spec, input, read, write, wrong });
    const unit = spec.unit ? ` (${spec.unit})` : "";
    return h(
      "div.field",
      {},
      h("label", { for: id }, format.words(name) + unit),
      h("div", {}, input),
      h("p.about", { id: `${id}-about` }, [spec.description, bounds(spec)].filter(Boolean).join(" ")),
      wrong,
    );
  }
}

function bounds(spec) {
  const { min, max } = spec;
  const usual = spec.default === null || spec.default === undefined ? "" : ` Usually ${spec.default}.`;
  if (min !== undefined && max !== undefined) return `From ${min} to ${max}.${usual}`;
  if (min !== undefined) return `At least ${min}.${usual}`;
  return usual.trim();
}

/** The control for a type, and how its value is read and written; what is empty counts as "not set". */
function control(spec, id) {
  if (spec.type === "boolean") {
    const input = h("input", { id, type: "checkbox", checked: Boolean(spec.default) });
    return { input, read: () => input.checked, write: (value) => (input.checked = Boolean(value)) };
  }
  if (spec.enum) {
    const options = [...(spec.nullable ? [null] : []), ...spec.enum];
    const input = h("select", { id }, options.map((one, at) => h("option", { value: at }, one === null ? "not set" : String(one))));
    const write = (value) => (input.value = String(Math.max(0, options.findIndex((one) => one === value))));
    write(spec.default ?? null);
    return { input, read: () => options[Number(input.value)], write };
  }
  if (spec.type === "integer" || spec.type === "float") {
    const step = spec.type === "integer" ? 1 : "any";
    const input = h("input", { id, type: "number", step, min: spec.min, max: spec.max, placeholder: spec.nullable ? "not set" : null });
    const write = (value) => (input.value = value ?? "");
    write(spec.default);
    return { input, read: () => (input.value === "" ? null : Number(input.value)), write };
  }
  const coded = spec.type === "list" || spec.type === "object";
  const input = h("input", { id, type: "text", placeholder: spec.nullable ? "not set" : null, spellcheck: "false" });
  const write = (value) => (input.value = value === null || value === undefined ? "" : coded ? JSON.stringify(value) : value);
  write(spec.default);
  return { input, read: () => (input.value === "" ? null : coded ? parsed(input.value) : input.value), write };
}

/** Lists may be typed as JSON, or with commas between. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text.split(",").map((one) => one.trim());
  }
}
