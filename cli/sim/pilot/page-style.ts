export const PILOT_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1d2327; --quiet: #59636b; --line: #d5dbdf; --card: #f5f7f8;
  --good: #1a6b3c; --bad: #b3261e; --bar: #2f7d95;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181b; --ink: #e7ecef; --quiet: #a3aeb5; --line: #333c42; --card: #1d2327;
    --good: #7bd8a0; --bad: #ff9d94; --bar: #6cc0d8;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; text-transform: capitalize; display: flex; justify-content: space-between; }
p { margin: .25rem 0 .75rem; max-width: 46rem; }
code { overflow-wrap: anywhere; font-size: .9em; }
.small, .verdict span { color: var(--quiet); font-size: .875rem; }
.note { border-left: 3px solid var(--bar); padding: .25rem 0 .25rem .75rem; color: var(--quiet); }
.verdict { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; font-size: 1.2rem; }
.verdict.met strong, .targets .met h3 span { color: var(--good); }
.verdict.missed strong, .targets .missed h3 span { color: var(--bad); }
.targets { list-style: none; padding: 0; margin: .5rem 0; display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); }
.targets li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; }
.targets li.missed { border-color: var(--bad); }
.targets p { margin: .25rem 0 0; font-size: .875rem; color: var(--quiet); }
.targets .value { font-size: 1.4rem; color: var(--ink); font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, thead th:last-child, td:last-child:not(.bars td) { text-align: left; }
thead th { color: var(--quiet); font-weight: 600; }
.bars { width: 100%; max-width: 46rem; }
.bars th { font-weight: 400; width: 8rem; }
.bars .bar { width: 100%; }
.bars svg { display: block; width: 100%; height: .8rem; fill: var(--bar); }
`;
