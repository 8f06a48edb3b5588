(() => {
"use strict";
const SAMPLES = [
  ["English", "The water mill at Ash Ford was built in 1794 by Joan Carter, a widow from Leeds. It ground rye for"
    + " eleven villages until the flood of 1852 took its wheel. In 1871 the town bought the ruin and put a steam"
    + " engine into it, which ran for forty years.", "Who built the mill?"],
  ["한국어", "강가의 물레방아는 1794년에 김서연이 지었다."
    + " 1852년 홍수로 바퀴가 떠내려갔고, 1871년에 마을이 그 터를 사들였다.",
    "물레방아를 지은 사람은 누구인가?"],
];
const at = (id) => document.getElementById(id);
const found = at("found"), form = at("ask"), button = form.querySelector("button[type=submit]");

// whatever a text holds, it comes in as text
const make = (name, text, style) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (style) element.className = style;
  return element;
};
const percent = (share) => share > 0 && share < 0.001 ? "<0.1 %" : (100 * share).toFixed(1) + " %";

const show = (...elements) => {
  found.replaceChildren(...elements);
  found.setAttribute("aria-busy", "false");
  button.disabled = false;
};

// the text with one span marked; spans count code points, strings of this language do not
const marked = (points, span, doubt) => {
  const text = make("p", undefined, "text");
  const mark = make("mark", points.slice(span.start, span.end).join(""), doubt ? "doubt" : "");
  text.append(points.slice(0, span.start).join(""), mark, points.slice(span.end).join(""));
  return text;
};

const look = (text) => {
  const box = text.querySelector("mark").getBoundingClientRect(), whole = text.getBoundingClientRect();
  if (box.top < whole.top || box.bottom > whole.bottom) text.scrollTop += box.top - whole.top - whole.height / 3;
};

const tell = (context, told) => {
  const points = Array.from(context), silent = told.answer === "";
  const title = silent ? make("h2", "No answer in this text", "none") : make("h2", told.answer);
  const sure = make("p", percent(told.confidence) + " sure"
    + (silent ? " that there is none" : "") + " · doubt " + told.null_odds.toFixed(3), "sure share");
  let text = marked(points, told.options[0], silent);
  const others = make("ol", undefined, "others"), buttons = [];
  for (const option of told.options) {
    const one = make("button"), bar = make("span", undefined, "bt"), part = make("span", undefined, "bf s0"), item = make("li");
    one.type = "button";
    one.setAttribute("aria-pressed", String(buttons.length === 0));
    part.style.width = 100 * option.probability + "%";
    bar.append(part);
    one.append(make("bdi", option.text), make("span", percent(option.probability), "share"), bar);
    one.addEventListener("click", () => {
      const next = marked(points, option, silent);
      text.replaceWith(next);
      text = next;
      buttons.forEach((each) => each.setAttribute("aria-pressed", String(each === one)));
      look(text);
    });
    buttons.push(one);
    item.append(one);
    others.append(item);
  }
  show(title, sure, text, make("h3", silent ? "What it would be otherwise" : "What it might be"), others);
  look(text);
};

const ask = async () => {
  const context = at("context").value, question = at("question").value;
  button.disabled = true;
  found.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch("/answer", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ question, context }),
    });
    const told = await reply.json();
    if (reply.ok) tell(context, told);
    else show(make("p", told.error, "wrong"));
  } catch {
    show(make("p", "The server does not answer.", "wrong"));
  }
};
form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });

SAMPLES.forEach(([name, context, question], number) => {
  const fill = () => { at("context").value = context; at("question").value = question; };
  const one = make("button", name);
  one.type = "button";
  one.addEventListener("click", () => { fill(); at("question").focus(); });
  at("samples").append(one);
  if (number === 0 && !at("context").value) fill();
});

const facts = (model) => {
  const sources = (model.trained_on || []).map((each) => each.content_root
    ? `${each.name} ${each.version} (content root ${each.content_root})` : `${each.name} (SHA-256 ${each.sha256})`);
  const rows = [
    ["name", model.model], ["family", `${model.family}, ${model.parameters.toLocaleString("en")} weights`],
    ["weights", `SHA-256 ${model.weights}`], ["trained on", sources.join("\n")],
    ["abstains", model.threshold < 1 ? `where the doubt is above ${model.threshold}` : "never"],
    ["runs on", `${model.device}, gristmill ${model.gristmill}`],
  ];
  for (const [term, value] of rows) {
    const row = make("div");
    row.append(make("dt", term), make("dd", value));
    at("model").append(row);
  }
};
fetch("/health").then((reply) => reply.json()).then((model) => {
  if (model.ready) facts(model);
  else at("model").append(make("p", "It is not ready yet: load this page again.", "none"));
}).catch(() => {});
})();
