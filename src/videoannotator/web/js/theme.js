// Runs before the first paint, so that a dark page never flashes white; hence a plain script, no module.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => localStorage.getItem("theme") ?? "auto";

  function apply() {
    const dark = chosen() === "dark" || (chosen() === "auto" && system.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  }

  function choose(theme) {
    localStorage.setItem("theme", theme);
    apply();
    dispatchEvent(new Event("themechange"));
  }

  system.addEventListener("change", () => {
    apply();
    dispatchEvent(new Event("themechange"));
  });
  apply();
  window.theme = { chosen, choose };
})();
