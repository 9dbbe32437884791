/** Style sheet of the HTML report. Two palettes; colours never carry a meaning that the text does not. */
export const htmlStyle = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1a1a1a; --soft: #5c5c5c; --rule: #d4d4d4; --panel: #f6f6f4;
  --pass: #1d6b2b; --fail: #a8201a; --xfail: #7a5300; --incomplete: #7b2d8b; --wait: #a8201a; --lane: #9a9a9a; }
@media (prefers-color-scheme: dark) { :root { --bg: #161616; --fg: #e6e6e6; --soft: #a0a0a0; --rule: #3c3c3c; --panel: #202020;
  --pass: #7fcf8c; --fail: #ff8a80; --xfail: #e8b84f; --incomplete: #d9a0e6; --wait: #ff8a80; --lane: #707070; } }
body { background: var(--bg); color: var(--fg); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } h3 { font-size: 1rem; }
code, pre, .mono { font-family: ui-monospace, monospace; font-size: .87em; }
pre { background: var(--panel); padding: .75rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border: 1px solid var(--rule); padding: .25rem .6rem; text-align: left; white-space: nowrap; }
th { background: var(--panel); }
td.title { white-space: normal; min-width: 14rem; }
.states { color: var(--soft); }
.pass { color: var(--pass); } .fail, .xpass { color: var(--fail); font-weight: 600; }
.xfail { color: var(--xfail); } .incomplete { color: var(--incomplete); } .notrun { color: var(--soft); }
article { border-left: 3px solid var(--rule); padding-left: 1rem; margin: 1.5rem 0; }
.claim { font-weight: 600; } .soft { color: var(--soft); }
summary { cursor: pointer; }
svg { max-width: none; } svg text { fill: var(--fg); font: 12px ui-monospace, monospace; }
svg .head { font-weight: 600; } svg .step { fill: var(--soft); }
svg .lane { stroke: var(--lane); stroke-dasharray: 3 4; } svg .box { fill: var(--panel); stroke: var(--rule); }
svg .waits { stroke: var(--wait); stroke-width: 2; } svg .edge { stroke: var(--wait); fill: none; stroke-width: 1.5; }
svg .tip { fill: var(--wait); }
`;
