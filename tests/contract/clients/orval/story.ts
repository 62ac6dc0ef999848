// A program of the regency in TypeScript, with the client that orval makes from the document (docs/API-DESIGN.md).
// IKU_URL is the address of the service with the demonstration's records, IKU_CLIENT_ID and IKU_CLIENT_SECRET are those of a
// system, IKU_ADMIN_PASSWORD is the password of the user admin.
import assert from "node:assert/strict";
import * as iku from "./client/iku";
import { session } from "./http";

const { IKU_CLIENT_ID, IKU_CLIENT_SECRET, IKU_ADMIN_PASSWORD } = process.env as Record<string, string>;

async function signIn(form: Parameters<typeof iku.createToken>[0]): Promise<void> {
  const answer = await iku.createToken(form);
  assert.ok(answer.status === 200, JSON.stringify(answer.data));
  session.token = answer.data.access_token;
}

// Sign in as a system. Every later call has the token.
await signIn({ grant_type: "client_credentials", client_id: IKU_CLIENT_ID, client_secret: IKU_CLIENT_SECRET });
console.log("signed in");

// Pull the five values of the year.
const sheet = await iku.listRealisations({ period: "2025" });
assert.ok(sheet.status === 200, JSON.stringify(sheet.data));
const values = Object.fromEntries(sheet.data.items.map((one) => [one.indicator.code, one.value]));
assert.deepEqual(
  Object.keys(values).sort().map((code) => values[code]),
  [83.45, 95, 78.57, 89.29, 92.86],
);

// The types notice a wrong name.
// @ts-expect-error
void (() => iku.listRealisations({ periode: "2025" }));

// A mistake: the problem document has a code for the program.
const refused = await iku.getRealisation("nope", "2025");
assert.ok(refused.status === 404);
assert.equal(refused.data.code, "not_found");

// Operations outside the version have the same server.
const health = await iku.getLiveness();
assert.ok(health.status === 200);
assert.equal(health.data.status, "ok");

// Sign in as a person, and page through the villages.
await signIn({ grant_type: "password", username: "admin", password: IKU_ADMIN_PASSWORD });
const villages = new Set<string>();
for (let cursor: string | null | undefined; cursor !== null; ) {
  const page: iku.listVillagesResponse = await iku.listVillages({ limit: 5, ...(cursor && { cursor }) });
  assert.ok(page.status === 200, JSON.stringify(page.data));
  page.data.items.forEach((village) => villages.add(village.code));
  cursor = page.data.next_cursor;
}
assert.equal(villages.size, 16);

console.log("signed in, pulled, refused, followed: all as documented");
