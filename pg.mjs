import { chromium } from "playwright-core"; import { buildPlayground } from "./playground/build.mjs"; import { serve } from "./playground/serve.mjs";
import { statSync } from "node:fs";
const t=performance.now(); const folder = await buildPlayground(); console.log("build", performance.now()-t, statSync(folder+"main.js").size);
const s = await serve(folder, 0);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const errs=[];
const open = async (o) => { const p = await b.newPage(o); p.on("console", m=>errs.push(m.text())); p.on("pageerror", e=>errs.push(String(e.stack))); p.on("requestfailed", r=>errs.push(r.url())); await p.goto(s.url); await p.waitForFunction(()=>document.querySelector("#n-mean-recall").textContent!=="–",{timeout:15000}).catch(e=>errs.push(String(e))); return p; };
let p = await open({viewport:{width:1200,height:1000},colorScheme:"light"});
await p.screenshot({path:"/tmp/w/ll/pg-light.png"});
console.log(await p.textContent("#plane-said"));
for (const f of ["bins","pcaPlanes","pcaBins","kMeans","tree","permutations","mapper","exact"]) { await p.selectOption("#plane-form select[name=family]", f); await p.waitForTimeout(700); await p.screenshot({path:`/tmp/w/ll/pg-${f}.png`}); console.log(f, await p.textContent("#plane-said"), await p.textContent("#n-mean-recall")); }
// fps
await p.selectOption("#plane-form select[name=family]", "planes"); await p.fill("input[name=count]", "5000"); await p.waitForTimeout(1200);
const fps = await p.evaluate(async()=>{ const c=document.querySelector("#plane"); const r=c.getBoundingClientRect(); const f0=Number(c.dataset.frames); const t0=performance.now(); let i=0, raf=0; while(performance.now()-t0<3000){ const a=i++/20; for (const type of ["pointermove"]) c.dispatchEvent(new PointerEvent(type,{clientX:r.left+r.width*(.5+.4*Math.cos(a)),clientY:r.top+r.height*(.5+.4*Math.sin(a)),buttons:1,bubbles:true})); await new Promise(requestAnimationFrame); raf++; } return {frames:(Number(c.dataset.frames)-f0)/3, raf:raf/3, n:document.querySelector("#n-candidates").textContent}; });
console.log("fps", fps);
await p.check("#plane-form input[name=codes]"); await p.waitForTimeout(1000); await p.screenshot({path:"/tmp/w/ll/pg-codes.png"}); console.log(await p.textContent("#n-measured"), await p.textContent("#n-candidates"));
await p.click("#tab-race"); await p.click("button[name=run]"); await p.waitForSelector("#race-rows tr",{timeout:60000}); await p.selectOption("#race-form select[name=family]","planes"); await p.click("button[name=run]"); await p.waitForFunction(()=>document.querySelectorAll("#race-rows tr").length===2,{timeout:60000}); await p.screenshot({path:"/tmp/w/ll/pg-race.png"}); console.log(await p.innerText("#race-rows"));
p = await open({viewport:{width:1200,height:1000},colorScheme:"dark"}); await p.screenshot({path:"/tmp/w/ll/pg-dark.png"});
p = await open({viewport:{width:390,height:800},colorScheme:"light",deviceScaleFactor:2}); console.log("w", await p.evaluate(()=>document.documentElement.scrollWidth)); await p.screenshot({path:"/tmp/w/ll/pg-phone.png",fullPage:true});
console.log(errs); await b.close(); s.close();
