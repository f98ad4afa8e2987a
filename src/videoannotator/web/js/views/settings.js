/** Settings: keys, presets, models and their states, how the server is. */

import { get, getIfThere, post, remove } from "../api.js";
import { fill, freshId, h } from "../dom.js";
import * as format from "../format.js";
import { attempt, confirmed, explained } from "../parts/messages.js";
import { Models } from "../parts/models.js";

/** @param {HTMLElement} main @param {import("../router.js").Visit} visit */
export async function show(main, visit) {
  const me = await get("/tokens/me", visit.signal);
  const [health, catalogue, presets] = await Promise.all([get("/system/health"), get("/pipelines"), getIfThere("/presets")]);
  const keys = h("section.panel");
  const models = new Models(me.scopes.includes("system:admin"), visit.signal);
  await models.refresh();
  fill(
    main,
    h("div.head", {}, h("h1", {}, "Settings"), h("div.actions", {}, me.auth_required && h("button", { type: "button", onclick: signOut }, "Sign out"))),
    h("div.columns", {}, h("div", {}, keys, presets && presetPanel(presets), models.element, missing(catalogue.pipelines)), h("div", {}, session(me), diagnostics(health))),
  );
  if (me.scopes.includes("tokens:admin") && me.auth_required) await new Keys(keys).refresh();
  else fill(keys, h("h2", {}, "Keys"), h("p.muted", {}, me.auth_required ? "Your key may not manage keys." : "This server asks for no keys."));
}

async function signOut() {
  await attempt(() => remove("/session"));
  location.reload();
}

function session(me) {
  const rows = [["Key", me.name], ["Owner", me.owner], ["May", me.scopes.join(", ")], ["Ends", me.expires_at ? format.moment(me.expires_at) : "never"]];
  return h("section.panel", {}, h("h2", {}, "You"), facts(rows));
}

class Keys {
  constructor(panel) {
    this.panel = panel;
    this.told = h("div", { "aria-live": "polite" });
  }

  async refresh() {
    const { tokens } = await get("/tokens");
    const head = ["Name", "Begins with", "Last used", "Ends", "Actions"].map((text) => h("th", { scope: "col" }, text));
    fill(
      this.panel,
      h("h2", {}, "Keys"),
      this.told,
      h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, tokens.map((one) => this.#row(one)))),
      this.#form(),
    );
  }

  #row(key) {
    const act = (label, run) => h("button.small", { type: "button", "aria-label": `${label} ${key.name}`, onclick: run }, label);
    const over = key.revoked_at || (key.expires_at && Date.parse(key.expires_at) < Date.now());
    const state = key.revoked_at ? "revoked" : key.expires_at ? format.moment(key.expires_at) : "never";
    return h("tr", { data: { key: key.id } }, h("td", {}, key.name), h("td", {}, h("code", {}, `${key.prefix}…`)), h("td.muted", {}, format.ago(key.last_used_at)),
      h("td.muted", {}, state), h("td.narrow", {}, over ? "" : h("span.row.tight", {}, act("Replace", () => this.#rotate(key)), act("Revoke", () => this.#revoke(key)))));
  }

  #form() {
    const id = freshId("key-name");
    const name = h("input", { id, type: "text", required: true, maxlength: 100, placeholder: "who or what will use it" });
    const days = h("input", { id: `${id}-days`, type: "number", min: 1, max: 3650, placeholder: "never" });
    const make = async (event) => {
      event.preventDefault();
      const lifetime = days.value ? { expires_in_days: Number(days.value) } : {};
      const made = await attempt(() => post("/tokens", { name: name.value.trim(), ...lifetime }));
      if (made) await this.#tell(made);
    };
    return h("form.row", { onsubmit: make }, h("label", { for: id }, "New key"), name, h("label", { for: `${id}-days` }, "Ends after days"), days, h("button", { type: "submit" }, "Make key"));
  }

  async #rotate(key) {
    const text = "The old key goes on for an hour, so that programs can be changed over.";
    if (!(await confirmed(`Replace ${key.name}?`, text, "Replace"))) return;
    const made = await attempt(() => post(`/tokens/${key.id}/rotate`, { overlap_seconds: 3600 }));
    if (made) await this.#tell(made);
  }

  async #revoke(key) {
    if (!(await confirmed(`Revoke ${key.name}?`, "Whoever uses it is shut out at once.", "Revoke"))) return;
    await attempt(() => remove(`/tokens/${key.id}`), "Revoked.");
    await this.refresh();
  }

  async #tell(made) {
    fill(this.told, h("div.note.good", {}, h("p", {}, h("strong", {}, "Copy the key now: it is shown this once.")), h("pre", {}, made.token)));
    await this.refresh();
  }
}

function presetPanel(found) {
  const list = h("tbody");
  const draw = (presets) => fill(list, presets.map((one) => presetRow(one, () => erase(one))));
  const erase = async (one) => {
    if (!(await confirmed(`Delete the preset ${one.name}?`, "Jobs that were made with it stay as they are.", "Delete"))) return;
    await attempt(() => remove(`/presets/${one.id}`), "Deleted.");
    draw((await get("/presets")).presets);
  };
  draw(found.presets);
  return h("section.panel", {}, h("h2", {}, "Presets"), found.presets.length ? h("table", {}, list) : h("p.muted", {}, "None yet: keep a choice on the screen New."));
}

function presetRow(one, erase) {
  const runs = one.selected_pipelines.map(format.words).join(", ") || "the defaults";
  const problems = (one.problems ?? []).map((problem) => h("div.small.note.warn", {}, problem.message));
  const button = one.scope === "builtin" ? h("span.muted.small", {}, "built in") : h("button.small", { type: "button", "aria-label": `Delete preset ${one.name}`, onclick: erase }, "Delete");
  return h("tr", {}, h("td", {}, h("span.name", {}, one.name), h("div.small.muted", {}, one.description || runs), problems), h("td.narrow", {}, button));
}

/** Components that lack more than weights: libraries, an environment of their own. */
function missing(pipelines) {
  const found = pipelines.flatMap((one) => one.components).filter((one) => one.state === "not_installed");
  const rows = found.map((one) =>
    h("tr", {}, h("td", {}, h("span.name", {}, one.display_name), h("p.small", {}, explained(one.disabled_reason, one.hint)))));
  return found.length ? h("section.panel", {}, h("h2", {}, "Components that are not installed"), h("table", {}, h("tbody", {}, rows))) : null;
}

function diagnostics(health) {
  const part = (one) => [one.status, one.message].filter(Boolean).join(": ");
  const gpu = health.gpu_status.available ? health.gpu_status.device_name : "none in use";
  const rows = [
    ["Version", health.version],
    ["Running since", format.moment(new Date(Date.now() - health.uptime_seconds * 1000).toISOString())],
    ["Workers", `${health.workers.status}, ${health.worker_info.active_jobs} of ${health.worker_info.max_concurrent_jobs} busy`],
    ["Waiting jobs", health.worker_info.queued_jobs],
    ["Database", part(health.diagnostics.database)],
    ["Storage", `${part(health.diagnostics.storage)}, ${Math.round(health.diagnostics.storage.disk_usage_percent)} % of the disk in use`],
    ["Decoder", health.diagnostics.ffmpeg.version ?? "missing"],
    ["GPU", gpu],
  ];
  return h("section.panel", {}, h("h2", {}, "Server"), facts(rows), h("p", {}, h("a", { href: "/docs" }, "API documentation")));
}

const facts = (rows) => h("dl.facts", {}, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
