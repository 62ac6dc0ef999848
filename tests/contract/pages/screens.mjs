// Every screen of every person: the pages that links lead to from the overview, and those of the matrix of tests/it/pages.
import assert from "node:assert/strict";
import { SIZES, look, open, signIn, visit } from "./browser.mjs";

const PEOPLE = [
  "camat", "sekretaris", "kasi.pelayanan", "kasi.pmd", "kasi.trantibum", "kasi.pemerintahan", "kasi.pembinaan", "inspektorat", "administrator",
  "sakip", "surveyor",
];
/** The last year of the demonstration, and this one, which has nothing yet. */
const FULL = "2025";
const EMPTY = String(new Date().getFullYear());
/** An address without a page. */
const NOWHERE = "/kasus/x";
const FILE = /^\/(berkas|lembar\/contoh|bahasa|aset|swagger-ui|keluar)\b|\.(json|jwt|csv|xlsx)$/;

/** Returns the name of the screen of an address. Addresses that differ in a record, a village or a page of a list are one screen;
 * `looks`, the class of the link, says in which state a report is. Returns null for what is no screen, and for a year and a quarter
 * like others. */
function screen(address, looks) {
  const { pathname, searchParams } = new URL(address, "http://x");
  if (FILE.test(pathname)) return null;
  const [, ...parts] = pathname.split("/").map((part) => (/^([0-9a-f-]{36}|\d\d(\.\d+)+)$/.test(part) ? "_" : part));
  const time = ["periode", "tahun"].map((name) => searchParams.get(name)).find(Boolean);
  for (const [, year, quarter] of [...parts, time ?? ""].join("/").matchAll(/\b(20\d\d)(?:-Q(\d))?\b/g)) {
    if (![FULL, EMPTY].includes(year) || (quarter ?? "4") !== "4") return null;
  }
  // The indicators differ on their own page alone, and only if they have a value.
  const isIndicator = parts[0] === "iku" && parts.length === 3 && parts[2].startsWith(FULL);
  if (parts[0] === "laporan" && parts.length > 2) parts[2] = "_";
  if (parts[0] === "iku" && !isIndicator) parts[1] = "_";
  const state = /\bcell (\w+)/.exec(looks)?.[1];
  const isList = searchParams.has("status") ? "status" : "";
  return [...parts, time?.startsWith(FULL) ? FULL : "", isList, state].filter(Boolean).join(".") || "beranda";
}

/** Visits every screen of a person. */
async function ofPerson(url, person, seeds, options, each) {
  const visitor = await visit(url, options);
  const { page } = visitor;
  await signIn(visitor, person);
  const queue = ["/", NOWHERE, ...seeds].map((path) => [path, screen(path, "")]);
  const known = new Set();
  for (const [path, name] of queue) {
    if (name === null || known.has(name)) continue;
    known.add(name);
    const answer = await open(visitor, path);
    assert.ok(answer.status() === 200 || path === NOWHERE, `${person}: a link leads to ${path}, which is ${answer.status()}`);
    await each(visitor, name);
    const links = await page.locator("a[href^='/']").evaluateAll((all) => all.map((a) => [a.getAttribute("href"), a.className]));
    for (const [href, looks] of links) {
      const other = screen(href, looks);
      if (other !== null && !known.has(other)) queue.push([href, other]);
    }
  }
  await visitor.context.close();
  return known.size;
}

/** Looks at every screen of every person: on a desk in light colours, on a phone in dark ones. Returns how many there are. `seeds`:
 * the paths that a person may see, by name. */
export async function lookAtAll(url, seeds, only) {
  let count = 0;
  for (const person of only ?? PEOPLE) {
    count += await ofPerson(url, person, seeds[person] ?? [], { accessible: true }, async (visitor, name) => {
      for (const [size, theme] of [["desk", "light"], ["phone", "dark"]]) {
        await show(visitor, size, theme);
        await look(visitor, `${person} ${name}`);
      }
    });
  }
  return count;
}

/** Makes a picture of every screen of every person, in both sizes and both themes, and for two of them in English too. */
export async function takeAll(url, seeds, only, pictures) {
  let count = 0;
  const all = [...PEOPLE.map((person) => [person, "id"]), ["camat", "en"], ["kasi.pemerintahan", "en"]];
  for (const [person, lang] of all.filter(([person]) => only?.includes(person) ?? true)) {
    const folder = `${pictures}/${person}${lang === "en" ? "-en" : ""}`;
    count += await ofPerson(url, person, seeds[person] ?? [], { lang, pictures: folder }, async (visitor, name) => {
      for (const size of Object.keys(SIZES)) {
        for (const theme of ["light", "dark"]) {
          await show(visitor, size, theme);
          await look(visitor, name);
        }
      }
    });
  }
  return count;
}

/** Changes the window and the theme of a page that is open. */
async function show(visitor, size, theme) {
  await visitor.page.setViewportSize(SIZES[size]);
  await visitor.page.emulateMedia({ colorScheme: theme });
  Object.assign(visitor, { size, theme });
}
