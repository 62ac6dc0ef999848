// Visits to Swagger UI on a desk (1366 px) and on a phone (390 px): sign in, read, record, reload, lose the token, sign out; and
// the sizes of the longest operations. Screenshots go into the folder of this script. The page must obey its Content-Security-Policy,
// send requests only to its host, log no unexpected error, and store nothing in the browser but the access token.
// IKU_PART selects one of the visits, for the mutants of swagger_ui_test.py.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const url = process.env.IKU_URL;
const readme = JSON.parse(process.env.IKU_README);
const folder = dirname(fileURLToPath(import.meta.url));
const SIZES = { desk: { width: 1366, height: 768 }, phone: { width: 390, height: 844 } };
const TALLEST = 2500;
const LONGEST = 25;
// Who comes: who pulls, who posts, who enters, who administers.
const ORDER = ["realisations", "responses", "reports", "users"];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  // For root, for containers, and without requests for updates.
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"],
});

const complaints = [];

/** A browser of a person who has never been here. */
async function visitor(size, host = url) {
  const context = await browser.newContext({ viewport: SIZES[size], isMobile: size === "phone", hasTouch: size === "phone" });
  // A busy machine takes long to open a large group.
  context.setDefaultTimeout(90_000);
  const page = await context.newPage();
  page.on("console", (message) => {
    const expected = /status of 4\d\d/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !expected) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${host}/`) && !request.url().startsWith("data:")) complaints.push(`left the host: ${request.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return page;
}

const picture = (page, name, options) => page.screenshot({ path: join(folder, `swagger-ui-${name}.png`), ...options });
const loaded = (page) => page.locator(".opblock-tag").first().waitFor();
const signInButton = (page) => page.locator(".auth-wrapper .authorize");

async function open(page, tag, operation) {
  const group = page.locator(`#operations-tag-${tag}`);
  if ((await group.getAttribute("data-is-open")) !== "true") await group.click();
  const block = page.locator(`#operations-${tag}-${operation}`);
  await block.waitFor();
  if (!(await block.getAttribute("class")).includes("is-open")) await block.locator(".opblock-summary-control").click();
  await block.locator(".execute").waitFor();
  return block;
}

/** Presses Execute of an operation, and returns the status that the page shows. */
async function execute(page, block, path = "/v1/") {
  const done = page.waitForResponse((response) => response.url().includes(path));
  await block.locator(".execute").click();
  await done;
  const status = block.locator(".live-responses-table .response .response-col_status").first();
  await status.waitFor();
  return (await status.innerText()).trim().split("\n")[0];
}

/** Fills a field of a form. */
async function fill(block, name, value) {
  const field = block.locator(`tr[data-property-name="${name}"]`).locator("input:not([type=checkbox]), select").first();
  const isChoice = (await field.evaluate((element) => element.tagName)) === "SELECT";
  await (isChoice ? field.selectOption(value) : field.fill(value));
}

async function assertHint(page, words) {
  const hint = page.locator("#hint");
  assert.ok(await hint.isVisible(), "the page says nothing about the token");
  assert.match(await hint.innerText(), words);
  assert.ok((await hint.boundingBox()).y >= 0, "the hint is in the window, wherever the person has scrolled");
}

async function signIn(page, kind, name, secret) {
  await page.locator(".sign-in").getByText(kind).click();
  await page.locator("#sign-in-name").fill(name);
  await page.locator("#sign-in-secret").fill(secret);
  await page.locator(".sign-in button[type=submit]").click();
}

/** Returns the token in the browser's storage, if there is one. Nothing else may be there. */
async function stored(page) {
  const [local, session, cookie] = await page.evaluate(() => [Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]);
  assert.deepEqual([local, cookie, await page.context().cookies()], [[], "", []]);
  if (session.length === 0) return null;
  assert.equal(session.length, 1, `stored: ${session.map(([key]) => key)}`);
  assert.match(session[0][1], /^[\w-]+\.[\w-]+\.[\w-]+$/, "an access token and nothing else");
  assert.equal(JSON.parse(atob(session[0][1].split(".")[0])).typ, "at+jwt");
  return session[0][1];
}

/** Fails if the page is wider than the window, and names what is too wide. */
async function assertFits(page, what) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth
    ? [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((e) => `${e.tagName}.${e.className}`).slice(0, 5)
    : null);
  assert.equal(wide, null, `${what} is wider than the window: ${wide}`);
}

async function visit(size) {
  const page = await visitor(size);
  await page.goto(`${url}/swagger-ui/`);
  await loaded(page);
  await picture(page, `${size}-open`, { fullPage: true });
  assert.match(await page.title(), /IKU .*mencoba.*try/);
  const icon = await page.locator("link[rel=icon]").getAttribute("href");
  assert.equal((await page.request.get(new URL(icon, page.url()).href)).status(), 200);
  await assertFits(page, "the page");
  const groups = await page.locator(".opblock-tag").evaluateAll((tags) => tags.map((tag) => tag.dataset.tag));
  const positions = ORDER.map((tag) => groups.indexOf(tag));
  assert.deepEqual(positions, [...positions].sort((a, b) => a - b), `the order of the groups: ${groups}`);
  assert.equal(positions[0], 0);

  // A search finds operations by their summary and method too.
  await page.locator(".operation-filter-input").fill("post record a report");
  assert.equal(await page.locator(".opblock-tag").count(), 0);
  await page.locator(".operation-filter-input").fill("record a report");
  assert.deepEqual(await page.locator(".opblock-tag").evaluateAll((tags) => tags.map((tag) => tag.dataset.tag)), ["reports"]);
  await page.locator(".operation-filter-input").fill("");

  // Without a token the page says so.
  const hint = page.locator("#hint");
  assert.equal(await hint.isVisible(), false);
  assert.equal(await execute(page, await open(page, "realisations", "listRealisations")), "401");
  await assertHint(page, /Anda belum masuk.*You are not signed in/);
  await hint.getByRole("button").click();

  // The dialog has a name and a secret, no boxes of scopes. A wrong secret is told, and stored nowhere.
  const dialog = page.getByRole("dialog");
  assert.equal(await dialog.locator("input[type=checkbox]").count(), 0);
  assert.equal(await dialog.locator("input:not([type=radio])").count(), 2);
  await signIn(page, "Program", "0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69", "rahasia-klien");
  await dialog.locator(".message").waitFor();
  await picture(page, `${size}-refused`);
  assert.equal(await stored(page), null);
  await assertFits(page, "the dialog");
  await signIn(page, "Orang", "admin", process.env.IKU_ADMIN_PASSWORD);
  await dialog.waitFor({ state: "detached" });
  assert.equal(await hint.isVisible(), false);
  assert.match(await signInButton(page).innerText(), /Sudah masuk/);
  assert.ok(await stored(page));

  assert.equal(await execute(page, await open(page, "reports", "listReports")), "200");
  // Operations with credentials of their own refuse those, and not the token of the page.
  assert.equal(await execute(page, await open(page, "health", "getMetrics"), "/metrics"), "401");
  const other = await open(page, "auth", "createToken");
  await fill(other, "grant_type", "client_credentials");
  await fill(other, "client_id", "0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69");
  await fill(other, "client_secret", "rahasia-klien");
  assert.equal(await execute(page, other), "401");
  assert.equal(await hint.isVisible(), false);
  assert.ok(await stored(page), "a refusal of other credentials signs nobody out");
  const create = await open(page, "reports", "createReport");
  // The second visitor finds the report of the first.
  assert.equal(await execute(page, create), size === "desk" ? "201" : "409");
  await assertFits(page, "an executed operation");
  await create.screenshot({ path: join(folder, `swagger-ui-${size}-executed.png`) });

  // A reload does not sign out. An ended token does, and the page says so in both languages.
  await page.reload();
  await loaded(page);
  const list = await open(page, "realisations", "listRealisations");
  assert.equal(await execute(page, list), "200");
  await page.request.post(`${url}/v1/auth/revoke`, { form: { token: await stored(page) } });
  assert.equal(await execute(page, list), "401");
  await assertHint(page, /masuk lagi.*sign in again/);
  await picture(page, `${size}-over`);
  assert.equal(await stored(page), null);

  await hint.getByRole("button").click();
  await signIn(page, "Orang", "admin", process.env.IKU_ADMIN_PASSWORD);
  await dialog.waitFor({ state: "detached" });
  const token = await stored(page);
  await signInButton(page).click();
  const revoked = page.waitForResponse((response) => response.url().endsWith("/v1/auth/revoke"));
  await dialog.getByText("Keluar / Sign out").click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await stored(page), null);
  await revoked;
  const me = await page.request.get(`${url}/v1/me`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(me.status(), 401, "to sign out ends the token");
  await page.context().close();
}

/** Returns the ids of the operations with the longest descriptions, parameters, bodies and examples, and of the longest of each
 * group. To open all takes minutes. */
async function longest(page) {
  const document = await (await page.request.get(`${url}/openapi.json`)).json();
  const target = (ref) => ref.slice(2).split("/").reduce((at, name) => at[name], document);
  const length = (part, depth = 0) => {
    if (typeof part !== "object" || part === null) return String(part).length;
    if (part.$ref) return depth > 8 ? 0 : length(target(part.$ref), depth + 1);
    return Object.values(part).reduce((sum, each) => sum + length(each, depth + 1), 10);
  };
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path)).filter((each) => each.operationId);
  const byLength = operations.map((each) => ({ id: `operations-${each.tags[0]}-${each.operationId}`, tag: each.tags[0], length: length(each) })).sort((one, other) => other.length - one.length);
  const ofGroups = new Map(byLength.toReversed().map(({ tag, id }) => [tag, id]));
  return new Set([...byLength.slice(0, LONGEST).map(({ id }) => id), ...ofGroups.values()]);
}

