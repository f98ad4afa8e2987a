/** Small helpers that make elements. Text always goes in as text, never as markup. */

/**
 * Make an element: `h("button.primary", { onclick }, "Save")`.
 *
 * @param {string} what Tag name, followed by classes: `div.panel.flush`.
 * @param {Object<string, unknown>} [properties] Attributes; `on...` are listeners; `null` and `false` are left out.
 * @param {...(Node|string|number|null|undefined|false|Array)} children
 * @returns {HTMLElement}
 */
export function h(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties ?? {})) set(element, name, value);
  element.append(...children.flat(Infinity).filter(shown).map(asNode));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
  else if (name === "data") Object.assign(element.dataset, value);
  else element.setAttribute(name, value === true ? "" : String(value));
}

const shown = (child) => child !== null && child !== undefined && child !== false;
const asNode = (child) => (child instanceof Node ? child : String(child));

/** Put children in place of what an element holds; what has the focus keeps it, where it is there again. */
export function fill(element, ...children) {
  const focused = element.contains(document.activeElement) && sameAs(document.activeElement);
  element.replaceChildren(...children.flat(Infinity).filter(shown).map(asNode));
  if (focused) [...element.querySelectorAll("a, button, input, select, summary, [tabindex]")].find(focused)?.focus({ preventScroll: true });
  return element;
}

/** Tells an element made anew: by its key where it has one, else by where it leads or what it says. */
function sameAs(element) {
  const name = (one) => one.dataset.key ?? one.getAttribute("href") ?? one.getAttribute("aria-label") ?? one.textContent;
  const wanted = name(element);
  return (one) => one.localName === element.localName && name(one) === wanted;
}

let lastId = 0;

/** An id that no other element of the page has, for labels and descriptions. */
export function freshId(stem = "id") {
  lastId += 1;
  return `${stem}-${lastId}`;
}
