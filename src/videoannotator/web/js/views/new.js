/** New: which videos, what to run on them, what it will cost. */

import { get, getIfThere, post } from "../api.js";
import { fill, freshId, h } from "../dom.js";
import * as format from "../format.js";
import { Choice } from "../parts/choice.js";
import { estimate, rates } from "../parts/estimate.js";
import { errorNote, toast } from "../parts/messages.js";
import { savePreset, UsedPreset } from "../parts/presets.js";
import { ResultPlaces } from "../parts/result_places.js";
import { ServerVideos } from "../parts/server_videos.js";
import { isSingle, submit } from "../parts/submission.js";
import { Uploads } from "../parts/uploads.js";
import { go } from "../router.js";

const RESULT_SHARE = 0.4; // results take about this part of a video's size, by the demonstration video

/** @param {HTMLElement} main @param {import("../router.js").Visit} visit */
export async function show(main, visit) {
  const [catalogue, presets, info] = await Promise.all([get("/pipelines", visit.signal), getIfThere("/presets"), get("/system/info")]);
  const form = new Form(catalogue.pipelines, info.roots ?? [], presets?.presets ?? [], visit.signal);
  const side = h("div.aside", {}, form.summary);
  fill(
    main,
    h("div.head", {}, h("h1", {}, "Annotate videos"), h("div.actions", {}, form.preset.element)),
    form.preset.note,
    h("div.columns", {}, h("div", {}, form.uploads.element, form.stored.element, form.choice.element), side),
  );
  form.changed();
  form.learn(presets !== null);
}

class Form {
  #timer = 0;
  #known = new Map();
  #valid = true;
  #names = [];
  #checks = 0;

  constructor(pipelines, roots, presets, signal) {
    this.signal = signal;
    this.labels = new Map(pipelines.flatMap((one) => one.components).map((one) => [one.name, one.display_name]));
    const id = freshId("name");
    this.name = h("input", { id, type: "text", maxlength: 255, placeholder: "the file's name" });
    this.tags = h("input", { id: `${id}-tags`, type: "text", placeholder: "with commas between" });
    this.cost = h("div");
    this.trouble = h("div", { "aria-live": "polite" });
    this.refused = h("div");
    this.submit = h("button.primary", { type: "button", onclick: () => this.send() }, "Submit");
    this.actions = h("div.row", {}, this.submit);
    this.choice = new Choice(pipelines, () => this.changed());
    this.preset = new UsedPreset(presets, this.choice);
    this.stored = new ServerVideos(roots, () => this.changed(), signal);
    this.places = new ResultPlaces(roots, () => this.changed());
    this.uploads = new Uploads(() => this.changed(), signal);
    this.summary = h(
      "section.panel",
      {},
      h("h2", {}, "Submit"),
      h("div.stack", {},
        h("div", {}, h("label", { for: id }, "Name"), h("br"), this.name),
        h("div", {}, h("label", { for: `${id}-tags` }, "Tags"), h("br"), this.tags),
        this.places.element,
        this.cost, this.trouble, this.refused, this.actions),
    );
  }

  /** What earlier jobs cost; the form works without. */
  async learn(hasPresets) {
    if (hasPresets) this.actions.append(savePreset(this.choice));
    this.#known = await rates(this.signal).catch(() => new Map());
    this.draw();
  }

  changed() {
    if (!this.uploads) return; // still being made
    this.draw();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.check().catch(() => {}), 300);
  }

  /** The server's own check, so that nothing is refused after a long upload. */
  async check() {
    const wish = this.choice.wish;
    const number = (this.#checks += 1);
    if (!wish.selected_pipelines.length) {
      this.#valid = false;
      this.choice.complain([]);
      fill(this.trouble, h("div.note.warn", {}, "Choose at least one component."));
      return this.draw();
    }
    const verdict = await post("/config/validate", { ...wish, ...this.places.wish });
    if (number !== this.#checks) return undefined; // a later check has begun
    this.#valid = verdict.valid;
    this.#names = Object.values(verdict.validated_config ?? {}).flatMap((one) => Object.keys(one));
    const rest = this.places.complain(this.choice.complain(verdict.errors));
    fill(
      this.trouble,
      rest.map((one) => h("div.note.bad", {}, h("strong", {}, one.message), h("p", {}, one.hint))),
      rest.length < verdict.errors.length && h("div.note.bad", {}, "Something cannot be used as it is: see the marked fields."),
      verdict.warnings.map((one) => h("div.note.warn", {}, one.message)),
    );
    return this.draw();
  }

  draw() {
    const { files, seconds } = this.uploads;
    const { folder, paths } = this.stored;
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const n = files.length + paths.length;
    const { seconds: work, unknown } = estimate(this.#known, this.#names, seconds);
    const added = this.#names.filter((name) => !this.choice.wish.selected_pipelines.includes(name));
    const known = this.#names.length > unknown.length && seconds > 0 && !paths.length && !folder;
    const length = !seconds ? "length unknown" : paths.length ? `more than ${format.clock(seconds)}` : format.clock(seconds);
    const chosen = n > 0 && `${n}, ${length}`;
    const facts = [
      ["Videos", [chosen, folder && "those of the folder"].filter(Boolean).join(" and ") || "none yet"],
      ["Time", known ? `about ${format.duration(work)}${unknown.length ? ", not counting what has never run here" : ""}` : n || folder ? (paths.length || folder ? "told once they are examined" : "unknown: nothing like it has run here") : "–"],
      ["Disk", n ? `${bytes ? `${format.size(bytes)} for the videos, ` : ""}about ${format.size((bytes + this.stored.bytes) * RESULT_SHARE)} for results` : "–"],
      ["Runs", this.#names.length ? `${this.#names.length} components` : "–"],
      added.length ? ["Added", `${added.map((name) => this.labels.get(name) ?? name).join(", ")} (others need it)`] : null,
    ].filter(Boolean);
    fill(this.cost, h("dl.facts", {}, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
    this.submit.disabled = !(n || folder) || !this.#valid;
    this.submit.textContent = (n || folder) && !isSingle({ files, folder, paths }) ? "Submit as a batch" : "Submit";
  }

  async send() {
    const bar = h("progress", { max: 1, value: 0, "aria-label": "Sending the videos" });
    const stop = new AbortController();
    this.signal.addEventListener("abort", () => stop.abort());
    fill(this.refused, h("p.row", {}, "Sending", bar, h("button.small", { type: "button", onclick: () => stop.abort() }, "Stop")));
    this.submit.disabled = true;
    const { folder, paths } = this.stored;
    const wanted = {
      files: this.uploads.files, folder, paths, name: this.name.value.trim(),
      tags: this.tags.value.split(",").map((one) => one.trim()).filter(Boolean),
      wish: { ...(this.preset.wish ?? this.choice.wish), ...this.places.wish },
    };
    try {
      const { path, refused, n } = await submit(wanted, (fraction) => (bar.value = fraction), stop.signal);
      if (refused.length) toast(`${refused.length} of ${n + refused.length} videos were not accepted; the batch says why.`);
      go(path);
    } catch (error) {
      fill(this.refused, error.name === "AbortError" ? null : errorNote(error));
      this.draw();
    }
  }
}
