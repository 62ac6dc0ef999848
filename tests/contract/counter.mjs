// A citizen at the counter, in a browser of a phone: the form with and without JavaScript, twenty answers without a network, and
// the way back. The page must obey its Content-Security-Policy, send requests only to its host, and set no cookie. Screenshots go
// into the folder of this script.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const { IKU_URL: url, IKU_CODE: code, IKU_TOKEN: token, IKU_SURVEY: survey, IKU_LINK: link } = process.env;
const folder = dirname(fileURLToPath(import.meta.url));
const address = `${url}/s/${code}`;
const OFFLINE = 20;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"],
});
const complaints = [];

async function visitor(options = {}) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: "id-ID", ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.on("console", (message) => {
    const expected = /ERR_INTERNET_DISCONNECTED|Failed to load resource/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !expected) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`) && !request.url().startsWith("data:")) complaints.push(`left the host: ${request.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return page;
}

const picture = (page, name) => page.screenshot({ path: join(folder, `counter-${name}.png`), fullPage: true });

/** Fails if the page is wider than the window. */
async function assertFits(page, what) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= window, `${what} is ${wide} px wide in a window of ${window} px`);
}

/** Presses an answer to every question: its number in base four. */
async function choose(page, number) {
  const questions = await page.locator(".question").all();
  for (const [place, question] of questions.entries()) {
    await question.locator(".answer").nth(Math.floor(number / 4 ** place) % 4).click();
  }
}

/** Moves the page's own clock on, as if somebody had read the questions. */
const read = (page) => page.evaluate(() => { const now = performance.now.bind(performance); performance.now = () => now() + 60_000; });

async function api(path) {
  const response = await fetch(url + path, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(response.status, 200, path);
  return response.json();
}
const stored = async () => (await api(`/v1/surveys/${survey}/responses?client_id=${link}&limit=100`)).items;
const held = async () => (await api(`/v1/held-responses?client_id=${link}&limit=100`)).items;

/** Every answer of the link, counted or held, by its id. */
const all = async () => [...(await stored()).map(({ id }) => id), ...(await held()).map(({ response_id }) => response_id)];

async function looks() {
  for (const [name, options] of Object.entries({
    "360-light": {},
    "360-dark": { colorScheme: "dark" },
    "1366-light": { viewport: { width: 1366, height: 768 }, isMobile: false },
    "1366-dark": { viewport: { width: 1366, height: 768 }, isMobile: false, colorScheme: "dark" },
  })) {
    const page = await visitor(options);
    await page.goto(address);
    await choose(page, 200_000);
    await assertFits(page, name);
    const small = await page.locator(".answer span, button[type=submit], summary").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height).filter((height) => height < 44));
    assert.deepEqual(small, [], "a thumb presses every answer");
    await picture(page, name);
    await page.goto(`${address}?bahasa=en`);
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await picture(page, `${name}-english`);
    await page.context().close();
  }
}

async function withoutScript() {
  const page = await visitor({ javaScriptEnabled: false });
  await page.goto(address);
  await page.locator("button[type=submit]").click();
  assert.equal(await page.locator(".fault").count(), 9);
  await picture(page, "faults");
  await choose(page, 1);
  await page.locator("button[type=submit]").click();
  assert.equal(await page.locator("h1").innerText(), "Terima kasih");
  await picture(page, "thanks");
  await page.getByRole("link", { name: /Isi lagi/ }).click();
  assert.equal(await page.locator(".question").count(), 9);
  assert.deepEqual(await page.context().cookies(), []);
  await page.context().close();
  assert.equal((await all()).length, 1);
}

async function withScript() {
  const page = await visitor();
  await page.goto(address);
  // Too few answers: the page says so beside the questions, and sends nothing.
  await page.locator("button[type=submit]").click();
  assert.equal(await page.locator(".fault").count(), 9);
  await choose(page, 2);
  await read(page);
  await page.locator("button[type=submit]").dblclick();
  await page.getByText("Jawaban Anda sudah diterima.").waitFor();
  assert.equal((await all()).length, 2);
  assert.deepEqual(await page.context().cookies(), []);
  await page.context().close();
}

async function offline() {
  const before = new Set(await all());
  const page = await visitor();
  await page.goto(address);
  await page.locator("body[data-kept=yes]").waitFor();
  await page.context().setOffline(true);
  // The form opens again without a network.
  await page.reload();
  for (let n = 0; n < OFFLINE; n += 1) {
    await choose(page, 1000 + n);
    await read(page);
    await page.locator("button[type=submit]").click();
    await page.getByText(`Belum terkirim: ${n + 1}`).waitFor();
    await page.locator("#thanks").waitFor();
    if (n === 2) await picture(page, "offline");
    await page.locator("#again").click();
  }
  // The answers are on the disk: another page of the phone has them too.
  await page.reload();
  await page.getByText(`Belum terkirim: ${OFFLINE}`).waitFor();
  assert.equal((await all()).length, before.size);
  // A network that loses the reply: the answers are stored, and the phone does not know it.
  let isLost = true;
  await page.route("**/jawaban?*", async (route) => {
    if (!isLost) return route.continue();
    isLost = false;
    await route.fetch();
    await route.abort();
  });
  await page.context().setOffline(false);
  const deadline = Date.now() + 60_000;
  while (await page.locator("#waiting").isVisible()) {
    assert.ok(Date.now() < deadline, "answers still wait");
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await page.waitForTimeout(200);
  }
  const now = await all();
  assert.equal(now.length, before.size + OFFLINE, "each answer is stored once");
  assert.equal(new Set(now).size, now.length);
  // The phone keeps nothing.
  await page.reload();
  assert.equal(await page.locator("#waiting").isVisible(), false);
  await page.context().close();
}

await looks();
await withoutScript();
await withScript();
await offline();
await browser.close();
assert.deepEqual(complaints, []);
console.log(`${(await all()).length} answers, ${OFFLINE} of them without a network`);
