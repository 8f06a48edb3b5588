"""What the report's page does beyond showing: tips, sorting, copying, one source at a time. It may be missing."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = """\
(() => {
"use strict";
const all = (query, from) => Array.from((from || document).querySelectorAll(query));
document.documentElement.classList.add("js");

// tips: what a drawing says in <title> appears at once, on hover, touch and focus
const tip = document.createElement("div");
tip.id = "tip"; tip.hidden = true; tip.setAttribute("role", "tooltip");
document.body.append(tip);
for (const title of all("svg title")) {
  title.parentNode.dataset.tip = title.textContent;
  if (!title.parentNode.hasAttribute("aria-label")) title.parentNode.setAttribute("aria-label", title.textContent);
  title.remove();
}
const show = (target, x, y) => {
  const holder = target.closest && target.closest("[data-tip]");
  tip.hidden = !holder;
  if (!holder) return;
  tip.textContent = holder.dataset.tip;
  const wide = document.documentElement.clientWidth, box = tip.getBoundingClientRect();
  tip.style.left = Math.max(8, Math.min(x + 14, wide - box.width - 8)) + "px";
  tip.style.top = (y + 18 + box.height > innerHeight ? y - box.height - 10 : y + 18) + "px";
};
addEventListener("pointermove", (event) => show(event.target, event.clientX, event.clientY));
addEventListener("pointerdown", (event) => show(event.target, event.clientX, event.clientY));
addEventListener("focusin", (event) => {
  const box = event.target.getBoundingClientRect();
  if (event.target.matches(":focus-visible")) show(event.target, box.left, box.bottom);
});
addEventListener("focusout", () => { tip.hidden = true; });
addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

// tables: a click on a head sorts, another one turns the order round
const value = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.k === undefined ? cell.textContent : Number(cell.dataset.k);
};
for (const table of all("table.data")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  all("thead th", table).forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.classList.contains("n");
      const order = head.getAttribute("aria-sort");
      const next = order === null ? (down ? "descending" : "ascending")
        : order === "ascending" ? "descending" : "ascending";
      all("thead th", table).forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", next);
      const sign = next === "ascending" ? 1 : -1;
      const rows = Array.from(body.rows).sort((a, b) => {
        const [x, y] = [value(a, column), value(b, column)];
        return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y)));
      });
      body.append(...rows);
    });
  });
}

// tables that go on where the screen ends say so
const watch = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  const box = target.closest(".scroll");
  box.classList.toggle("more", box.scrollWidth > box.clientWidth + 1);
}));
all(".scroll, .scroll table").forEach((each) => watch.observe(each));

// copying
for (const button of all("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    let done = true;
    try { await navigator.clipboard.writeText(source.textContent); } catch {
      getSelection().selectAllChildren(source);
      done = document.execCommand("copy");
    }
    button.textContent = done ? "Copied" : "Selected";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

// samples: one source at a time
for (const group of all(".tabbed")) {
  const parts = all(":scope > .sheet", group);
  if (parts.length < 2) continue;
  for (const part of parts) part.querySelector("h3").hidden = true;
  const pick = (chosen) => parts.forEach((part, at) => { part.hidden = at !== chosen; });
  if (parts.length > 8) {
    const label = document.createElement("label"), select = document.createElement("select");
    label.className = "tabs";
    label.append(group.dataset.label + " ", select);
    for (const part of parts) select.append(new Option(part.dataset.title));
    select.addEventListener("change", () => pick(select.selectedIndex));
    group.prepend(label);
    pick(0);
    continue;
  }
  const list = document.createElement("div");
  list.className = "tabs"; list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", group.dataset.label);
  const tabs = parts.map((part, at) => {
    const tab = document.createElement("button");
    tab.type = "button"; tab.id = part.id + "-tab"; tab.textContent = part.dataset.title;
    tab.setAttribute("role", "tab"); tab.setAttribute("aria-controls", part.id);
    part.setAttribute("role", "tabpanel"); part.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => choose(at));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: parts.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = (to + parts.length) % parts.length;
      choose(next); tabs[next].focus();
    });
    return tab;
  });
  const choose = (chosen) => {
    pick(chosen);
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === chosen));
      tab.tabIndex = at === chosen ? 0 : -1;
    });
  };
  list.append(...tabs);
  group.prepend(list);
  choose(0);
}

// printing shows what is folded away
addEventListener("beforeprint", () => all("details").forEach((each) => { each.open = true; }));
})();
"""
