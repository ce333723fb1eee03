import { DARK, LIGHT } from "../figures/palette.js";

const colours = (palette: readonly string[]) => palette.map((colour, i) => `--c${i}:${colour}`).join(";");
const light = `color-scheme:light;--paper:#ffffff;--ink:#1b1f24;--soft:#59636e;--line:#d1d9e0;--wash:#f6f8fa;--mark:#0b5cad;${colours(LIGHT)}`;
const dark = `color-scheme:dark;--paper:#14181d;--ink:#e6e9ed;--soft:#a3adb8;--line:#39424d;--wash:#1d232a;--mark:#7cc0ff;${colours(DARK)}`;

/** How a report looks: light or dark as the reader's system is, one column on a phone, black on white in print. */
export const STYLE: string = `
:root{${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
@media print{:root{${light}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main,header,footer{max-width:1400px;margin:0 auto;padding:0 20px}
header{padding-top:24px}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 4px}
h2{font-size:1.3rem;line-height:1.3;margin:40px 0 4px;padding-top:20px;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:28px 0 8px}
h1,h2,h3,td,dd,figcaption,pre,.tip{overflow-wrap:anywhere}
p{margin:4px 0 12px}
a{color:var(--mark)}
.soft,figcaption span{color:var(--soft);font-size:.875rem}
.below{margin-top:12px}
.note{border-left:4px solid var(--c4);padding:6px 12px;background:var(--wash)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:20px}
.figures,.legend{max-width:1400px}
figure{margin:0;min-width:0;break-inside:avoid}
.figures figure{display:grid;grid-row:span 2;grid-template-rows:subgrid;row-gap:4px}
figcaption b{display:block;font-weight:600}
figure svg{display:block;width:100%;max-width:560px;height:auto}
.legend svg{max-width:460px}
svg text{white-space:pre}
[aria-label$="grid"]{stroke-opacity:.16}
svg[tabindex]:focus{outline:none}
svg[tabindex]:focus-visible{outline:2px solid var(--mark);outline-offset:2px}
[data-n]{cursor:pointer}
[data-n].on{stroke:var(--ink);stroke-width:2.5px}
.tip{position:absolute;z-index:3;max-width:min(340px,calc(100vw - 24px));padding:8px 10px;border:1px solid var(--line);border-radius:6px;background:var(--paper);color:var(--ink);box-shadow:0 4px 14px #0004;font-size:.8125rem;line-height:1.4;white-space:pre-line;pointer-events:none}
.scroll{overflow:auto;max-height:80vh;border:1px solid var(--line);border-radius:6px}
.scroll:focus-visible,button:focus-visible,summary:focus-visible{outline:2px solid var(--mark);outline-offset:2px}
table{border-collapse:separate;border-spacing:0;font-size:.875rem;font-variant-numeric:tabular-nums}
th,td{padding:4px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;white-space:nowrap}
tbody tr{background:var(--paper)}
tbody td:first-child{white-space:normal;min-width:9em;position:sticky;left:0;background:inherit}
.num{text-align:right}
thead th{position:sticky;top:0;z-index:1;background:var(--wash);padding:0}
thead button{font:inherit;font-weight:600;color:inherit;background:none;border:0;padding:6px 10px;width:100%;text-align:inherit;cursor:pointer;white-space:nowrap}
thead button:focus-visible{outline-offset:-2px}
th button::after{content:" ↕";color:var(--soft)}
th[aria-sort=ascending] button::after{content:" ↑";color:inherit}
th[aria-sort=descending] button::after{content:" ↓";color:inherit}
tbody tr:nth-child(even){background:var(--wash)}
tbody tr.on{box-shadow:inset 4px 0 var(--mark)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0}
dt{color:var(--soft)}dd{margin:0}
pre{white-space:pre-wrap;background:var(--wash);border:1px solid var(--line);border-radius:6px;padding:10px 12px;font-size:.8125rem;line-height:1.45;margin:6px 0}
summary{cursor:pointer}
footer{padding-block:32px!important;color:var(--soft);font-size:.875rem}
@media (max-width:600px){main,header,footer{padding:0 12px}header{padding-top:16px}dl{grid-template-columns:1fr}dd{margin-bottom:6px}thead th{position:static}}
@media screen{wbr{display:none}}
@media print{
body{font-size:10pt}
.scroll{max-height:none;overflow:visible;border:0}
table{font-size:7pt;width:100%}td{padding:1px 4px}.screen{display:none}tbody td:first-child{position:static}thead th{position:static}th{white-space:normal}thead button{padding:1px 4px;white-space:normal}
thead{display:table-header-group}tr{break-inside:avoid}
th button::after{content:""!important}
.figures{grid-template-columns:1fr 1fr}
h2,h3{break-after:avoid}.tip{display:none}
}`;
