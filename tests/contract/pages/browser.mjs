// Browsers of persons, and what every page must keep to: it fits its window, obeys its Content-Security-Policy, logs no error,
// asks its own host only, and has no violation of WCAG 2.2 AA.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";

export const SIZES = { desk: { width: 1366, height: 768 }, phone: { width: 360, height: 740 } };
const PASSWORD = "paringin-demo";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  rules: { "target-size": { enabled: true } },
  resultTypes: ["violations"],
};

export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  // For root, for containers, and without requests for updates.
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"],
});

/** What pages did wrong, for the end of the run. */
export const complaints = new Set();

/**
 * Opens a browser of a person who has never been here. `scripts`: whether it runs JavaScript. `accessible`: whether `look` runs
 * axe. `pictures`: a folder for a picture of each page at which the person looks.
 */
export async function visit(url, { size = "desk", scripts = true, theme = "light", lang = "id", accessible = false, pictures } = {}) {
  const context = await browser.newContext({
    viewport: SIZES[size], isMobile: size === "phone", hasTouch: size === "phone", javaScriptEnabled: scripts, colorScheme: theme, locale: lang,
    acceptDownloads: false,
  });
  // A busy machine takes long.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  // The other sites of `walk.mjs` may do what they like.
  const isHere = () => ["about:blank", url].some((own) => page.url().startsWith(own));
  const complain = (what) => {
    if (isHere()) complaints.add(`${size}, ${page.url().replace(url, "")}: ${what}`);
  };
  page.on("console", (message) => {
    const isRefusal = /status of 4\d\d/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isRefusal) complain(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complain(`script: ${error}`));
  page.on("request", (request) => {
    if (!request.isNavigationRequest() && !request.url().startsWith(`${url}/`) && !request.url().startsWith("data:")) complain(`asked ${request.url()}`);
  });
  // The browser's own findings: violations of the policy, deprecated features, odd cookies and forms. They need no script.
  const cdp = await context.newCDPSession(page);
  await cdp.send("Audits.enable");
  cdp.on("Audits.issueAdded", ({ issue }) => complain(`issue: ${issue.code} ${JSON.stringify(issue.details)}`));
  return { url, page, context, cdp, size, theme, accessible, pictures };
}

/** Goes to a page by its address. Returns the answer. */
export async function open(visitor, path) {
  const answer = await visitor.page.goto(visitor.url + path, { waitUntil: "load" });
  return answer;
}

export async function signIn(visitor, person) {
  const { page } = visitor;
  await open(visitor, "/");
  assert.equal(new URL(page.url()).pathname, "/masuk", "a page is open to somebody who is not signed in");
  const english = (await page.locator("html").getAttribute("lang")) === "en";
  await page.getByLabel(english ? "User name" : "Nama pengguna").fill(person);
  await page.getByLabel(english ? "Password" : "Kata sandi").fill(PASSWORD);
  await page.getByRole("button", { name: english ? "Sign in" : "Masuk", exact: true }).click();
  await page.locator(".menu").waitFor();
}

const looked = new Set();
/** How often axe has looked. */
export let checked = 0;

/** Looks at the page that is open: it fits, and axe finds nothing. Axe looks once at contents that differ from others in their words
 * alone, and so at what surrounds them. */
export async function look(visitor, name) {
  const { page, size, theme } = visitor;
  await page.locator("main").waitFor();
  if (visitor.pictures) {
    const file = join(visitor.pictures, `${name.replace(/[^\w.-]+/g, "_")}-${SIZES[size].width}-${theme}.png`);
    mkdirSync(dirname(file), { recursive: true });
    await page.screenshot({ path: file, fullPage: true });
    return;
  }
  await assertFits(page, name);
  if (visitor.accessible) await assertAccessible(visitor, name);
}

/** Fails if the page is wider than the window, and names what is too wide. */
async function assertFits(page, name) {
  const wide = await page.evaluate(() => {
    const window = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= window) return null;
    const all = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > window + 1);
    return all.map((e) => `${e.tagName}.${e.className}`).slice(0, 5).join(", ");
  });
  assert.equal(wide, null, `${name} is wider than the window: ${wide}`);
}

/** The elements of a page without its words: those of its contents, and the others. */
function skeletons() {
  const of = (e) => {
    const attributes = [...e.attributes].map(({ name, value }) => (["class", "type", "role", "scope", "lang"].includes(name) ? `${name}=${value}` : value ? name : `${name}=`));
    const hasWords = [...e.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    return `${e.tagName} ${attributes} ${hasWords} ${e.children.length}`;
  };
  return ["main, main *", ":not(main, main *)"].map((which) => [...document.querySelectorAll(which)].map(of).join("\n"));
}

async function assertAccessible({ page, cdp, size, theme }, name) {
  const digest = (text) => createHash("sha256").update(size + theme + text).digest("hex");
  const digests = (await page.evaluate(skeletons)).map(digest);
  if (digests.every((one) => looked.has(one))) return;
  digests.forEach((one) => looked.add(one));
  checked += 1;
  // A world of its own: the policy of the page holds no script of the browser back, and the page sees none of it.
  const { frameTree } = await cdp.send("Page.getFrameTree");
  const { executionContextId: contextId } = await cdp.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id, worldName: "axe" });
  await cdp.send("Runtime.evaluate", { contextId, expression: AXE });
  const found = `axe.run(document, ${JSON.stringify(RULES)}).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + " at " + target + ": " + failureSummary)))`;
  const { result, exceptionDetails } = await cdp.send("Runtime.evaluate", { contextId, expression: found, awaitPromise: true, returnByValue: true });
  assert.equal(exceptionDetails, undefined, `axe: ${JSON.stringify(exceptionDetails)}`);
  for (const violation of result.value.slice(0, 5)) complaints.add(`${name}, ${size}, ${theme}: axe: ${violation}`);
}
