import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Browser, chromium, type Page } from "playwright-core";
import { type RunningServer, startServer } from "../../server/server.ts";
import { bundleSdk } from "./sdk-bundle.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const MISSING = "No Chromium here, so no page is tried. On Debian: apt-get install chromium";

if (CHROMIUM === undefined) {
  const required = process.env["CI"] === "true";
  // A suite that is skipped as a whole leaves no line of its own in jest's report.
  if (!required) process.stdout.write(`${MISSING}\n`);
  (required ? test : test.skip)(MISSING, () => {
    throw new Error(MISSING);
  });
} else {
  describe("the SDK in a page", () => tryPages(CHROMIUM));
}

function tryPages(executablePath: string): void {
  let browser: Browser;
  let site: Site;
  let server: RunningServer;

  beforeAll(async () => {
    site = await serveSite();
    [browser, server] = await Promise.all([
      chromium.launch({ executablePath, args: ["--no-sandbox"] }),
      startServer({ port: 0, origins: [site.origin] }),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    await site.close();
  });

  test.each([
    ["freely", "free"],
    ["under a policy that forbids eval and inline code", "strict"],
  ])("connects, puts and gets %s", async (_how, name) => {
    const page = await browser.newPage();
    const complaints = await listenForComplaints(page);
    await page.goto(`${site.origin}/${name}?server=${server.url}`);
    await says(page, "ada is connected");
    await page.getByLabel("Key").fill(name);
    await page.getByLabel("Value").fill("Kolkata");
    await page.getByRole("button").click();
    await says(page, `${name} is Kolkata, version 1`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("the policy does forbid eval", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.origin}/strict?server=${server.url}`);
    // In a turn of its own: what the debugger runs is exempt.
    const evaluating = page.evaluate(`new Promise((done, fail) => setTimeout(() => {
      try { done(new Function("return 1")()); } catch (error) { fail(error); }
    }))`);
    await expect(evaluating).rejects.toThrow("Content Security Policy");
    await page.close();
  });

  test("is told that the server cannot be reached from a page whose origin it does not know", async () => {
    const stranger = await serveSite();
    const page = await browser.newPage();
    await page.goto(`${stranger.origin}/free?server=${server.url}&deadline=500`);
    await says(page, /^unavailable: /);
    await page.close();
    await stranger.close();
  });
}

/** Waits for the page's output; on a miss, tells what it says instead. */
async function says(page: Page, text: string | RegExp): Promise<void> {
  const output = page.locator("output");
  await output
    .filter({ hasText: text })
    .waitFor({ timeout: 10_000 })
    .catch(async () => expect(await output.textContent()).toMatch(text));
}

/** What the browser says of the page that went wrong: errors, and breaches of its policy, also those it caught. */
async function listenForComplaints(page: Page): Promise<string[]> {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.addInitScript(`addEventListener("securitypolicyviolation", (breach) => {
    console.error("The policy forbids " + breach.blockedURI + " by " + breach.effectiveDirective);
  })`);
  return complaints;
}

interface Site {
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves the page and the SDK; below `/strict` with a policy under which nothing else may run. */
async function serveSite(): Promise<Site> {
  const html = await readFile("test/acceptance/page.html", "utf8");
  const { code } = await bundleSdk("./client/sdk/index.ts", ".");
  const inline = /<script type="module">(.*?)<\/script>/s.exec(html)?.[1] ?? "";
  const hash = createHash("sha256").update(inline).digest("base64");
  const policy = `default-src 'none'; script-src 'self' 'sha256-${hash}'; connect-src http://127.0.0.1:* ws://127.0.0.1:*`;
  const http = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    if (pathname === "/strict") response.setHeader("Content-Security-Policy", policy);
    const isScript = pathname === "/keyroom.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html").end(isScript ? code : html);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: async () => {
      http.closeAllConnections();
      await promisify(http.close.bind(http))();
    },
  };
}
