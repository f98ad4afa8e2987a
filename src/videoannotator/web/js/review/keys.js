/** Everything by keyboard. Fields and buttons keep the keys that they use themselves. */

/**
 * @param {Object} parts
 * @param {import("./player.js").Player} parts.player
 * @param {import("./timeline.js").Timeline} parts.timeline
 * @param {import("./transcript.js").Transcript} parts.transcript
 * @param {() => number[]} parts.cuts
 * @param {() => void} parts.toggleOverlay
 * @param {() => void} parts.zoomPicture
 * @param {AbortSignal} signal
 */
export function listen({ player, timeline, transcript, cuts, toggleOverlay, zoomPicture }, signal) {
  const jump = (time_s) => time_s === null || player.seek(time_s);
  const plain = {
    k: () => player.toggle(),
    " ": () => player.toggle(),
    ",": () => player.step(-1),
    ".": () => player.step(1),
    "<": () => player.faster(-1),
    ">": () => player.faster(1),
    "[": () => player.seek(before(cuts(), player.time_s)),
    "]": () => jump(after(cuts(), player.time_s)),
    "{": () => player.seek(before(transcript.starts, player.time_s)),
    "}": () => jump(after(transcript.starts, player.time_s)),
    "+": () => timeline.zoom(0.5),
    "=": () => timeline.zoom(0.5),
    "-": () => timeline.zoom(2),
    0: () => timeline.show(0, timeline.view.duration),
    z: zoomPicture,
    o: toggleOverlay,
    m: () => (player.video.muted = !player.video.muted),
    Home: () => player.seek(0),
    End: () => player.seek(player.duration_s),
  };
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea, dialog")) return;
    if (event.key.startsWith("Arrow") && event.target.matches?.(".stage") && event.target.scrollWidth > event.target.clientWidth) return; // moves the zoomed picture
    if (event.key === " " && event.target.closest?.("button, a, summary")) return; // the button's own key
    const digit = /^Digit([1-9])$/.exec(event.code);
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      player.skip((event.key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 10 : 1));
    } else if (digit && timeline.laneNames[digit[1] - 1]) {
      const name = timeline.laneNames[digit[1] - 1];
      if (event.shiftKey) timeline.solo(name);
      else timeline.toggle(name);
    } else if (event.key in plain) plain[event.key]();
    else return;
    event.preventDefault();
  };
  addEventListener("keydown", press, { signal });
}

const NEAR_S = 0.05; // standing on a mark counts as being past it

function before(times, now) {
  return (times.findLast((one) => one < now - NEAR_S) ?? 0) + 0.001;
}

/** Behind the last one there is nowhere to go. */
function after(times, now) {
  const next = times.find((one) => one > now + NEAR_S);
  return next === undefined ? null : next + 0.001;
}
