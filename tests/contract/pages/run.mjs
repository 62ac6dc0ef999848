// Runs the parts of IKU_PARTS on the demonstrations of IKU_URLS (their names and addresses); all of them without IKU_PARTS.
// walks: the main tasks, in both sizes, with scripts and without. screens: every screen of every person. weight: the first page.
// print: the tables on paper. pictures: a picture of every screen, into the folder IKU_PICTURES.
import assert from "node:assert/strict";
import { browser, checked, complaints, signIn, visit } from "./browser.mjs";
import { lookAtAll, takeAll } from "./screens.mjs";
import { print, walk } from "./walk.mjs";
import { weighAll } from "./weight.mjs";

const urls = Object.entries(JSON.parse(process.env.IKU_URLS));
const seeds = JSON.parse(process.env.IKU_SEEDS ?? "{}");
const only = process.env.IKU_PEOPLE?.split(" ");
const [[, first]] = urls;

/**
 * The walks of a database, one after the other. Size, scripts and database make eight; two walks a database have each pair of
 * them, so the others are for the long form. axe looks along where scripts run.
 */
async function walks() {
  const ofDatabase = async ([name, url], second) => {
    const some = [["desk", !second], ["phone", Boolean(second)]];
    const others = some.map(([size, scripts]) => [size, !scripts]);
    for (const [size, scripts] of process.env.IKU_LONG ? [...some, ...others] : some) {
      const what = `${name}-${size}${scripts ? "" : "-without-scripts"}`;
      const theme = size === "phone" ? "dark" : "light";
      await walk(url, what, { size, scripts, theme, accessible: scripts }, `${process.env.IKU_FOLDER}/pages-${what}.pdf`);
      if (process.env.IKU_WALKS === "one") return;
    }
  };
  await Promise.all(urls.map(ofDatabase));
}

/** The tables on paper, without the walk. */
async function paper() {
  const visitor = await visit(first);
  await signIn(visitor, "camat");
  await print(visitor, `${process.env.IKU_FOLDER}/pages-print.pdf`);
}

const parts = {
  weight: () => weighAll(first),
  screens: async () => console.log(`${await lookAtAll(first, seeds, only)} screens of persons`),
  walks,
  print: paper,
  pictures: async () => console.log(`${await takeAll(first, seeds, only, process.env.IKU_PICTURES)} screens of persons`),
};
// Side by side, because each waits for the service most of the time. The weight is measured alone.
const timed = async (name) => {
  const begin = performance.now();
  await parts[name]();
  console.log(`${name}: ${Math.round((performance.now() - begin) / 1000)} s`);
};
const names = (process.env.IKU_PARTS ?? "weight screens walks").split(" ");
if (names[0] === "weight") await timed(names.shift());
await Promise.all(names.map(timed));
await browser.close();
console.log(`axe has looked at ${checked} different pages`);
assert.deepEqual([...complaints], []);
