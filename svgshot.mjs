import { chromium } from "playwright-core"; import { readdirSync } from "node:fs";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const p = await b.newPage({viewport:{width:1420,height:1250}});
const f = readdirSync("/tmp/w/ll/svg");
await p.goto("file:///tmp/w/ll/svg/"+f[0]);
await (await b.newPage()).close();
const { writeFileSync } = await import("node:fs");
writeFileSync("/tmp/w/ll/svgs.html", `<body style="background:#888">`+[0,8,12,14,20].map(i=>f[i]?`<img width=460 src="svg/${f[i]}">`:"").join("\n"));
await p.goto("file:///tmp/w/ll/svgs.html"); await p.screenshot({path:"/tmp/w/ll/svgs.png"}); await b.close();
