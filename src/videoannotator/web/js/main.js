/** The page: who is there, which screen, and what stays the same on all of them. */

import { get, session, unreachable } from "./api.js";
import { fill, h } from "./dom.js";
import { stream } from "./events.js";
import { showHelp } from "./parts/help.js";
import { errorNote } from "./parts/messages.js";
import { showSignIn } from "./parts/sign_in.js";
import { go, here, start } from "./router.js";

// A screen's code is loaded when somebody goes there. Browsers never again ask for a module that they could not
// load, hence another address for the next time.
const from = (file) => () => import(file).catch(() => import(`${file}?${Date.now()}`));
const SCREENS = {
  "": { title: "Home", load: from("./views/home.js") },
  new: { title: "New", load: from("./views/new.js") },
  jobs: { title: "Jobs", load: from("./views/jobs.js") },
  batches: { title: "Batches", load: from("./views/batches.js") },
  settings: { title: "Settings", load: from("./views/settings.js") },
};
const INSIDE = {
  jobs: { title: "Job", load: from("./views/job.js") },
  review: { title: "Review", load: from("./views/review.js") },
  batches: { title: "Batch", load: from("./views/batches.js") },
};
const GOING = { h: "/", n: "/new", j: "/jobs", b: "/batches", s: "/settings" };
const main = document.getElementById("main");
let asking = false; // for a key: no screen is shown meanwhile

const screenOf = ({ parts: [first = "", second] }) => (second ? INSIDE : SCREENS)[first];

async function show(visit) {
  if (asking) return; // comes once somebody has signed in
  const [first = ""] = visit.parts;
  const screen = screenOf(visit);
  main.classList.toggle("wide", first === "review");
  mark(first === "review" ? "jobs" : first);
  if (!screen) {
    fill(main, h("h1", {}, "There is no such screen"), h("p", {}, h("a", { href: "#/" }, "Go to the start")));
    return;
  }
  document.title = `${screen.title} · VideoAnnotator`;
  try {
    const view = await screen.load().catch(() => Promise.reject(unreachable()));
    if (visit.signal.aborted) return;
    await view.show(main, visit);
    if (!visit.signal.aborted) main.focus({ preventScroll: true });
  } catch (error) {
    if (error.name === "AbortError" || error.status === 401 || visit.signal.aborted) return;
    const again = h("button", { type: "button", onclick: () => refresh() }, "Try again");
    fill(main, h("h1", {}, screen.title), errorNote(error), again);
    if (error.status === 0) stream.addEventListener("resync", () => refresh(), { once: true, signal: visit.signal });
  }
}

function mark(current) {
  for (const link of document.querySelectorAll("#nav a")) {
    if (link.dataset.screen === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function frame() {
  const links = Object.entries(SCREENS).map(([name, screen]) =>
    h("a", { href: `#/${name}`, data: { screen: name } }, screen.title),
  );
  fill(document.getElementById("nav"), links);
  const button = document.getElementById("theme-button");
  const label = () => {
    button.textContent = { auto: "Theme: system", light: "Theme: light", dark: "Theme: dark" }[window.theme.chosen()];
  };
  button.addEventListener("click", () => {
    const order = ["auto", "light", "dark"];
    window.theme.choose(order[(order.indexOf(window.theme.chosen()) + 1) % order.length]);
    label();
  });
  label();
  document.getElementById("help-button").addEventListener("click", showHelp);
  stream.addEventListener("state", tellState);
}

function tellState() {
  const box = document.getElementById("link-state");
  box.dataset.state = stream.state;
  box.textContent = { live: "Live", lost: "Server lost, trying again", closed: "" }[stream.state];
}

/** `g` and a letter go to a screen, `?` shows the keys; never while somebody types. */
function keys() {
  let going = 0;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?") showHelp();
    else if (event.key === "g") going = Date.now();
    else if (Date.now() - going < 1500 && event.key in GOING) go(GOING[event.key]);
  });
}

const typing = (element) => element.closest?.("input:not([type=checkbox]), textarea, select, dialog");

let refresh = null;

async function enter(why = "") {
  try {
    await get("/tokens/me");
  } catch (error) {
    if (error.status === 401) return askForKey(why);
    setTimeout(enter, 2000); // the server is on its way, or what it needs is
    fill(main, errorNote(error));
    return;
  }
  stream.open();
  if (refresh) refresh();
  else refresh = start(show);
}

function askForKey(why) {
  if (asking) return;
  asking = true;
  document.title = "Sign in · VideoAnnotator";
  showSignIn(main, why, () => {
    asking = false;
    enter();
  });
}

session.addEventListener("expired", () => refresh && askForKey("Your session has ended. Sign in to go on where you were."));
frame();
keys();
screenOf(here())?.load().catch(() => {}); // its code comes while the server says who we are
if (location.hash === "#start-link-used") {
  history.replaceState(null, "", "/");
  enter("This start link has been used or is too old. Paste a key, or restart the server for a new link.");
} else {
  enter();
}
