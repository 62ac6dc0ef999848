// A program of the regency in TypeScript, with the client that @hey-api/openapi-ts makes from the document.
// docs/API-DESIGN.md has the command that makes client/. IKU_URL is the address of the service with the demonstration's
// records, IKU_CLIENT_ID and IKU_CLIENT_SECRET are those of a system, IKU_ADMIN_PASSWORD is the password of the user admin.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import * as iku from "./client";
import { client } from "./client/client.gen";

const { IKU_URL, IKU_CLIENT_ID, IKU_CLIENT_SECRET, IKU_ADMIN_PASSWORD } = process.env as Record<string, string>;
client.setConfig({ baseUrl: IKU_URL ?? "" });

/** What a call answered, or the problem document as an exception. */
function must<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (error !== undefined || data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

// Sign in as a system. Every later call has the token.
let token = must(
  await iku.createToken({
    body: { grant_type: "client_credentials", client_id: IKU_CLIENT_ID, client_secret: IKU_CLIENT_SECRET },
  }),
);
client.setConfig({ auth: () => token.access_token });
console.log("signed in");

// Pull the five values of the year.
const sheet = must(await iku.listRealisations({ query: { period: "2025" } }));
const values = Object.fromEntries(sheet.items.map((one) => [one.indicator.code, one.value]));
assert.deepEqual(
  Object.keys(values).sort().map((code) => values[code]),
  [83.45, 95, 78.57, 89.29, 92.86],
);

// The types notice a wrong name.
// @ts-expect-error
void (() => iku.listRealisations({ query: { periode: "2025" } }));

// One of them, and how it came about.
const path = { code: "paringin-iku-1", period: "2025" };
assert.equal(must(await iku.getRealisation({ path })).grade?.letter, "B");
assert.equal(must(await iku.getRealisationExplanation({ path })).realisation.value, 83.45);

// The indicators with their formulas, and the versions of one.
const kinds = must(await iku.listIndicators()).items.map((one) => one.formula.kind);
assert.ok(kinds.includes("survey_index") && kinds.includes("report_delivery"));
assert.ok(must(await iku.listIndicatorVersions({ path: { code: "paringin-iku-1" } })).items.length > 0);

// A mistake: the problem document has a code for the program.
const { error, response } = await iku.getRealisation({ path: { code: "nope", period: "2025" } });
assert.equal(response?.status, 404);
assert.equal(error?.code, "not_found");

// Operations outside the version have the same server.
assert.equal(must(await iku.getLiveness()).status, "ok");
assert.ok(must(await iku.getProblemKinds()).items.length > 20);

// Sign in as a person, and page through the villages.
token = must(await iku.createToken({ body: { grant_type: "password", username: "admin", password: IKU_ADMIN_PASSWORD } }));
const villages = new Set<string>();
for (let cursor: string | null | undefined; cursor !== null; ) {
  const page: iku.VillagePage = must(await iku.listVillages({ query: { limit: 5, ...(cursor && { cursor }) } }));
  page.items.forEach((village) => villages.add(village.code));
  cursor = page.next_cursor;
}
assert.equal(villages.size, 16);

// Create a survey, open the version that we read, and post an answer.
const id = randomUUID();
const survey = {
  id,
  district_code: "63.11.06",
  title: "SKM Triwulan II 2025",
  section: "pelayanan-kessos",
  starts_on: "2025-04-01",
  ends_on: "2025-06-30",
} as const;
must(await iku.createSurvey({ body: survey }));
const read = await iku.getSurvey({ path: { id } });
const headers = { "If-Match": read.response?.headers.get("ETag") ?? "" };
assert.equal(must(await iku.updateSurvey({ path: { id }, headers, body: { status: "open" } })).status, "open");
const answers = {
  persyaratan: 3, prosedur: 3, waktu: 3, biaya: 4, produk: 3, kompetensi: 3, perilaku: 4, sarana: 3, pengaduan: 4,
};
const body = { answered_at: "2025-06-10T09:00:00+08:00", service: "ktp", answers };
assert.equal(must(await iku.createResponse({ path: { id }, body })).answers.biaya, 4);

console.log("signed in, pulled, explained, refused, followed, answered: all as documented");
