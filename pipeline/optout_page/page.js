// The page: what is typed is looked up and told, nothing leaves the browser.

const DATA = JSON.parse(document.getElementById("data").textContent);
const BOX = document.getElementById("name"), FOUND = document.getElementById("found");
const KINDS = { repo: "Repository", owner: "Account", domain: "Site", url: "Place", id: "Document", swhid: "SWHID", sha256: "Text" };
const STATES = {
  pending: "received, not verified yet", verified: "verified", rejected: "not accepted", revoked: "taken back",
};
const HOW = ["", "It is about a part of this.", "It is about what this lies in: its account, site or a folder."];

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const count = (value, one) => `${value.toLocaleString("en")} ${one}${value === 1 ? "" : "s"}`;
const nameOf = (release) => `${release.name}-${release.version}`;
const stateOf = (release) => (release.withdrawn === "" ? "published" : `withdrawn ${release.withdrawn}, replaced by ${release.by}`);

function table(caption, head, rows) {
  const cell = (tag, text, attributes = {}) =>
    make(tag, typeof text === "number" ? { ...attributes, class: "n" } : attributes, typeof text === "number" ? text.toLocaleString("en") : make("bdi", {}, text));
  const numeric = (at) => rows.length > 0 && typeof rows[0][at] === "number";
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    make("table", { class: "data" },
      make("thead", {}, make("tr", {}, ...head.map((text, at) => make("th", { scope: "col", class: numeric(at) ? "n" : "" }, text)))),
      make("tbody", {}, ...rows.map(([first, ...rest]) =>
        make("tr", {}, cell("th", first, { scope: "row" }), ...rest.map((text) => cell("td", text)))))));
}

function verdict(found) {
  const held = found.present.filter(([at]) => DATA.releases[at].withdrawn === "");
  const old = found.present.length - held.length;
  if (!found.whole) return ["around", `Counted for ${found.at}`];
  if (held.length > 0) return ["in", `In ${count(held.length, "release")}${old > 0 ? ` and ${count(old, "withdrawn release")}` : ""}`];
  if (old > 0) return ["old", `Only in ${count(old, "withdrawn release")}`];
  return ["out", "In none of the releases"];
}

function present(found, kind) {
  if (kind === "sha256") return [make("p", {}, "Texts are not counted on this page, only requests that name them.")];
  if (found.present.length === 0) {
    return [make("p", {}, `No document of the ${count(DATA.releases.length, "release")} listed below bears this name. Copies under other names, such as forks, are not found by this one.`)];
  }
  const parts = [];
  if (!found.whole) {
    parts.push(make("p", {}, "This page counts URLs a few segments deep. The figures are those of ", make("code", {}, make("bdi", {}, found.at)), ", which this lies in."));
  }
  const rows = found.present.map(([at, documents]) => [nameOf(DATA.releases[at]), documents, stateOf(DATA.releases[at])]);
  parts.push(table("What stands in releases", ["Release", "Documents", "State"], rows));
  return parts;
}

function asked(request) {
  const [id, status, day, settled, copies, effects] = request.fields;
  const closed = settled === "" ? "" : `, ${STATES[status]} ${settled}`;
  const scope = copies === "none" ? "Copies elsewhere stay." : `Its ${copies === "near" ? "exact and near" : "exact"} copies go, too.`;
  const rows = effects.map(([at, out, gone]) => [nameOf(DATA.releases[at]), out, gone]);
  const parts = [make("h4", {}, make("code", {}, id), " ", make("span", { class: `state ${status}` }, STATES[status])),
    make("p", {}, `Asked ${day}${closed}. ${scope} ${HOW[request.how]}`.trim())];
  if (rows.length > 0) {
    parts.push(table(`What ${id} did`, ["Release", "Left out", "Removed"], rows),
      make("p", { class: "hint" }, "Left out: documents that were not taken in. Removed: those among them that the release before still had."));
  } else if (status === "verified") {
    parts.push(make("p", { class: "none" }, "No release that is listed here had to leave anything out for it."));
  }
  return make("div", { class: "asked" }, ...parts);
}

function show(name, found) {
  const [style, told] = verdict(found);
  const head = make("h2", { tabindex: "-1", id: "found-h" }, `${KINDS[name.kind]} `, make("bdi", {}, name.value));
  const badge = name.kind === "sha256" ? [] : [make("p", { class: `verdict ${style}` }, told)];
  const requests = found.requests.length === 0
    ? [make("p", {}, "No request names it.")]
    : found.requests.map(asked);
  FOUND.replaceChildren(head, ...badge,
    make("div", { class: "panel" }, make("h3", {}, "In releases"), ...present(found, name.kind)),
    make("div", { class: "panel" }, make("h3", {}, "Requests"), ...requests));
}

function say(title, text) {
  FOUND.replaceChildren(make("h2", { tabindex: "-1", id: "found-h" }, title), make("p", {}, text));
}

function look(typed) {
  if (typed.trim() === "") return FOUND.replaceChildren();
  const id = { kind: "id", value: typed.trim() };
  const asId = lookup(DATA, id);
  if (asId.present.length > 0 || asId.requests.length > 0) return show(id, asId);
  let name;
  try {
    name = reading(typed);
  } catch (error) {
    if (!(error instanceof NameError)) throw error;
    return say("That is not clear", `${error.message}. It is no document's id either.`);
  }
  if (name.kind === "author") {
    return say("People are not looked up here",
      "An address can be guessed, so not even a hash of one is in this page. Ask us, and we look it up with the key of the registry.");
  }
  return show(name, lookup(DATA, name));
}

document.getElementById("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  history.replaceState(null, "", `#${encodeURIComponent(BOX.value)}`);
  look(BOX.value);
  const head = document.getElementById("found-h");
  if (head !== null) head.focus({ preventScroll: false });
});

function fromAddress() {
  let typed = "";
  try {
    typed = decodeURIComponent(location.hash.slice(1));
  } catch {
    typed = location.hash.slice(1);
  }
  if (typed === "" || document.getElementById(typed) !== null) return;
  BOX.value = typed;
  look(typed);
}
addEventListener("hashchange", fromAddress);
fromAddress();
