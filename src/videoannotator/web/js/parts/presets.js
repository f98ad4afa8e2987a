/** Choices that were kept under a name, where the server keeps them. */

import { get, post } from "../api.js";
import { fill, freshId, h } from "../dom.js";
import { attempt, errorNote, toast } from "./messages.js";

/** A list from which a preset fills the form. */
export class UsedPreset {
  #used = null;

  /** @param {any[]} presets @param {{wish: any}} choice */
  constructor(presets, choice) {
    this.choice = choice;
    const id = freshId("preset");
    const list = h("select", { id }, h("option", { value: "" }, "choose"), presets.map((one) => h("option", { value: one.id }, one.name)));
    this.list = list;
    list.addEventListener("change", () => this.#use(list.value));
    this.element = h("span.row", { hidden: !presets.length }, h("label", { for: id }, "Preset"), list);
    this.note = h("div", { "aria-live": "polite" });
  }

  /** The preset and its version, so that the job remembers them; null once anything was changed after it was chosen. */
  get wish() {
    return this.#used?.means === JSON.stringify(this.choice.wish) ? { preset: this.#used.name } : null;
  }

  async #use(id) {
    const preset = id && (await attempt(() => get(`/presets/${encodeURIComponent(id)}`)));
    if (!preset || id !== this.list.value) return; // another was chosen meanwhile
    this.choice.wish = { selected_pipelines: preset.selected_pipelines ?? [], config: preset.config ?? {} };
    this.#used = preset.fits ? { name: `${preset.id}@${preset.version}`, means: JSON.stringify(this.choice.wish) } : null;
    const [title, found] = preset.fits ? ["Since this preset was saved:", preset.changes] : ["This preset no longer fits; what is left of it is chosen below.", preset.problems];
    fill(this.note, found.length > 0 && h("div.note.warn", {}, h("strong", {}, title), h("ul", {}, found.map((one) => h("li", {}, one.message)))));
  }
}

/** A button that keeps the present choice. */
export function savePreset(choice) {
  return h("button", { type: "button", onclick: () => askName(choice) }, "Keep as preset");
}

function askName(choice) {
  const id = freshId("preset-name");
  const field = h("input", { id, type: "text", required: true, maxlength: 100 });
  const box = h("dialog", { "aria-label": "Keep as preset" });
  const trouble = h("div"); // here, as a notice would lie behind the box
  const save = async (event) => {
    event.preventDefault();
    try {
      await post("/presets", { name: field.value.trim(), ...choice.wish });
      box.close();
      toast("The preset is kept.");
    } catch (error) {
      fill(trouble, errorNote(error));
    }
  };
  box.append(
    h("form", { onsubmit: save }, h("h2", {}, "Keep as preset"), h("label", { for: id }, "Name"), h("br"), field, trouble,
      h("div.actions", {}, h("button", { type: "button", onclick: () => box.close() }, "Not now"), h("button.primary", { type: "submit" }, "Keep"))),
  );
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}
