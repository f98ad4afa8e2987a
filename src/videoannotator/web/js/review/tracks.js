/** Which people are shown: one can be hidden, or shown alone. */

export class Tracks extends EventTarget {
  hidden = new Set();
  solo = null;

  shows(track) {
    return this.solo === null ? !this.hidden.has(track) : track === this.solo;
  }

  toggle(track) {
    if (!this.hidden.delete(track)) this.hidden.add(track);
    this.dispatchEvent(new Event("change"));
  }

  alone(track) {
    this.solo = this.solo === track ? null : track;
    this.dispatchEvent(new Event("change"));
  }
}
