// Canonical forms of what people type, equal to those of filters/repos.py and filters/urls.py.
// A function throws a NameError with what is wrong; nothing here touches the page or the network.

class NameError extends Error {}
const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const TWO_LEVEL = new Set(["github.com", "gist.github.com", "bitbucket.org", "codeberg.org"]);
const ALIASES = new Map([
  ["ssh.github.com", ["github.com", ""]],
  ["altssh.bitbucket.org", ["bitbucket.org", ""]],
  ["altssh.gitlab.com", ["gitlab.com", ""]],
  ["codeload.github.com", ["github.com", ""]],
  ["raw.github.com", ["github.com", ""]],
  ["raw.githubusercontent.com", ["github.com", ""]],
  ["media.githubusercontent.com", ["github.com", "media"]],
  ["gist.githubusercontent.com", ["gist.github.com", ""]],
  ["api.github.com", ["github.com", "repos"]],
  ["cdn.jsdelivr.net", ["github.com", "gh"]],
]);
const SHORT_HOSTS = new Map([
  ["github", "github.com"], ["gh", "github.com"], ["gist", "gist.github.com"], ["gitlab", "gitlab.com"],
  ["bitbucket", "bitbucket.org"], ["codeberg", "codeberg.org"],
]);
const GITLAB_MARKERS = new Set(["-", "badges", "blame", "blob", "commits", "edit", "files", "raw", "refs", "tree", "wikis"]);
const OTHER_MARKERS = new Set([...GITLAB_MARKERS, "commit", "issues", "log", "plain", "pulls", "src"]);
const PAGE_MARKERS = new Set([...OTHER_MARKERS, "archive", "pull", "releases", "tags", "wiki", "zip"]);
const SITE_PAGES = new Set(["about", "apps", "enterprise", "explore", "features", "issues", "join", "login", "marketplace",
  "notifications", "organizations", "pulls", "search", "settings", "sponsors", "topics", "trending"]);
const ENDS = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, "g");
const PLAIN_URL = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*$/;
const UNRESERVED = /[A-Za-z0-9\-._~]/;
const REMOTE = new RegExp(`^(?:[^@/${BLANK}:]+@([^/:${BLANK}]+)|([^@/:${BLANK}]+)(?!:[0-9]+(?:/|$))):([^\\n]+)$`, "u");

const strip = (text) => text.replace(ENDS, "");
const parts = (path) => path.split("/").filter((each) => each !== "");
const ignoresCase = (host) => TWO_LEVEL.has(host) || host.startsWith("gitlab.");

function before(text, mark) {
  const at = text.indexOf(mark);
  return at === -1 ? text : text.slice(0, at);
}

function withoutWww(host) {
  while (host.startsWith("www.") && host.slice(4).includes(".")) host = host.slice(4);
  return host;
}

function foldCase(path) {
  return path.toLowerCase().replace(/%[0-9a-f]{2}/g, (found) => found.toUpperCase());
}

function lowerSegments(path, count) {
  return path.split("/").map((each, at) => (at <= count ? foldCase(each) : each)).join("/");
}

// RFC 3492, section 6.3
function punycode(label) {
  const points = Array.from(label, (each) => each.codePointAt(0));
  let out = points.filter((each) => each < 128).map((each) => String.fromCharCode(each)).join("");
  let done = out.length, bias = 72, delta = 0, low = 128;
  const basic = done;
  if (basic > 0) out += "-";
  const digit = (value) => String.fromCharCode(value < 26 ? value + 97 : value + 22);
  const adapt = (change, count, first) => {
    let left = first ? Math.floor(change / 700) : change >> 1, k = 0;
    left += Math.floor(left / count);
    for (; left > 455; k += 36) left = Math.floor(left / 35);
    return k + Math.floor((36 * left) / (left + 38));
  };
  while (done < points.length) {
    const next = Math.min(...points.filter((each) => each >= low));
    delta += (next - low) * (done + 1);
    low = next;
    for (const point of points) {
      if (point < low) delta += 1;
      if (point !== low) continue;
      let rest = delta;
      for (let k = 36; ; k += 36) {
        const limit = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        if (rest < limit) break;
        out += digit(limit + ((rest - limit) % (36 - limit)));
        rest = Math.floor((rest - limit) / (36 - limit));
      }
      out += digit(rest);
      bias = adapt(delta, done + 1, done === basic);
      delta = 0;
      done += 1;
    }
    delta += 1;
    low += 1;
  }
  return out;
}

