import { chromium } from "playwright-core"; import { buildPlayground } from "./playground/build.mjs"; import { serve } from "./playground/serve.mjs";
const s = await serve(await buildPlayground(), 0);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const p = await b.newPage({viewport:{width:1200,height:800}}); p.on("console", m=>console.log(m.text())); p.on("pageerror", e=>console.log(String(e.stack)));
await p.goto(s.url); await p.waitForTimeout(1000);
await p.click("#tab-race"); await p.click("button[name=run]"); for (let i=0;i<8;i++){ await p.waitForTimeout(2000); console.log(i, await p.textContent("#race-said")); }
await p.selectOption("#race-form select[name=family]","planes"); await p.click("button[name=run]"); await p.waitForTimeout(6000);
console.log(await p.innerText("#race-rows")); await p.screenshot({path:"/tmp/w/ll/pg-race.png"});
await b.close(); s.close();
