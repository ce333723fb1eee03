import { chromium } from "playwright-core";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const file = process.argv[2] ?? "/tmp/w/ll/report.html";
const errs=[];
for (const [name, opts] of [["light",{viewport:{width:1300,height:900},colorScheme:"light"}],["dark",{viewport:{width:1300,height:900},colorScheme:"dark"}],["phone",{viewport:{width:390,height:800},colorScheme:"light",deviceScaleFactor:2}]]) {
  const p = await b.newPage(opts);
  p.on("console", m=>errs.push(m.text())); p.on("pageerror", e=>errs.push(String(e)));
  await p.goto("file://"+file);
  if (name!=="phone") { const dot = (await p.$$("svg[tabindex] [data-n]"))[60]; await dot.hover(); }
  const h = await p.evaluate(()=>document.documentElement.scrollHeight), w = await p.evaluate(()=>document.documentElement.scrollWidth);
  console.log(name, w, h);
  await p.screenshot({ path: `/tmp/w/ll/${name}.png`, fullPage: false });
  await p.screenshot({ path: `/tmp/w/ll/${name}-full.png`, clip:{x:0,y:0,width:opts.viewport.width,height:Math.min(h,name==="phone"?2600:3600)}, fullPage:true });
  if (name==="light") await p.pdf({path:"/tmp/w/ll/print.pdf",format:"A4"});
}
{ const p = await b.newPage({viewport:{width:720,height:1000},colorScheme:"dark"}); await p.goto("file://"+file); await p.emulateMedia({media:"print",colorScheme:"dark"}); await p.screenshot({path:"/tmp/w/ll/print.png",fullPage:true,clip:{x:0,y:0,width:720,height:2600}});
 await p.emulateMedia({media:"screen",colorScheme:"light"}); await p.setViewportSize({width:1300,height:1000}); for (const [i,t] of (await p.$$("h3")).entries()) if (["Distributions","All results","What was run"].includes(await t.textContent())) { await t.scrollIntoViewIfNeeded(); await t.evaluate(e=>e.scrollIntoView()); await p.screenshot({path:`/tmp/w/ll/h3-${i}.png`}); console.log("h3", i); } }
console.log(errs); await b.close();