/** Opens the longest operations, a group at a time, and looks at them in both sizes. None is too high for a desk or too wide for a
 * phone, and a finger can press its button. Returns the height of each on a desk. */
async function measure() {
  const page = await visitor("desk");
  await page.goto(`${url}/swagger-ui/`);
  await loaded(page);
  const chosen = [...(await longest(page))];
  const heights = {};
  for (const group of await page.locator(".opblock-tag").all()) {
    await group.click();
    const section = page.locator(".opblock-tag-section.is-open");
    await section.locator(".opblock").first().waitFor();
    const opened = await section.locator(".opblock").evaluateAll((all, chosen) => {
      const these = all.filter(({ id }) => chosen.includes(id));
      these.forEach((each) => each.querySelector(".opblock-summary-control").click());
      return these.length;
    }, chosen);
    await page.waitForFunction((opened) => {
      const blocks = [...document.querySelectorAll(".opblock.is-open")];
      return blocks.length === opened && blocks.every((block) => block.querySelector(".execute") && block.querySelector(".response"));
    }, opened);
    for (const size of Object.keys(SIZES)) {
      await page.setViewportSize(SIZES[size]);
      const blocks = await section.locator(".opblock.is-open").evaluateAll((all) => all.map((block) => {
        const button = block.querySelector(".execute").getBoundingClientRect();
        return { id: block.id, height: block.getBoundingClientRect().height, left: button.left, right: button.right, button: button.height };
      }));
      for (const { id, height, left, right, button } of blocks) {
        assert.ok(left >= 0 && right <= SIZES[size].width && button >= 36, `${id}: Execute is from ${left} to ${right}, ${button} px high`);
        if (size === "desk") {
          assert.ok(height <= TALLEST, `${id} is ${Math.round(height)} px high`);
          heights[id] = height;
        }
      }
      await assertFits(page, `one of ${blocks.map(({ id }) => id)}`);
      const highest = blocks.reduce((one, other) => (one.height > other.height ? one : other));
      if (highest.height > TALLEST * 0.8) await page.locator(`#${highest.id}`).screenshot({ path: join(folder, `swagger-ui-${size}-${highest.id}.png`) });
    }
    await page.setViewportSize(SIZES.desk);
    await group.click();
    await section.waitFor({ state: "detached" });
  }
  await page.context().close();
  return heights;
}

