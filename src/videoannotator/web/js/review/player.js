/** The video, and the presentation time of the picture that is on screen. */

const SPEEDS = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
const SETTLE_MS = 80;
const NUDGE_S = 1 / 60; // less than most pictures last
const EDGE_S = 0.002; // just before a picture begins
const LATE_S = 1; // a picture that began longer ago may be what was shown before a seek

/** Tells `frame` for each picture that is shown and `state` when playing, speed or sound change. */
export class Player extends EventTarget {
  #known_s;
  #looking = false; // for the picture after or before
  #shortest_s = 0; // a picture has lasted; 0 while none is known

  /**
   * @param {HTMLVideoElement} video
   * @param {number|null} frameRate Null where it varies.
   * @param {number} duration_s By the server; the browser's own counts once it has read the file.
   */
  constructor(video, frameRate, duration_s) {
    super();
    this.video = video;
    this.#known_s = duration_s;
    this.even = Boolean(frameRate);
    this.step_s = 1 / (frameRate || 25);
    /** Presentation time of the picture on screen; `currentTime` runs ahead of it. */
    this.shown_s = 0;
    for (const name of ["play", "pause", "ratechange", "volumechange", "loadedmetadata"]) {
      video.addEventListener(name, () => this.dispatchEvent(new Event("state")));
    }
    this.#follow();
  }

  get time_s() {
    return this.shown_s;
  }

  get duration_s() {
    return Number.isFinite(this.video.duration) ? this.video.duration : this.#known_s;
  }

  get playing() {
    return !this.video.paused;
  }

  toggle() {
    if (this.video.paused) this.video.play().catch(() => {});
    else this.video.pause();
  }

  seek(time_s) {
    if (!this.video.readyState) this.shown_s = this.#begin(time_s); // nothing is on screen yet
    this.video.currentTime = Math.max(0, Math.min(this.duration_s, time_s));
  }

  /** Ask for the video again, which may be another file by now, and stay at the same time. */
  reload() {
    const at_s = this.shown_s;
    this.video.src = `${this.video.src.split("?")[0]}?copy`; // browsers remember what an address held
    this.seek(at_s);
  }

  /** One picture back or on. A seek lands in the middle of a picture, where rounding cannot miss it. */
  step(direction) {
    this.video.pause();
    if (this.even || !this.video.readyState) this.seek(this.shown_s + (direction + 0.5) * this.step_s);
    else if (!this.#looking) this.#look(direction);
  }

  /**
   * Where pictures come unevenly. The one before ends where this one begins; for the one after it is looked
   * a little at a time, first as far on as the shortest picture lasted so far.
   */
  async #look(direction) {
    this.#looking = true;
    const from_s = this.shown_s;
    let at_s = from_s + (direction < 0 ? -EDGE_S : Math.max(NUDGE_S, 1.1 * this.#shortest_s));
    await this.#shown(at_s);
    while (direction > 0 && this.shown_s === from_s && at_s + NUDGE_S < this.duration_s) await this.#shown((at_s += NUDGE_S));
    const disturbed = Math.abs(this.video.currentTime - at_s) > EDGE_S;
    if (!disturbed) this.#shortest_s = Math.min(this.#shortest_s || Infinity, Math.abs(this.shown_s - from_s));
    this.#looking = false;
  }

  /** Seek, and wait until the picture is on screen: the browser may tell one that was there before once more. */
  #shown(time_s) {
    const settled = new Promise((done) => this.addEventListener("settled", done, { once: true }));
    this.seek(time_s);
    return settled;
  }

  skip(seconds) {
    this.seek(this.video.currentTime + seconds);
  }

  faster(direction) {
    const at = SPEEDS.indexOf(this.video.playbackRate);
    this.speed = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, (at < 0 ? 4 : at) + direction))];
  }

  set speed(value) {
    this.video.playbackRate = value;
  }

  /** When the picture begins that holds at a time, where pictures come evenly. */
  #begin(time_s) {
    return this.even ? Math.floor(time_s / this.step_s + 1e-6) * this.step_s : time_s;
  }

  /** The time of each picture comes from the browser where it tells it; else from the clock, a little late. */
  #follow() {
    const { video } = this;
    const tell = (time_s) => {
      this.shown_s = Math.round(time_s * 1e6) / 1e6; // one number for a picture, whoever tells its time
      this.dispatchEvent(new Event("frame"));
    };
    if ("requestVideoFrameCallback" in video) {
      let told = true;
      let timer = 0;
      const next = (_, picture) => {
        told = Math.abs(this.#begin(video.currentTime) - picture.mediaTime) < (this.even ? this.step_s : LATE_S);
        tell((video.paused ? heldBy(video) : null) ?? picture.mediaTime);
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
      // A seek in a paused video may end without a call back, when its picture was never composed; or the call
      // for the picture before comes late.
      video.addEventListener("seeking", () => {
        told = false;
        clearTimeout(timer);
      });
      video.addEventListener("seeked", () => {
        const held_s = video.paused ? heldBy(video) : null;
        const settle = () => {
          if (held_s !== null) tell(held_s);
          else if (!told && video.paused) tell(this.#begin(video.currentTime));
          this.dispatchEvent(new Event("settled"));
        };
        if (held_s === null) timer = setTimeout(settle, SETTLE_MS);
        else settle();
      });
      // Sound without pictures has no frames to call back for.
      video.addEventListener("timeupdate", () => video.videoWidth || tell(video.currentTime));
      return;
    }
    const tick = () => {
      tell(video.currentTime);
      if (!video.paused) requestAnimationFrame(tick);
    };
    for (const name of ["play", "seeked", "loadeddata"]) video.addEventListener(name, tick);
  }
}

/** The time of the picture that a video holds now; null where the browser does not tell, as at addresses without TLS. */
function heldBy(video) {
  if (!("VideoFrame" in window)) return null;
  try {
    const picture = new VideoFrame(video);
    const time_s = picture.timestamp / 1e6;
    picture.close();
    return time_s;
  } catch {
    return null; // nothing is there yet
  }
}

export { SPEEDS };
