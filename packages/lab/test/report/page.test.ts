import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeReport } from "nearts-lab";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startChromium, watchedPage } from "../../../../test/browser/chromium.js";
import { folderOfFile } from "../folder.js";
import { madeResult, madeResults, otherMachine } from "./results.js";

const folder = folderOfFile();
const out = join(folder, "report.html");
let browser: Browser;
beforeAll(async () => {
  const hostile = madeResult({ engine: "<img src=x onerror=console.error(1)>", machine: otherMachine });
  [browser] = await Promise.all([startChromium(), writeReport([...madeResults(30), hostile], { out })]);
}, 60_000);
afterAll(() => browser?.close());

async function open(options?: Parameters<typeof watchedPage>[1]): Promise<{ page: Page; faults: string[] }> {
  const watched = await watchedPage(browser, options);
  await watched.page.goto(pathToFileURL(out).href);
  return watched;
}

/** The texts of a column of the first table. */
function column(page: Page, name: string): Promise<string[]> {
  return page.evaluate((title) => {
    const table = document.querySelector("table");
    const at = Array.from(table?.querySelectorAll("th") ?? []).findIndex((head) => head.textContent === title);
    return Array.from(table?.tBodies[0].rows ?? [], (row) => row.cells[at].textContent);
  }, name);
}

describe("a report in Chromium", () => {
  it("sorts by a column with the keyboard, both ways, and says so", async () => {
    const { page, faults } = await open();
    const head = page.locator("table").first().getByRole("button", { name: "recall" });
    await head.focus();
    await page.keyboard.press("Enter");
    const up = (await column(page, "recall")).map(Number);
    await page.keyboard.press("Enter");
    const down = (await column(page, "recall")).map(Number);

    expect(up).toEqual(up.toSorted((a, b) => a - b));
    expect(down).toEqual(up.toReversed());
    expect(await page.locator("th[aria-sort=descending]").count()).toBe(1);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("tells what a point is on hover and by arrow keys, and hides it on Escape", async () => {
    const { page } = await open();
    const tip = page.locator("#tip");
    await page.locator('svg[tabindex] [data-n="7"]').first().hover({ force: true });
    expect(await tip.textContent()).toMatch(/^\d+\. /);
    await page.keyboard.press("Escape");
    expect(await tip.isVisible()).toBe(false);

    await page.locator("svg[tabindex]").first().focus();
    await page.keyboard.press("ArrowRight");
    const first = await tip.textContent();
    await page.keyboard.press("ArrowRight");
    expect(await tip.textContent()).not.toBe(first);
    expect(await tip.textContent()).toContain("bits 8 · probes");
    await page.close();
  });

  it("fits a phone, is dark where the system is, and light on paper", async () => {
    const { page } = await open({ viewport: { width: 360, height: 740 }, colorScheme: "dark" });
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await paper()).toBe("rgb(20, 24, 29)");
    await page.emulateMedia({ media: "print" });
    expect(await paper()).toBe("rgb(255, 255, 255)");
    await page.close();
  });
});
