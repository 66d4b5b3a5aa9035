"""How every page looks: on a screen, on a phone, in the dark, on paper."""

# Pictures are dark ink on white. In the dark they are inverted and their hue is
# turned back: white becomes the page's black, and blue stays blue.
STYLESHEET = """
:root { color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1d2433; --muted: #5d6678;
  --rule: #dfe3ea; --accent: #4b3fa8; --loss: #a8200d;
  --warn: #fff3cd; --edge: #d99a00; }
@media (prefers-color-scheme: dark) { :root {
  --page: #0a0a0b; --card: #141414; --ink: #e8e8ea; --muted: #a0a3ab;
  --rule: #2e2f34; --accent: #a99ff5; --loss: #ff9a85;
  --warn: #3a2d05; --edge: #d99a00; }
  figure img { filter: invert(0.92) hue-rotate(180deg); } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
header { margin: 0 0 2rem; }
.over { color: var(--accent); font-weight: 600; margin: 0 0 0.5rem; }
h1 { font-size: clamp(1.35rem, 1rem + 1.8vw, 2.1rem); line-height: 1.25;
  margin: 0; max-width: 58rem; text-wrap: pretty; }
h1.long { font-size: clamp(1.15rem, 1rem + 0.7vw, 1.5rem); line-height: 1.4; }
h1 .claim { color: var(--accent); }
h1 span { white-space: nowrap; }
h2 { font-size: 1.15rem; margin: 0 0 0.75rem; }
.columns { columns: 2 25rem; column-gap: 1rem; margin: 0 0 1rem; }
.columns section:last-child { margin-bottom: 0; }
section { background: var(--card); border: 1px solid var(--rule);
  border-radius: 10px; padding: 1rem 1.25rem; margin: 0 0 1rem;
  break-inside: avoid; }
figure { margin: 0; }
img { display: block; width: 100%; max-width: 36rem; height: auto;
  margin: 0 auto; }
figcaption, .note { color: var(--muted); font-size: 0.875rem;
  margin: 0.5rem 0 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.75rem 0.3rem 0; text-align: left;
  vertical-align: top; border-bottom: 1px solid var(--rule); }
thead th { color: var(--muted); font-weight: 600; font-size: 0.8125rem; }
tbody th { font-weight: 500; }
tfoot th, tfoot td { font-weight: 700; }
tbody tr:last-child > *, tfoot tr > * { border-bottom: 0; }
tfoot tr > * { border-top: 2px solid var(--rule); }
.facts tbody th { color: var(--muted); white-space: nowrap; }
.facts td { overflow-wrap: anywhere; min-width: 6.5rem; }
.scores .number { text-align: right; }
.scores td { white-space: nowrap; }
.scores tbody th { min-width: 7.5rem; }
td small { display: block; color: var(--muted); white-space: nowrap; }
td small.said { white-space: normal; min-width: 9rem; }
td .loss, td small.slower { color: var(--loss); font-weight: 700; }
.scores tr > :last-child { padding-right: 0; }
.banner { position: sticky; top: 0; z-index: 1; padding: 0.6rem 1rem;
  background: #ffd166; color: #1d2433; text-align: center; font-weight: 700;
  font-size: 1.125rem; border-bottom: 3px solid #d99a00; }
.warnings { background: var(--warn); border-color: var(--edge); }
.warnings ul { margin: 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
@media (max-width: 30rem) { main { padding: 1.25rem 0.75rem 3rem; }
  section { padding: 0.75rem; } table { font-size: 0.8125rem; }
  thead th { font-size: 0.75rem; } th, td { padding-right: 0.4rem; }
  .banner { font-size: 1rem; } }
@media print { :root { --page: #fff; --card: #fff; --ink: #000;
  --muted: #444; --rule: #ccc; --accent: #4b3fa8; --warn: #fff3cd; }
  body { font-size: 10pt; } main { max-width: none; padding: 0; }
  .banner { position: static; }
  figure img { filter: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
