"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const groups = [...document.querySelectorAll("tbody[data-unit]")];
  const of = new Map(groups.map((group) => [group, [...group.querySelectorAll("tr.row")]]));
  const count = [...of.values()].flat().length;

  function filter() {
    const [unit, aspect, lacking] = ["unit", "aspect", "lacking"].map((id) => by(id).value);
    const differ = by("differ").checked;
    let shown = 0;
    for (const group of groups) {
      let here = 0;
      for (const row of of.get(group)) {
        const { aspect: its, lacking: who, differ: differs } = row.dataset;
        row.hidden =
          (unit && unit !== group.dataset.unit) ||
          (aspect && aspect !== its) ||
          (lacking && !who.split(" ").includes(lacking)) ||
          (differ && !differs);
        here += !row.hidden;
      }
      group.hidden = here === 0 && (unit || aspect || lacking || differ) && unit !== group.dataset.unit;
      shown += here;
    }
    const said = by("found").dataset.said.replace("{shown}", shown).replace("{of}", count);
    by("found").textContent = shown === count ? "" : said;
  }

  for (const id of ["unit", "aspect", "lacking", "differ"]) by(id).addEventListener("change", filter);
  filter();
})();
