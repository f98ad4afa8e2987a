/** Colours that tell people and speakers apart, on pictures and on both themes (Okabe and Ito, 2008). */

const PALETTE = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#8fa2ff", "#b0d860"];
const NOBODY = "#b9c2c8";

/** @param {number|string|null} who A track's number or a speaker's name. */
export function colorOf(who) {
  if (who === null || who === undefined || who === "") return NOBODY;
  const number = typeof who === "number" ? who : [...String(who)].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) >>> 0, 0);
  const digits = typeof who === "string" ? who.match(/(\d+)$/) : null;
  return PALETTE[(digits ? Number(digits[1]) : number) % PALETTE.length];
}
