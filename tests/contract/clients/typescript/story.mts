// A program of the regency in TypeScript: openapi-typescript makes the types from the document, openapi-fetch sends them.
// docs/API-DESIGN.md has the command that makes schema.d.ts. IKU_URL is the address of the service, IKU_ADMIN_PASSWORD the
// password of the user admin.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Problem = components["schemas"]["Problem"];

const api = createClient<paths>({ baseUrl: process.env["IKU_URL"] ?? "" });

/** What a call answered, or the problem document as an exception. */
function must<T>({ data, error }: { data?: T; error?: Problem }): T {
  if (error) throw new Error(`${error.status} ${error.code}: ${error.detail ?? error.title}`);
  return data as T;
}

// Sign in with a form. Every later request has the token and asks for English.
const token = must(
  await api.POST("/v1/auth/token", {
    body: { grant_type: "password", username: "admin", password: process.env["IKU_ADMIN_PASSWORD"] ?? "" },
    bodySerializer: (body) => new URLSearchParams(Object.entries(body).map(([name, value]) => [name, String(value)])),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  }),
);
api.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${token.access_token}`);
    request.headers.set("Accept-Language", "en");
  },
});
console.log("signed in");

// Create a survey. We choose the id, so we can send the same request again after a timeout.
const id = randomUUID();
must(
  await api.POST("/v1/surveys", {
    body: {
      id,
      district_code: "63.11.06",
      title: "SKM Triwulan II 2025",
      section: "pelayanan-kessos",
      questionnaire: "skm-9",
      starts_on: "2025-04-01",
      ends_on: "2025-06-30",
    },
  }),
);

// Open it. The ETag names the version that we read; the service refuses the change if there is a newer version.
const read = await api.GET("/v1/surveys/{id}", { params: { path: { id } } });
const etag = read.response.headers.get("ETag") ?? "";
const opened = must(
  await api.PATCH("/v1/surveys/{id}", {
    params: { path: { id }, header: { "If-Match": etag } },
    body: { status: "open" },
    headers: { "Content-Type": "application/merge-patch+json" },
  }),
);
assert.equal(opened.status, "open");

// Post an answer, and read it back.
const answer = must(
  await api.POST("/v1/surveys/{id}/responses", {
    params: { path: { id } },
    body: {
      answered_at: "2025-06-10T09:00:00+08:00",
      service: "ktp",
      answers: {
        persyaratan: 3, prosedur: 3, waktu: 3, biaya: 4, produk: 3, kompetensi: 3, perilaku: 4, sarana: 3, pengaduan: 4,
      },
    },
  }),
);
assert.equal(answer.answers.biaya, 4);

// Get the indicators of the year. The answer counts at once: 30 of 36 points are an index of 83.33.
const sheet = must(await api.GET("/v1/realisations", { params: { query: { period: "2025", district_code: "63.11.06" } } }));
const index = sheet.items.find((one) => one.indicator.code === "paringin-iku-1");
assert.equal(index?.value, 83.33);

// The types notice a wrong name.
// @ts-expect-error
void (() => api.GET("/v1/realisations", { params: { query: { periode: "2025" } } }));

// Ask again with the tag. 304 means that nothing changed; it is very cheap.
const one = { path: { code: "paringin-iku-1", period: "2025" } };
const first = await api.GET("/v1/indicators/{code}/realisations/{period}", { params: one });
const again = await api.GET("/v1/indicators/{code}/realisations/{period}", {
  params: one,
  headers: { "If-None-Match": first.response.headers.get("ETag") ?? "" },
});
assert.equal(again.response.status, 304);

// Follow the cursor to the last page: every village appears once.
const villages = new Set<string>();
let cursor: string | null = null;
do {
  const page: components["schemas"]["VillagePage"] = must(
    await api.GET("/v1/villages", { params: { query: { limit: 5, ...(cursor && { cursor }) } } }),
  );
  page.items.forEach((village) => villages.add(village.code));
  cursor = page.next_cursor;
} while (cursor);
assert.equal(villages.size, 16);

// A mistake: the problem document lists each wrong field, with a code for the program and a text for people.
const { error, response } = await api.POST("/v1/reports", {
  body: { village_code: "63.11.06.2005", kind: "lppd", fiscal_year: 2024, delivered_on: "soon" },
});
assert.equal(response.status, 400);
assert.equal(error?.code, "invalid_body");
assert.deepEqual(
  error?.errors?.map(({ pointer, code }) => [pointer, code]),
  [["#/delivered_on", "format"]],
);

console.log("signed in, answered, read, followed, not modified, refused: all as documented");
