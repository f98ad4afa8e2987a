/** Choices that were kept under a name, where the server keeps them. */

import { get, post } from "../api.js";
import { fill, freshId, h } from "../dom.js";
import { attempt, errorNote, toast } from "./messages.js";

/** A list from which a preset fills the form. @param {any} found Of `GET /presets`. @param {{wish: any}} choice */
export function usePresets(found, choice) {
  const presets = found.presets ?? [];
  if (!presets.length) return null;
  const id = freshId("preset");
  const list = h("select", { id }, h("option", { value: "" }, "choose"), presets.map((one) => h("option", { value: one.id }, one.name)));
  list.addEventListener("change", async () => {
    if (!list.value) return;
    const preset = await attempt(() => get(`/presets/${encodeURIComponent(list.value)}`));
    if (preset) choice.wish = { selected_pipelines: preset.selected_pipelines ?? [], config: preset.config ?? {} };
  });
  return h("span.row", {}, h("label", { for: id }, "Preset"), list);
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
