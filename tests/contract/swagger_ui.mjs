// A first visit to Swagger UI: authorize, read, record, reload. Screenshots go into the folder that this runs in. The page must
// stay within its Content-Security-Policy and on its host, log no error, and store no secret in the browser.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const url = process.env.IKU_URL;
const folder = dirname(fileURLToPath(import.meta.url));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  // As root, in a container, and without asking for updates.
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });

const complaints = [];
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
});
page.on("pageerror", (error) => complaints.push(`script: ${error}`));
page.on("request", (request) => {
  if (!request.url().startsWith(`${url}/`) && !request.url().startsWith("data:")) complaints.push(`left the host: ${request.url()}`);
});
await page.addInitScript(() => {
  document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
});

const picture = (name) => page.screenshot({ path: join(folder, `swagger-ui-${name}.png`) });

/** Opens a group and an operation in it, presses Execute, and gives the status that the page shows. */
async function execute(tag, operation) {
  const group = page.locator(`#operations-tag-${tag}`);
  if ((await group.getAttribute("data-is-open")) !== "true") await group.click();
  const block = page.locator(`#operations-${tag}-${operation}`);
  await block.waitFor();
  if (!(await block.getAttribute("class")).includes("is-open")) await block.locator(".opblock-summary-control").click();
  await block.locator(".execute").click();
  const status = block.locator(".live-responses-table .response .response-col_status").first();
  await status.waitFor();
  await block.scrollIntoViewIfNeeded();
  return (await status.innerText()).trim().split("\n")[0];
}

/** The browser's storage and cookies outlive the sign-in, so they must hold no password, secret or token. */
async function assertNothingStored() {
  const stored = await page.evaluate(() => [Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]);
  assert.deepEqual(stored, [[], [], ""]);
  assert.deepEqual(await page.context().cookies(), []);
}

await page.goto(`${url}/`);
await page.locator(".opblock-tag").first().waitFor();
await picture("open");

// Authorize: name and password and nothing else; without a choice of scopes the token has all that the role has.
await page.locator(".auth-wrapper .authorize").click();
const dialog = page.locator(".dialog-ux");
const people = dialog.locator(".auth-container").filter({ has: page.locator("#oauth_username") });
await people.locator("#oauth_username").fill("admin");
await people.locator("#oauth_password").fill(process.env.IKU_ADMIN_PASSWORD);
await picture("authorize");
await people.locator(".auth-btn-wrapper .authorize").click();
await dialog.getByText("Logout").waitFor();
await picture("authorized");
await dialog.locator(".btn-done").first().click();
await assertNothingStored();

assert.equal(await execute("reports", "listReports"), "200");
assert.equal(await execute("reports", "createReport"), "201");
await picture("executed");

// A secret of a client is not stored either.
await page.locator(".auth-wrapper .authorize").click();
const clients = dialog.locator(".auth-container").filter({ has: page.locator("#client_id_clientCredentials") }).last();
await clients.locator("#client_id_clientCredentials").fill("0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69");
await clients.locator("#client_secret_clientCredentials").fill("rahasia-klien");
await dialog.locator(".btn-done").first().click();
await assertNothingStored();

// A reload signs out: whoever opens the page next signs in anew.
await page.reload();
await page.locator(".opblock-tag").first().waitFor();
assert.equal(await execute("realisations", "listRealisations"), "401");
await assertNothingStored();
await picture("reloaded");

await browser.close();
// The browser reports the 401 after the reload as well.
assert.deepEqual(complaints.filter((complaint) => !complaint.includes("401 (Unauthorized)")), []);
console.log("authorized, read, recorded, stored nothing, signed out by a reload");
