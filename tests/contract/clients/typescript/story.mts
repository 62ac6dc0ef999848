// A regency's program in TypeScript: the types come from the document (openapi-typescript), the calls from openapi-fetch.
// docs/API-DESIGN.md says how to make schema.d.ts. IKU_URL and IKU_ADMIN_PASSWORD say where the service is and who asks.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Problem = components["schemas"]["Problem"];

const api = createClient<paths>({ baseUrl: `${process.env["IKU_URL"]}/v1` });

/** What a call answered, or the problem document as an exception. */
function must<T>({ data, error }: { data?: T; error?: Problem }): T {
  if (error) throw new Error(`${error.status} ${error.code}: ${error.detail ?? error.title}`);
  return data as T;
}

// Sign in. The body is a form; every request after it carries the token, and asks for English.
const token = must(
  await api.POST("/auth/token", {
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

// Make a survey. The id is ours, so after a timeout the same request can be sent again.
const id = randomUUID();
must(
  await api.POST("/surveys", {
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

// Open it: only the one who has read the newest version may change it, and the ETag says which that was.
const read = await api.GET("/surveys/{id}", { params: { path: { id } } });
const etag = read.response.headers.get("ETag") ?? "";
const opened = must(
  await api.PATCH("/surveys/{id}", {
    params: { path: { id }, header: { "If-Match": etag } },
    body: { status: "open" },
    headers: { "Content-Type": "application/merge-patch+json" },
  }),
);
assert.equal(opened.status, "open");

// Post an answer, and read it back.
const answer = must(
  await api.POST("/surveys/{id}/responses", {
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

// Pull the indicators of the year. The answer counts at once: 30 of 36 points are an index of 83.33.
const sheet = must(await api.GET("/realisations", { params: { query: { period: "2025", district: "63.11.06" } } }));
const index = sheet.items.find((one) => one.indicator.code === "paringin-iku-1");
assert.equal(index?.value, 83.33);

// Ask again with the tag: 304 says that nothing changed, and costs next to nothing.
const one = { path: { code: "paringin-iku-1", period: "2025" } };
const first = await api.GET("/indicators/{code}/realisations/{period}", { params: one });
const again = await api.GET("/indicators/{code}/realisations/{period}", {
  params: one,
  headers: { "If-None-Match": first.response.headers.get("ETag") ?? "" },
});
assert.equal(again.response.status, 304);

// Follow a cursor to its end: every village comes once.
const villages = new Set<string>();
let cursor: string | null = null;
do {
  const page: components["schemas"]["VillagePage"] = must(
    await api.GET("/villages", { params: { query: { limit: 5, ...(cursor && { cursor }) } } }),
  );
  page.items.forEach((village) => villages.add(village.code));
  cursor = page.next_cursor;
} while (cursor);
assert.equal(villages.size, 16);

// A mistake: the problem document names each field, with a code to act on and words to show.
const { error, response } = await api.POST("/reports", {
  body: { village_code: "63.11.06.2005", kind: "lppd", fiscal_year: 2024, delivered_on: "soon" },
});
assert.equal(response.status, 400);
assert.equal(error?.code, "invalid_body");
assert.deepEqual(
  error?.errors?.map(({ pointer, code }) => [pointer, code]),
  [["#/delivered_on", "format"]],
);

console.log("signed in, answered, read, followed, not modified, refused: all as documented");
