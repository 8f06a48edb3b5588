"""How the report looks: light and dark, wide and narrow, on paper; colours that stay apart for the colour-blind.

The colours of sources are set so that white text on them has a contrast of 4.5 or more (WCAG 2.2,
1.4.3), and each has 3 or more against the page (1.4.11).
"""

from __future__ import annotations

from typing import Final

STYLE: Final = """\
:root {
  color-scheme: light dark;
  --page: #fbfaf6; --card: #ffffff; --ink: #1e1c19; --soft: #5b564d; --line: #ddd8cc; --wash: #f2efe6;
  --accent: #8a4b08; --accent-wash: #f8ecd9; --drop: #8b857a; --mark: #ffe3a3; --mark-ink: #4a3200;
  --s0: #2a64a7; --s1: #a8500a; --s2: #1d7a5b; --s3: #7d4698;
  --s4: #857000; --s5: #b0355f; --s6: #1f7a8c; --s7: #6b6860;
  --k-free: #1d7a5b; --k-perm: #2a64a7; --k-weak: #857000; --k-strong: #a8500a; --k-net: #93310f;
  --k-use: #7d4698; --k-prop: #b0355f; --k-none: #6b6860;
  --shade: #1e1c1938;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Charter, "Noto Serif", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15161a; --card: #1d1f24; --ink: #ece8df; --soft: #aaa499; --line: #363840; --wash: #25272d;
    --accent: #f0b45c; --accent-wash: #35291a; --drop: #7d7a75; --mark: #5c4410; --mark-ink: #ffe9b8;
    --s0: #3f78bd; --s1: #b45d18; --s2: #23805f; --s3: #9161ad;
    --s4: #867210; --s5: #c14a73; --s6: #27808f; --s7: #77736b;
    --k-free: #23805f; --k-perm: #3f78bd; --k-weak: #867210; --k-strong: #b45d18; --k-net: #c0522f;
    --k-use: #9161ad; --k-prop: #c14a73; --k-none: #77736b;
    --shade: #ece8df4d;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 var(--sans);
  overflow-wrap: break-word; }
.in { max-width: 72rem; margin: 0 auto; padding: 0 1rem; }
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.2; text-wrap: balance; }
h1 { font-size: clamp(2rem, 6vw, 3.1rem); margin: 0; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { font-size: 1.65rem; margin: 0 0 .35rem; }
h3 { font-size: 1.08rem; margin: 0 0 .7rem; }
p { margin: 0 0 .8rem; max-width: 68ch; }
a { color: var(--accent); }
small { font-size: .84rem; }
code, pre { font-family: var(--mono); font-size: .86em; }
code { overflow-wrap: anywhere; }
ul { padding: 0; margin: 0; list-style: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem;
  background: var(--card); padding: .5rem 1rem; z-index: 9; }
button { font: inherit; color: inherit; cursor: pointer; }

.top { padding: 2.6rem 0 1.2rem; border-bottom: 1px solid var(--line); background: var(--card); }
.kicker { font-size: .8rem; letter-spacing: .1em; text-transform: uppercase; color: var(--soft);
  margin: 0 0 .5rem; max-width: none; }
h1 .v { color: var(--accent); font-weight: 400; white-space: nowrap; }
.about { font-size: 1.08rem; color: var(--soft); margin: .7rem 0 0; }
.root { display: flex; flex-wrap: wrap; gap: .4rem .7rem; align-items: center; margin: 1.1rem 0 0;
  font-size: .9rem; }
.root code { background: var(--wash); border: 1px solid var(--line); border-radius: 6px;
  padding: .25rem .55rem; min-width: 0; }
.root button, .tabs button { border: 1px solid var(--line); background: var(--card); border-radius: 6px;
  padding: .22rem .7rem; }
.root button:hover, .tabs button:hover { border-color: var(--accent); }
.notes { margin: 1.1rem 0 0; display: grid; gap: .4rem; }
.notes li { background: var(--accent-wash); border-left: 3px solid var(--accent); padding: .4rem .8rem;
  border-radius: 0 6px 6px 0; font-size: .93rem; }
nav { position: sticky; top: 0; z-index: 5; background: var(--page); border-bottom: 1px solid var(--line); }
nav ul { display: flex; gap: .2rem; overflow-x: auto; padding: .45rem 2.6rem .45rem 0; scrollbar-width: none;
  mask-image: linear-gradient(to left, #0000, #000 2.6rem); }
@media (max-width: 56rem) { nav .in { position: relative; }
  nav .in::after { content: "\\203a"; position: absolute; right: .8rem; top: .5rem; color: var(--accent);
    font-size: 1.3rem; line-height: 1.5rem; pointer-events: none; } }
nav a { display: block; padding: .3rem .65rem; border-radius: 6px; white-space: nowrap;
  color: var(--soft); text-decoration: none; font-size: .93rem; }
nav a:hover { background: var(--wash); color: var(--ink); }
main section { padding: 2.4rem 0 .6rem; }
.lead { color: var(--soft); margin-bottom: 1.2rem; }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 1.1rem 1.15rem; margin: 0 0 1.1rem; min-width: 0; }
.panel > :last-child { margin-bottom: 0; }
.two { display: grid; gap: 0 1.1rem; align-items: start; } .two > :only-child { grid-column: 1 / -1; }
@media (min-width: 56rem) { .two { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }

.tiles { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .8rem; margin: 0 0 1.1rem; }
@media (min-width: 48rem) { .tiles { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: .85rem 1rem; min-width: 0; }
.tile dt { color: var(--soft); font-size: .87rem; }
.tile dd { margin: 0; display: grid; }
.tile b { font: 600 1.75rem/1.25 var(--serif); font-variant-numeric: lining-nums tabular-nums; }
.tile small { color: var(--soft); overflow-wrap: anywhere; }

.map { position: relative; height: 17rem; border-radius: 8px; overflow: hidden; margin: 0 0 1rem; }
.map li { position: absolute; border: 1px solid var(--card); color: #fff; overflow: hidden;
  container-type: size; }
.map span { display: none; padding: .35rem .5rem; font-size: .84rem; line-height: 1.25; }
.map bdi, .map small { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.map small { font-size: .78rem; }
@container (min-width: 4.2rem) and (min-height: 2.9rem) { .map span { display: block; } }
.map .tint { background-image: repeating-linear-gradient(135deg, #0000 0 5px, #0004 5px 8px); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; font-size: .88rem; margin: 0 0 1rem; }
.legend li { display: flex; gap: .45rem; align-items: baseline; min-width: 0; overflow-wrap: anywhere; }
.dot { flex: none; width: .75em; height: .75em; border-radius: 3px; display: inline-block; }
.s0 { background: var(--s0); fill: var(--s0); } .s1 { background: var(--s1); fill: var(--s1); }
.s2 { background: var(--s2); fill: var(--s2); } .s3 { background: var(--s3); fill: var(--s3); }
.s4 { background: var(--s4); fill: var(--s4); } .s5 { background: var(--s5); fill: var(--s5); }
.s6 { background: var(--s6); fill: var(--s6); } .s7 { background: var(--s7); fill: var(--s7); }
.k-free { background: var(--k-free); } .k-perm { background: var(--k-perm); }
  .k-weak { background: var(--k-weak); }
.k-strong { background: var(--k-strong); } .k-net { background: var(--k-net); }
  .k-use { background: var(--k-use); }
.k-prop { background: var(--k-prop); } .k-none { background: var(--k-none); } .k-nc { background: var(--s6); }
.hatch { background-image: repeating-linear-gradient(135deg, #0000 0 4px, #fff6 4px 6px); }

.flow { display: block; width: 100%; height: auto; overflow: visible; font: 13px var(--sans); }
.flow.narrow { max-width: 26rem; margin: 0 auto; }
.flow text { fill: var(--ink); } .flow .t1 { font-weight: 600; }
.flow .slim { font-size: 12px; } .flow .t2 { fill: var(--soft);
  font-variant-numeric: tabular-nums; }
.flow .big { font: 600 21px var(--serif); } .flow.wide .last { text-anchor: end; }
.flow .drop path { opacity: .65; }
.flow .drop path:not([class]) { fill: var(--drop); opacity: 1; }
.flow .hit { fill: none; pointer-events: all; }
.flow .drop:hover path, .flow .drop:focus path { opacity: 1; }
.flow .drop:hover .t1, .flow .drop:focus .t1 { text-decoration: underline; }
.flow .drop:focus { outline: none; } .flow .drop:focus-visible { outline: 2px solid var(--accent);
  outline-offset: 2px; }
.flow.wide { display: none; }
@media (min-width: 56rem) { .flow.wide { display: block; } .flow.narrow { display: none; } }

.bars { display: grid; gap: .55rem; margin: 0 0 1rem; }
.bars li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .05rem .8rem; font-size: .92rem; }
.bl { overflow-wrap: anywhere; } .bv { color: var(--soft); font-variant-numeric: tabular-nums;
  text-align: right; }
.bt { grid-column: 1 / -1; background: var(--wash); border-radius: 3px; height: .5rem; overflow: hidden; }
.bf { display: block; height: 100%; min-width: 2px; border-radius: 3px; }
.stack { display: flex; height: 1.5rem; border-radius: 6px; overflow: hidden; margin: 0 0 .8rem; gap: 1px; }
.stack span { min-width: 2px; }

.columns { position: relative; padding-top: 1.1rem; margin: 0 0 1rem; }
.columns svg { display: block; width: 100%; height: 12.5rem; border-bottom: 1px solid var(--soft); }
.columns .most { position: absolute; top: 0; left: 0; font-size: .78rem; color: var(--soft);
  border-bottom: 1px dashed var(--line); width: 100%; line-height: 1.1rem; }
.ticks { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); font-size: .74rem;
  color: var(--soft); text-align: center; white-space: nowrap; }
.ticks span { overflow: visible; width: 0; justify-self: start; }
.columns rect:hover { filter: brightness(1.2); }

.scroll { overflow-x: auto; margin: 0 0 1rem; max-width: 100%; background:
  linear-gradient(to right, var(--card) 50%, #0000) 0 0 / 1.8rem 100% local,
  linear-gradient(to left, var(--card) 50%, #0000) 100% 0 / 1.8rem 100% local,
  linear-gradient(to right, var(--shade), #0000) 0 0 / .9rem 100% scroll,
  linear-gradient(to left, var(--shade), #0000) 100% 0 / .9rem 100% scroll; background-repeat: no-repeat; }

table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; color: var(--soft); font-size: .84rem; padding: 0 0 .4rem; }
th, td { text-align: left; padding: .38rem .7rem .38rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; font-weight: 400; }
.tall { max-height: 30rem; overflow-y: auto; } .tall thead th { position: sticky; top: 0; background: var(--card); }
thead th.n + th:not(.n) { padding-left: 1rem; }
.more caption::after { content: "more to the right \\2192"; display: block; color: var(--accent); }
tbody th { min-width: 8rem; max-width: 24rem; } tbody th bdi { overflow-wrap: anywhere; }
td code { white-space: nowrap; }
thead th { color: var(--soft); font-size: .84rem; white-space: nowrap; vertical-align: bottom; }
tfoot th, tfoot td { font-weight: 600; border-bottom: 0; border-top: 1px solid var(--soft); }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-left: .7rem;
  padding-right: 0; }
td + td:not(.n), .n + td { padding-left: 1rem; }
thead button { all: unset; cursor: pointer; }
  thead button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
thead button::after { content: "\\2195"; opacity: .35; padding-left: .3em; }
th[aria-sort="ascending"] button::after { content: "\\2191"; opacity: 1; }
  th[aria-sort="descending"] button::after { content: "\\2193"; opacity: 1; }
.up { color: var(--k-free); } .down { color: var(--k-strong); }
@media (prefers-color-scheme: dark) { .up { color: #5cc49b; } .down { color: #f0935a; } }
details { margin: 0 0 1rem; } summary { cursor: pointer; color: var(--accent); padding: .15rem 0;
  margin-bottom: .5rem; }
.facts { display: grid; gap: .1rem; margin: 0 0 1rem; }
.facts div { display: grid; grid-template-columns: minmax(7rem, 11rem) minmax(0, 1fr); gap: .1rem 1rem;
  padding: .32rem 0; border-bottom: 1px solid var(--line); font-size: .92rem; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 34rem) {
  .facts div { grid-template-columns: 1fr; } .ticks .opt { visibility: hidden; } .panel { padding: .95rem .85rem; }
  tbody th { min-width: 6.2rem; } tbody th.path { min-width: 11rem; }
  .n { padding-left: .5rem; } th, td { padding-right: .5rem; }
  thead th:not([aria-sort]) button::after { content: none; }
}
.commands { display: grid; gap: .7rem; margin: 0 0 1rem; }
.commands code { display: block; background: var(--wash); border-radius: 6px; padding: .35rem .7rem; }
.commands span { font-size: .88rem; color: var(--soft); }
.packages { columns: 12rem 3; column-gap: 1.6rem; font-size: .9rem; margin: 0 0 1rem; }
.packages li { display: flex; justify-content: space-between; gap: .6rem; break-inside: avoid; padding: .2rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.packages span { color: var(--soft); font-variant-numeric: tabular-nums; text-align: right; }

.tabs { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem; margin: 0 0 1rem; padding: 2px; }
.tabs button { max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  font-size: .9rem; }
.tabs select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: 6px; padding: .3rem .5rem; max-width: 100%; }
.tabs [aria-selected="true"] { background: var(--ink); color: var(--page); border-color: var(--ink); }
.sample { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 0 0 1rem;
  overflow: hidden; }
.sample header { padding: .75rem 1rem .6rem; border-bottom: 1px solid var(--line); }
.sample h4 { margin: 0 0 .35rem; font: 600 .88rem/1.4 var(--mono); overflow-wrap: anywhere; }
.tags { display: flex; flex-wrap: wrap; gap: .3rem; }
.tags li { background: var(--wash); border-radius: 5px; padding: .08rem .5rem; font-size: .8rem;
  overflow-wrap: anywhere; }
.sample pre { margin: 0; padding: .9rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere;
  font-size: .82rem; line-height: 1.5; unicode-bidi: plaintext;
  tab-size: 4; }
.sample .q { padding: .8rem 1rem 0; margin: 0; font-weight: 600; } .sample .a { padding: .2rem 1rem 0;
  margin: 0; color: var(--soft); }
.sample footer { padding: .45rem 1rem .6rem; color: var(--soft); font-size: .82rem; }
mark { background: var(--mark); color: var(--mark-ink); border-radius: 3px; padding: 0 .15em; }
.foot { color: var(--soft); font-size: .88rem; border-top: 1px solid var(--line); margin-top: 2.5rem;
  padding: 1.2rem 0 3rem; }
.none { color: var(--soft); }
#tip { position: fixed; z-index: 20; max-width: min(24rem, calc(100vw - 16px)); background: var(--ink);
  color: var(--page); padding: .4rem .65rem; border-radius: 6px; font-size: .85rem; line-height: 1.4;
  pointer-events: none; overflow-wrap: anywhere; }
[hidden] { display: none !important; }
@media print {
  :root { --page: #fff; --card: #fff; --wash: #f4f4f4; --ink: #000; --soft: #444; }
  nav, .skip, .root button, .tabs, #tip { display: none !important; }
  body { font-size: 10.5pt; } .in { max-width: none; padding: 0; } main section { padding: 1rem 0 0; }
  .panel, .tile, .sample { break-inside: avoid; } .sheet[hidden] { display: block !important; }

  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
