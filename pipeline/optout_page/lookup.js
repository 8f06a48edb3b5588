// The look-up itself: SHA-256, the packed hashes of the page, and what is known of a name.

const ROUNDS = (() => {
  const primes = [];
  for (let each = 2; primes.length < 64; each += 1) if (primes.every((one) => each % one !== 0)) primes.push(each);
  const fraction = (value) => ((value - Math.floor(value)) * 4294967296) | 0;
  return { start: primes.slice(0, 8).map((each) => fraction(Math.sqrt(each))), add: primes.map((each) => fraction(Math.cbrt(each))) };
})();

// FIPS 180-4; crypto.subtle is missing on pages that come by plain http
function sha256(bytes) {
  const size = ((bytes.length + 72) >> 6) << 6;
  const data = new Uint8Array(size), view = new DataView(data.buffer);
  data.set(bytes);
  data[bytes.length] = 128;
  view.setUint32(size - 8, Math.floor(bytes.length / 536870912));
  view.setUint32(size - 4, (bytes.length << 3) >>> 0);
  const state = Int32Array.from(ROUNDS.start), words = new Int32Array(64);
  const turn = (value, by) => (value >>> by) | (value << (32 - by));
  for (let block = 0; block < size; block += 64) {
    for (let i = 0; i < 16; i += 1) words[i] = view.getInt32(block + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const x = words[i - 15], y = words[i - 2];
      words[i] = words[i - 16] + words[i - 7] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const t = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS.add[i] + words[i]) | 0;
      const u = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t) | 0, c, b, a, (t + u) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((each, at) => { state[at] += each; });
  }
  return state;
}

// The first 48 bits of SHA-256 of `kind NUL value`, as filters/subject_keys.py makes 64 of them.
function hashOf(kind, value) {
  const state = sha256(new TextEncoder().encode(`${kind}\0${value}`));
  return (state[0] >>> 0) * 65536 + (state[1] >>> 16);
}

// Sorted hashes as differences, each followed by the number of its row, both in 7 bits a byte.
function unpack(packed) {
  const raw = atob(packed.hashes), hashes = new Float64Array(packed.count), rows = new Uint32Array(packed.count);
  let at = 0, last = 0;
  const next = () => {
    let value = 0, scale = 1;
    for (;;) {
      const byte = raw.charCodeAt(at);
      at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  for (let i = 0; i < packed.count; i += 1) {
    last += next();
    hashes[i] = last;
    rows[i] = next();
  }
  return (hash) => {
    let low = 0, high = hashes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (hashes[middle] < hash) low = middle + 1;
      else high = middle;
    }
    return hashes[low] === hash ? packed.rows[rows[low]] : null;
  };
}

function prefixes(place) {
  const query = place.indexOf("?");
  const path = query === -1 ? place : place.slice(0, query);
  const found = [];
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) found.push(path.slice(0, at));
  found.push(path);
  for (let at = query === -1 ? -1 : place.indexOf("&", query); at !== -1; at = place.indexOf("&", at + 1)) found.push(place.slice(0, at));
  if (query !== -1) found.push(place);
  return found;
}

function domains(host) {
  const found = [host];
  for (let at = host.indexOf("."); at !== -1; at = host.indexOf(".", at + 1)) found.push(host.slice(at + 1));
  return found.filter((each) => each.includes("."));
}

const PLACES = new Set(["repo", "owner", "url"]);

// Every kind and value that a request which covers the name can have; the name itself is the first.
function covering(name) {
  if (name.kind === "domain") {
    const bare = withoutWww(name.value);
    const site = bare === name.value ? [] : [["domain", bare]];
    return [["domain", name.value], ["domain", `www.${bare}`], ...site, ["place", bare], ...domains(bare).map((each) => ["domain", each])];
  }
  if (!PLACES.has(name.kind)) return [[name.kind, name.value]];
  const places = prefixes(name.value).reverse().map((each) => ["place", each]);
  const host = before(before(name.value, "/"), ":");
  const gist = /^gist\.github\.com\/([^/]+)/.exec(name.value);
  if (gist !== null) places.push(["place", `github.com/${gist[1]}`]);
  return [...places, ["domain", `www.${host}`], ...domains(host).map((each) => ["domain", each])];
}

// Where documents of the name are counted: the name, or the nearest place around it that the page knows.
function counted(name, depth) {
  if (name.kind === "domain") {
    return name.value.startsWith("www.") && withoutWww(name.value) !== name.value
      ? [["place", withoutWww(name.value)]] : [["domain", name.value]];
  }
  if (!PLACES.has(name.kind)) return [[name.kind === "swhid" ? "id" : name.kind, name.value]];
  return prefixes(name.value).reverse().filter((each, at) => at === 0 || (!each.includes("?") && each.split("/").length <= depth + 1 && each.includes("/")))
    .map((each) => ["place", each]);
}

function lookup(data, name) {
  data.find ??= { present: unpack(data.present), asked: unpack(data.asked) };
  const depth = data.left_out.includes("parts") ? 1 : 2;
  const [first, ...around] = counted(name, depth);
  const deep = first[0] === "place" && name.kind === "url" && (first[1].includes("?") || first[1].split("/").length > depth + 1);
  let present = data.find.present(hashOf(...first)), at = present === null ? null : first[1];
  for (const each of deep ? around : []) {
    if (present !== null) break;
    present = data.find.present(hashOf(...each));
    at = present === null ? null : each[1];
  }
  const requests = new Map();
  covering(name).forEach(([kind, value], position) => {
    for (const [request, how] of data.find.asked(hashOf(kind, value)) || []) {
      if (how === 1 && position > 0) continue; // a request for a part of what is around the name
      if (!requests.has(request)) requests.set(request, how === 0 && position > 0 ? 2 : how);
    }
  });
  return {
    present: present || [], at, whole: at === null || at === first[1],
    requests: [...requests].map(([request, how]) => ({ fields: data.requests[request], how })),
  };
}
