/** What was found, drawn over the picture that is on screen. */

import { colorOf } from "./colors.js";

// 0-based pairs into COCO's keypoints, as the server's tables name them.
const NAMES = [
  "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
  "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
];
const BONES = [
  [15, 13], [13, 11], [16, 14], [14, 12], [11, 12], [5, 11], [6, 12], [5, 6], [5, 7], [6, 8], [7, 9], [8, 10], [1, 2], [0, 1],
  [0, 2], [1, 3], [2, 4], [3, 5], [4, 6],
];
const SURE = 0.2; // keypoints below this are guesses
export const EXPRESSIONS = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"];

/** Kinds of marks, in the order they are drawn; all but the mesh (heavy) are on at first. */
export const LAYERS = { people: "Boxes", skeletons: "Skeletons", faces: "Faces", mesh: "Face marks", direction: "Head and gaze", labels: "Labels", words: "Words" };

export class Overlay {
  /** @param {HTMLCanvasElement} canvas @param {import("./data.js").Data} data @param {{width: number, height: number}} video */
  constructor(canvas, data, video) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.data = data;
    this.video = video;
    this.on = new Set(Object.keys(LAYERS).filter((name) => name !== "mesh"));
    this.visible = () => true; // whether a track is shown
    this.words = () => "";
    data.want("face_mesh", ["face_id", "time_s", "mesh"]);
  }

  /** Fit the canvas to the picture's box on screen. */
  resize() {
    const box = this.canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(box.width * ratio));
    this.canvas.height = Math.max(1, Math.round(box.height * ratio));
    this.scale = this.video.width ? this.canvas.width / this.video.width : 1;
    this.unit = ratio;
  }

  /** Draw what holds at a presentation time. */
  draw(time_s) {
    const began = performance.now();
    const { context } = this;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.shown = { people: this.#seen("people", time_s), faces: this.#seen("faces", time_s) };
    for (const one of this.shown.people) this.#person(one);
    const mesh = this.on.has("mesh") ? this.#meshes(time_s) : null;
    for (const one of this.shown.faces) this.#face(one, mesh);
    if (this.on.has("words")) this.#say(this.words(time_s));
    // For whoever measures with a PerformanceObserver; the browser's own list would grow for ever.
    performance.measure("overlay", { start: began });
    performance.clearMeasures("overlay");
  }

  /** The rows of a table at a time, as objects that read their columns when asked. */
  #seen(table, time_s) {
    const moment = this.data.at(table, time_s);
    if (!moment) return [];
    return moment.rows
      .map((row) => ({ time_s: moment.time_s, get: (name) => moment.columns[name]?.[row] ?? null }))
      .filter((one) => this.visible(one.get("track_id")));
  }

  #box(one, width) {
    const { context, scale, unit } = this;
    const [x1, y1, x2, y2] = ["x1", "y1", "x2", "y2"].map((name) => one.get(name) * scale);
    context.lineWidth = width * unit;
    context.strokeStyle = colorOf(one.get("track_id"));
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    return [x1, y1, x2, y2];
  }

  #person(one) {
    const track = one.get("track_id");
    if (this.on.has("people")) {
      const [x1, y1] = this.#box(one, 2);
      if (this.on.has("labels")) this.#label(track === null ? "Person ?" : `Person ${track}`, x1, y1, colorOf(track));
    }
    if (this.on.has("skeletons")) this.#skeleton(one, colorOf(track));
  }

  #skeleton(one, color) {
    const { context, scale, unit } = this;
    const points = NAMES.map((name) => {
      const sure = one.get(`${name}_score`) ?? 0;
      return sure < SURE ? null : [one.get(`${name}_x`) * scale, one.get(`${name}_y`) * scale];
    });
    context.lineWidth = 2 * unit;
    context.strokeStyle = context.fillStyle = color;
    context.beginPath();
    for (const [from, to] of BONES) {
      if (!points[from] || !points[to]) continue;
      context.moveTo(...points[from]);
      context.lineTo(...points[to]);
    }
    context.stroke();
    for (const point of points) if (point) context.fillRect(point[0] - 2 * unit, point[1] - 2 * unit, 4 * unit, 4 * unit);
  }

  #face(one, meshes) {
    const color = colorOf(one.get("track_id"));
    if (this.on.has("faces")) {
      const [x1, , , y2] = this.#box(one, 1.25);
      if (this.on.has("labels")) this.#label(faceText(one), x1, y2 + 16 * this.unit, color);
    }
    if (this.on.has("direction")) this.#directions(one, color);
    const mesh = meshes?.get(one.get("face_id"));
    if (mesh) this.#points(mesh, color);
  }

  /** Arrows as seen from the front: turned to its own left is to the right of the picture. */
  #directions(one, color) {
    const [x1, y1, x2, y2] = ["x1", "y1", "x2", "y2"].map((name) => one.get(name) * this.scale);
    const size = (x2 - x1) * 0.8;
    const arrow = (yaw, pitch, from, width, dash) => {
      if (yaw === null || pitch === null) return; // not measured: no arrow
      const [turn, lift] = [(yaw * Math.PI) / 180, (pitch * Math.PI) / 180];
      const to = [from[0] + Math.sin(turn) * Math.cos(lift) * size, from[1] - Math.sin(lift) * size];
      this.#line(from, to, width, color, dash);
    };
    const [middle, eyes] = [(x1 + x2) / 2, y1 + (y2 - y1) * 0.4];
    arrow(one.get("yaw_deg"), one.get("pitch_deg"), [middle, y1 + (y2 - y1) * 0.6], 3, []);
    arrow(one.get("gaze_yaw_deg"), one.get("gaze_pitch_deg"), [middle, eyes], 2, [4, 3]);
  }

  #line(from, to, width, color, dash) {
    const { context, unit } = this;
    context.strokeStyle = color;
    context.lineWidth = width * unit;
    context.setLineDash(dash.map((one) => one * unit));
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = color;
    context.beginPath();
    context.arc(to[0], to[1], (width + 1) * unit, 0, 7);
    context.fill();
  }

  #meshes(time_s) {
    const moment = this.data.at("face_mesh", time_s);
    return moment && new Map(moment.rows.map((row) => [moment.columns.face_id[row], moment.columns.mesh[row]]));
  }

  #points(mesh, color) {
    const { context, scale, unit } = this;
    context.fillStyle = color;
    for (const [x, y] of mesh) if (x !== null) context.fillRect(x * scale, y * scale, 1.2 * unit, 1.2 * unit);
  }

  #label(text, x, y, color) {
    const { context, unit } = this;
    context.font = `600 ${12 * unit}px system-ui, sans-serif`;
    const width = context.measureText(text).width + 8 * unit;
    const left = Math.max(0, Math.min(x, this.canvas.width - width));
    const top = Math.max(17 * unit, Math.min(y, this.canvas.height));
    context.fillStyle = color;
    context.fillRect(left, top - 17 * unit, width, 17 * unit);
    context.fillStyle = "#101010";
    context.fillText(text, left + 4 * unit, top - 4.5 * unit);
  }

  #say(text) {
    if (!text) return;
    const { context, unit, canvas } = this;
    context.font = `600 ${18 * unit}px system-ui, sans-serif`;
    const width = context.measureText(text).width;
    const [x, y] = [(canvas.width - width) / 2, canvas.height - 18 * unit];
    context.fillStyle = "rgb(0 0 0 / 70%)";
    context.fillRect(x - 8 * unit, y - 20 * unit, width + 16 * unit, 28 * unit);
    context.fillStyle = "#ffffff";
    context.fillText(text, x, y);
  }
}

/** The expression with the highest score, or null where none was measured. */
export function topExpression(one) {
  const scored = EXPRESSIONS.map((name) => [name, one.get(name)]).filter(([, score]) => score !== null);
  return scored.length ? scored.reduce((best, next) => (next[1] > best[1] ? next : best)) : null;
}

function faceText(one) {
  const track = one.get("track_id");
  const top = topExpression(one);
  return [track === null ? "Face" : `Face ${track}`, top && `${top[0]} ${Math.round(top[1] * 100)} %`].filter(Boolean).join(" · ");
}