// Escapes of a host are UTF-8, broken ones become U+FFFD.
function unquoted(text) {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      Uint8Array.from(run.slice(1).split("%"), (each) => parseInt(each, 16))));
}

function canonicalHost(text) {
  if (text.startsWith("[")) {
    const inside = text.slice(1, -1);
    if (!/^[0-9A-Fa-f:.]+$/.test(inside)) throw new NameError("the bracketed host is no IPv6 address");
    try {
      return new URL(`http://[${inside}]/`).hostname;
    } catch {
      throw new NameError("the bracketed host is no IPv6 address");
    }
  }
  let folded = unquoted(text).normalize("NFKC").toLowerCase().normalize("NFKC").replaceAll("\u3002", ".");
  if (folded.endsWith(".")) folded = folded.slice(0, -1);
  const labels = folded.split(".").map((each) => {
    if (/[\ud800-\udfff]/u.test(each)) throw new NameError("the host holds a character that no host name can have");
    const label = /^[\x00-\x7f]*$/.test(each) ? each : `xn--${punycode(each)}`;
    if (!/^[a-z0-9_-]{1,63}$/.test(label)) throw new NameError("that is no host name: write it as in example.org");
    return label;
  });
  const host = labels.join(".");
  if (host.length > 253) throw new NameError("the host is longer than 253 characters");
  const octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  if (/^[0-9]+$/.test(labels[labels.length - 1]) && !new RegExp(`^${octet}(?:\\.${octet}){3}$`).test(host)) {
    throw new NameError("the host ends in a number and is no IPv4 address");
  }
  return host;
}

function percent(text) {
  if (PLAIN_URL.test(text)) return text;
  if (/[\ud800-\udfff]/u.test(text)) throw new NameError("the URL holds half of a surrogate pair");
  const bytes = new TextEncoder().encode(text.normalize("NFC"));
  const hex = (byte) => {
    const sign = String.fromCharCode(byte);
    return UNRESERVED.test(sign) ? sign : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  };
  let out = "";
  for (let at = 0; at < bytes.length; at += 1) {
    const sign = String.fromCharCode(bytes[at]);
    const escape = sign === "%" ? String.fromCharCode(...bytes.slice(at + 1, at + 3)) : "";
    if (/^[0-9A-Fa-f]{2}$/.test(escape)) {
      out += hex(parseInt(escape, 16));
      at += 2;
    } else {
      out += PLAIN_URL.test(sign) ? sign : hex(bytes[at]);
    }
  }
  return out;
}

function withoutDots(path) {
  if (path.includes("/.")) {
    const kept = [];
    for (const segment of path.split("/").slice(1)) {
      if (segment === "..") kept.pop();
      else if (segment !== ".") kept.push(segment);
    }
    path = `/${kept.join("/")}`;
  }
  return path.replace(/\/+$/, "");
}

