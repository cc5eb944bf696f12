"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const by = (id) => document.getElementById(id);
  const requirements = all(".requirement");
  const texts = new Map();

  function textOf(requirement) {
    if (!texts.has(requirement)) texts.set(requirement, requirement.textContent.toLowerCase());
    return texts.get(requirement);
  }

  function filter() {
    const words = by("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const failures = by("failures").checked;
    let shown = 0;
    for (const requirement of requirements) {
      const fits = words.every((word) => textOf(requirement).includes(word));
      requirement.hidden = !fits || (failures && requirement.dataset.passed === "yes");
      shown += !requirement.hidden;
    }
    const active = failures || words.length > 0;
    for (const box of all(".aspect, .unit")) {
      box.hidden = active && !all(".requirement", box).some((each) => !each.hidden);
    }
    if (active) for (const unit of all(".unit:not([hidden])")) unit.open = true;
    const said = by("found").dataset.said.replace("{shown}", shown);
    by("found").textContent = active ? said.replace("{of}", requirements.length) : "";
  }

  function reveal(id) {
    const target = id && by(id);
    if (!target) return;
    for (let box = target; box; box = box.parentElement) {
      if (box.tagName === "DETAILS") box.open = true;
      box.hidden = false;
    }
    target.scrollIntoView();
  }

  function setTheme(theme) {
    root.dataset.theme = theme;
    try { localStorage.setItem("cnn-conformance-theme", theme); } catch { /* no storage here */ }
  }

  by("search").addEventListener("input", filter);
  by("failures").addEventListener("change", filter);
  by("all").addEventListener("click", () => {
    for (const box of all(".unit, .requirement, .case")) box.open = true;
  });
  by("none").addEventListener("click", () => {
    for (const box of all(".unit, .requirement, .case")) box.open = false;
  });
  by("theme").addEventListener("click", () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    setTheme((root.dataset.theme || dark) === "dark" ? "light" : "dark");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target.tagName !== "INPUT") {
      event.preventDefault();
      by("search").focus();
    }
  });
  for (const link of all("a[href^='#']")) {
    link.addEventListener("click", () => reveal(decodeURIComponent(link.hash.slice(1))));
  }
  addEventListener("hashchange", () => reveal(decodeURIComponent(location.hash.slice(1))));
  let opened = [];
  addEventListener("beforeprint", () => {
    const bad = all(".requirement.bad");
    opened = [...bad, ...bad.map((each) => each.closest(".unit"))].filter((box) => !box.open);
    for (const box of opened) box.open = true;
  });
  addEventListener("afterprint", () => {
    for (const box of opened) box.open = false;
  });
  try {
    const kept = localStorage.getItem("cnn-conformance-theme");
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  } catch { /* no storage here */ }
  reveal(decodeURIComponent(location.hash.slice(1)));
})();
