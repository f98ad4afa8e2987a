/** Draws on the canvas of one lane in seconds and pixels of the page. */

export class Pen {
  /** @param {HTMLCanvasElement} canvas @param {{start: number, end: number, duration: number}} view */
  constructor(canvas, height, view, shows) {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const style = getComputedStyle(document.documentElement);
    const token = (name) => style.getPropertyValue(name).trim();
    [this.strong, this.soft, this.sunken, this.muted, this.surface] = ["--text", "--line", "--sunken", "--muted", "--surface"].map(token);
    Object.assign(this, { width, height, view, shows, context: canvas.getContext("2d") });
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
  }

  x(seconds) {
    return ((seconds - this.view.start) / (this.view.end - this.view.start)) * this.width;
  }

  bar(start, end, top, height, color, alpha = 1) {
    const left = Math.max(-2, this.x(start));
    const right = Math.min(this.width + 2, this.x(end));
    if (right < -1 || left > this.width + 1) return;
    this.context.globalAlpha = alpha;
    this.context.fillStyle = color;
    this.context.fillRect(left, top, Math.max(1, right - left), height);
    this.context.globalAlpha = 1;
  }

  /** Text inside a stretch; left out where it does not fit. */
  text(text, start, baseline, end, color = "#101010") {
    const left = Math.max(0, this.x(start));
    const room = this.x(end) - left - 4;
    if (room < 7) return;
    this.context.font = "600 10.5px system-ui, sans-serif";
    if (this.context.measureText(text).width > room) return;
    this.context.fillStyle = color;
    this.context.fillText(text, left + 2, baseline);
  }

  curve(times, values, [low, high], color, gap) {
    const { context } = this;
    context.strokeStyle = color;
    context.lineWidth = 1.5;
    context.beginPath();
    let last = -Infinity;
    for (const [at, time] of times.entries()) {
      const value = values?.[at];
      if (value === null || value === undefined) continue;
      const y = this.height - 3 - ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * (this.height - 6);
      if (time - last > gap) context.moveTo(this.x(time), y);
      else context.lineTo(this.x(time), y);
      last = time;
    }
    context.stroke();
  }

  legend(entries) {
    const { context } = this;
    context.font = "600 10.5px system-ui, sans-serif";
    context.lineJoin = "round";
    let right = this.width - 4;
    for (const [text, color] of [...entries].reverse()) {
      right -= context.measureText(text).width + 16;
      context.fillStyle = color;
      context.fillRect(right, 4, 8, 8);
      context.strokeStyle = this.surface; // an edge around the letters, to read them over a dense curve
      context.lineWidth = 3;
      context.strokeText(text, right + 11, 12);
      context.fillStyle = this.strong;
      context.fillText(text, right + 11, 12);
    }
  }

  /** Hatching over what has not been looked at yet. */
  unknown(start, text) {
    const left = Math.max(0, this.x(start));
    if (left >= this.width) return;
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(left, 0, this.width - left, this.height);
    context.clip();
    context.strokeStyle = this.soft;
    context.lineWidth = 1;
    context.beginPath();
    for (let x = left - this.height; x < this.width; x += 8) {
      context.moveTo(x, this.height);
      context.lineTo(x + this.height, 0);
    }
    context.stroke();
    context.restore();
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = this.muted;
    if (this.width - left > 90) context.fillText(text, left + 8, this.height / 2 + 4);
  }

  ticks(step, label) {
    const { context } = this;
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = this.muted;
    for (let at = Math.ceil(this.view.start / step) * step; at <= this.view.end; at += step) {
      context.fillRect(this.x(at), this.height - 5, 1, 5);
      const text = label(at);
      const left = Math.min(this.x(at) + 3, this.width - context.measureText(text).width - 2);
      context.fillText(text, left, this.height - 7);
    }
  }
}