/** What README says to a person who only looks. */
async function look() {
  const page = await visitor("desk", process.env.IKU_DEMO_URL);
  await page.goto(process.env.IKU_DEMO_URL + readme.path);
  await loaded(page);
  await page.getByRole("button", { name: readme.signIn, exact: true }).click();
  await signIn(page, "Orang", readme.username, readme.password);
  const block = page.locator(".opblock.is-open");
  await block.locator(`tr[data-param-name="${readme.parameter}"] input`).fill(readme.value);
  assert.equal(await execute(page, block), "200");
  const body = await block.locator(".live-responses-table .highlight-code").innerText();
  assert.equal(body.match(/"code": "paringin-iku-\d"/g).length, 5);
  await picture(page, "look");
  await page.context().close();
}

async function measureAll() {
  const heights = Object.entries(await measure()).sort(([, one], [, other]) => other - one);
  const [name, highest] = heights[0];
  console.log(`${heights.length} operations, the highest is ${name} with ${Math.round(highest)} px`);
  assert.ok(heights.length >= LONGEST, `only ${heights.length} operations`);
}

const parts = { desk: () => visit("desk"), phone: () => visit("phone"), look, sizes: measureAll };
for (const [name, part] of Object.entries(parts)) {
  if ([undefined, name].includes(process.env.IKU_PART)) await part();
}
await browser.close();
assert.deepEqual(complaints, []);
