import { spawnSync } from "node:child_process";
import { type Browser, chromium, type Page } from "playwright-core";

/** A page of a real browser that keeps what went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions that nobody caught, and requests that failed. */
  readonly faults: string[];
}

/** Starts Chromium as the system has it; `npm test` sees to it that it has. */
export function startChromium(): Promise<Browser> {
  const { stdout } = spawnSync("sh", ["-c", "command -v chromium || command -v chromium-browser || command -v google-chrome"], {
    encoding: "utf8",
  });
  const executablePath = stdout.trim();
  if (executablePath === "") throw new Error("chromium is not installed: run node scripts/require-servers.mjs, as npm test does");
  // Containers run tests as root, where its sandbox cannot be had.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** A new page whose faults are kept from the start. */
export async function watchedPage(browser: Browser, options: Parameters<Browser["newPage"]>[0] = {}): Promise<WatchedPage> {
  const page = await browser.newPage(options);
  const faults: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("requestfailed", (request) => faults.push(`${request.url()}: ${request.failure()?.errorText ?? "failed"}`));
  return { page, faults };
}
