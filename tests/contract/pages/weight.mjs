// What the first page costs, and single audits of Lighthouse that need no network: one run of the whole Lighthouse needs 176 MB of
// packages.
import assert from "node:assert/strict";
import { open, signIn, visit } from "./browser.mjs";

const MOST_BYTES = 100_000;
const YEAR_OF_SECONDS = 31_536_000;
const RUNS = 20;

/** Opens a page with an empty cache. Returns the bytes that came, with those of its files. */
async function weigh(visitor, path) {
  const { cdp } = visitor;
  let bytes = 0;
  const files = [];
  await cdp.send("Network.enable");
  await cdp.send("Network.clearBrowserCache");
  cdp.on("Network.responseReceived", ({ response }) => files.push(response));
  cdp.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await visitor.page.addInitScript(() => {
    self.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (self.shift += entry.value))).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (self.painted = entry.startTime))).observe({ type: "largest-contentful-paint", buffered: true });
  });
  const answer = await open(visitor, path);
  await visitor.page.waitForTimeout(300);
  assert.ok(bytes > 1000 && bytes < MOST_BYTES, `${path}: ${bytes} bytes came`);
  for (const { url, headers, mimeType } of files) {
    const header = (name) => Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
    const isPage = mimeType === "text/html";
    if (Number(header("content-length") || 1e6) > 1400 || isPage) assert.match(header("content-encoding"), /^(br|gzip|zstd)$/, `${url} is not compressed`);
    if (!isPage) assert.ok(Number(/max-age=(\d+)/.exec(header("cache-control"))?.[1]) >= YEAR_OF_SECONDS, `browsers do not keep ${url}`);
  }
  const found = await visitor.page.evaluate(() => ({
    shift: self.shift,
    painted: Math.round(self.painted),
    elements: document.querySelectorAll("*").length,
    mode: document.compatMode,
    viewport: document.querySelector("meta[name=viewport]")?.content,
    charset: document.characterSet,
    images: [...document.images].filter((image) => !image.hasAttribute("width") || !image.hasAttribute("height") || !image.naturalWidth).length,
    blocking: document.querySelectorAll("script[src]:not([defer], [async], [type=module])").length,
  }));
  const { painted, elements, ...rest } = found;
  assert.deepEqual(rest, { shift: 0, mode: "CSS1Compat", viewport: "width=device-width, initial-scale=1", charset: "UTF-8", images: 0, blocking: 0 });
  assert.ok(elements < 1400, `${path} has ${elements} elements`);
  assert.equal(answer.headers()["x-content-type-options"], "nosniff");
  console.log(`${path}: ${bytes} bytes in ${files.length} files, ${elements} elements, painted after ${painted} ms`);
}

/** Returns the median of the milliseconds that the service takes for a page. */
async function median(visitor, path) {
  const times = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { responseStart, requestStart } = (await open(visitor, path)).request().timing();
    times.push(responseStart - requestStart);
  }
  return times.sort((one, other) => one - other)[RUNS / 2];
}

export async function weighAll(url) {
  for (const size of ["desk", "phone"]) {
    const anybody = await visit(url, { size });
    await weigh(anybody, "/masuk");
    await anybody.context.close();
    const camat = await visit(url, { size });
    await signIn(camat, "camat");
    await weigh(camat, "/?periode=2025-Q4");
    if (size === "desk") console.log(`the overview: a median of ${(await median(camat, "/?periode=2025-Q4")).toFixed(1)} ms of ${RUNS} requests (debug build)`);
    await camat.context.close();
  }
}