function parseUrl(text) {
  const rest = strip(text).replace(/^(?:[A-Za-z][A-Za-z0-9+.-]*:)?\/\//, "");
  if (/[\x00-\x1f]/.test(rest)) throw new NameError("the URL holds a control character");
  const end = rest.search(/[/?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  const tail = before(end === -1 ? "" : rest.slice(end), "#");
  const found = /^(\[[^\]]*\]|[^:]*)(?::([0-9]*))?$/.exec(authority.slice(authority.lastIndexOf("@") + 1));
  if (found === null) throw new NameError("that is no URL: write it as in https://example.org/folder");
  const digits = (found[2] || "").replace(/^0+/, "");
  if (digits.length > 5 || Number(digits) > 65535) throw new NameError("the URL's port is beyond 65535");
  const host = canonicalHost(found[1]);
  if (!host.includes(".") && host !== "localhost" && !host.startsWith("[")) {
    throw new NameError("the host has no dot: write it in full, as in example.org");
  }
  const query = tail.includes("?") ? tail.slice(tail.indexOf("?") + 1) : "";
  let path = withoutDots(percent(before(tail, "?")));
  if (ignoresCase(withoutWww(host))) path = lowerSegments(path, 2);
  return { host, port: ["", "80", "443"].includes(digits) ? "" : digits, path, query: percent(query) };
}

// Schemes without a host, after which an @ or a number would pass for one.
const NO_PAGE = /^\s*(?:about|blob|data|doi|file|javascript|mailto|news|sms|tel|urn|xmpp):/i;

function canonicalUrl(text) {
  if (NO_PAGE.test(text)) throw new NameError("that is the URL of no page: write one that begins with https://");
  const place = parseUrl(text);
  return withoutWww(place.host) + (place.port ? `:${place.port}` : "") + place.path + (place.query ? `?${place.query}` : "");
}

// What a stored domain is in Python: whether it is a public suffix is not asked here.
function canonicalDomain(text) {
  const place = parseUrl(strip(text).replace(/^\*?\.(?=[^.])/, ""));
  if (place.path || place.query || text.includes("@")) throw new NameError("a domain has no path and no user");
  if (!place.host.includes(".")) throw new NameError("that is a whole top-level domain: write one site, as in example.org");
  return place.host;
}

function asUrl(text) {
  text = text.replace(/^scm:(?:git|hg|svn):/, "");
  if (text.includes("://") || text.startsWith("//")) return text;
  const short = /^([a-z]+):([^:]+)$/.exec(text);
  if (short !== null && SHORT_HOSTS.has(short[1])) return `${SHORT_HOSTS.get(short[1])}/${short[2]}`;
  const remote = REMOTE.exec(text);
  if (remote !== null) return `${remote[1] || remote[2]}/${remote[3]}`;
  const first = before(text, "/");
  if (/[.:]/.test(first) || first === "localhost") return text;
  const rest = parts(text.slice(first.length + 1).split(/[?#]/)[0]);
  if (first === "" || rest.length === 0 || (rest.length > 1 && !PAGE_MARKERS.has(rest[1]))) {
    throw new NameError("that names no repository: write host/owner/name or its URL");
  }
  return `github.com/${text}`;
}

function hostAndSegments(text) {
  const place = parseUrl(asUrl(strip(text)));
  const host = withoutWww(place.host);
  const segments = parts(place.path);
  const [home, first] = ALIASES.get(host) || [host, ""];
  if (first === "") return [home, segments];
  return segments[0] === first ? [home, segments.slice(1)] : [host, segments];
}

function repoSegments(host, segments) {
  const git = segments.findIndex((each) => each.endsWith(".git") || each.includes(".git@"));
  if (git !== -1) segments = [...segments.slice(0, git), before(segments[git], ".git@")];
  if (TWO_LEVEL.has(host)) {
    segments = segments.slice(0, 2).map((each) => before(each, "@"));
  } else {
    const markers = ignoresCase(host) ? GITLAB_MARKERS : OTHER_MARKERS;
    const end = segments.findIndex((each, at) => at > 1 && markers.has(each));
    if (end !== -1) segments = segments.slice(0, end);
  }
  const suffixes = ignoresCase(host) ? /\.(?:git|wiki)$/i : /\.git$/i;
  return segments.map((each, at) => {
    while (at === segments.length - 1 && suffixes.test(each)) each = each.replace(suffixes, "");
    return each;
  });
}

function canonicalRepo(text) {
  const plain = /^(?:(?:https:\/\/)?github\.com\/)?([A-Za-z0-9_-]+)\/([A-Za-z0-9_-][A-Za-z0-9._-]*)$/.exec(text);
  if (plain !== null && plain[1] !== "localhost" && !plain[2].includes(".")) {
    return `github.com/${plain[1]}/${plain[2]}`.toLowerCase();
  }
  const [host, all] = hostAndSegments(text);
  const segments = repoSegments(host, all);
  if (segments.length === 0 || segments.some((each) => ["", ".", ".."].includes(each)) || (ignoresCase(host) && segments.length === 1)) {
    throw new NameError("that names no repository: write host/owner/name or its URL");
  }
  const path = ignoresCase(host) ? foldCase(segments.join("/")) : segments.join("/");
  if (!(TWO_LEVEL.has(host) ? /^[A-Za-z0-9._~/-]+$/ : /^[^*\s]+$/).test(path)) {
    throw new NameError("the repository's name holds a character that none can have");
  }
  return `${host}/${path}`;
}

function canonicalOwner(text) {
  let bare = strip(text).replace(/^@/, "");
  if (/^[A-Za-z0-9_-]+$/.test(bare)) bare = `github.com/${bare}`;
  else if (/^(?!localhost\/)[A-Za-z0-9_-]+\/[^:]*$/.test(bare)) {
    throw new NameError("that is a repository or lacks its host: write host/owner");
  }
  let [host, segments] = hostAndSegments(bare);
  if (segments.length > 1 && ["orgs", "users", "groups"].includes(segments[0])) segments = segments.slice(1);
  if (host === "gist.github.com") host = "github.com";
  if (segments.length === 0 || (segments.length !== 1 && TWO_LEVEL.has(host))) {
    throw new NameError("that names no owner: write host/owner");
  }
  const path = segments.join("/");
  if (/[*\s]/.test(path)) throw new NameError("the owner's name holds a character that none can have");
  return `${host}/${ignoresCase(host) ? foldCase(path) : path}`;
}

// What somebody typed, as the kind and the canonical value that its shape says, as filters/request_tokens.py reads it.
const LABELS = new Map(Object.entries({
  repo: "repo", repository: "repo", owner: "owner", account: "owner", user: "owner", org: "owner", organisation: "owner",
  organization: "owner", domain: "domain", site: "domain", website: "domain", host: "domain", url: "url", link: "url",
  id: "id", author: "author", email: "author", "e-mail": "author", mailto: "author", swhid: "swhid", sha256: "sha256",
}));
const CANONICAL = {
  repo: canonicalRepo, owner: canonicalOwner, domain: canonicalDomain, url: canonicalUrl, id: (text) => text, author: () => "",
  swhid: (text) => text.toLowerCase(), sha256: (text) => text.toLowerCase(),
};

function reading(typed) {
  const text = strip(typed).replace(/^[<"'`]+|[>"'`]+$/g, "");
  if (text === "") throw new NameError("nothing was typed");
  const label = /^([A-Za-z0-9-]+)\s*:(?!\/\/)\s*(.+)$/.exec(text);
  const named = label === null ? undefined : LABELS.get(label[1].toLowerCase());
  if (named !== undefined) return { kind: named, value: CANONICAL[named](label[2]) };
  const kind = kindOf(text);
  if (kind === "owner" && text.includes("/")) return { kind, value: canonicalOwner(ownerPage(text)) };
  if (kind === "owner*") return { kind: "owner", value: canonicalOwner(text.replace(/\/(?:\*|all|ALL)$/, "")) };
  if (kind === "sha1_git") return { kind: "swhid", value: `swh:1:cnt:${text.toLowerCase()}` };
  return { kind, value: CANONICAL[kind](text) };
}

// A page of an account, such as /orgs/name/people, as the account's own.
function ownerPage(text) {
  const place = parseUrl(text), [first, ...names] = parts(place.path);
  const named = TWO_LEVEL.has(place.host) ? names.slice(0, 1) : names;
  return ["orgs", "users", "groups"].includes(first) ? `https://${place.host}/${named.join("/")}` : text;
}

function kindOf(text) {
  if (/^swh:1:/i.test(text)) return "swhid";
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return "sha256";
  if (/^[0-9A-Fa-f]{40}$/.test(text)) return "sha1_git";
  if (/[^/]\/(?:\*|all|ALL)$/.test(text)) return "owner*";
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text)) return kindOfUrl(text);
  if (/^[^@/\s:]+@[^/:\s]+:[^/\s]+\/.+$/.test(text) || /^(?:github|gh|gist|gitlab|bitbucket|codeberg):[^/:]+\/.+$/.test(text)) return "repo";
  if (text.replace(/^@+|@+$/g, "").includes("@") && !text.includes("/")) return "author";
  if (/^[A-Za-z0-9_-]+\/[A-Za-z0-9._-]+$/.test(text)) return "repo";
  if (text.includes("/")) {
    if (!before(text, "/").includes(".")) throw new NameError("that is no URL and no owner/name: write the whole URL");
    return kindOfUrl(text);
  }
  return /^@?[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/.test(text) ? "owner" : "domain";
}

function kindOfUrl(text) {
  if (/^(?:git|ssh|git\+[a-z]+|scm:[a-z]+:.*):\/\/|^scm:/.test(text)) return "repo";
  const place = parseUrl(text);
  const bare = withoutWww(place.host);
  const host = (ALIASES.get(bare) || [bare])[0];
  const segments = parts(place.path);
  if (TWO_LEVEL.has(host) || ignoresCase(host)) {
    if (["orgs", "users", "groups"].includes(segments[0])) return "owner";
    if (segments.length === 0) return "domain";
    if (host === "github.com" && SITE_PAGES.has(segments[0])) return "url";
    return segments.length === 1 ? "owner" : "repo";
  }
  if (place.path.endsWith(".git")) return "repo";
  return segments.length === 0 && !place.query ? "domain" : "url";
}
