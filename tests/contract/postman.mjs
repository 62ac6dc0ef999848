// Imports the document into a Postman collection, as docs/API-DESIGN.md says, and sends every read of it unchanged. Lists the
// reads that the service answers with 400. IKU_URL is the address of the service, IKU_TOKEN a token, DOCUMENT the document.
import { readFileSync } from "node:fs";
import Converter from "openapi-to-postmanv2";
import Postman from "postman-collection";

const OPTIONS = { parametersResolution: "Example", enableOptionalParameters: false };
const { IKU_URL, IKU_TOKEN, DOCUMENT } = process.env;
const document = JSON.parse(readFileSync(DOCUMENT, "utf8"));

function imported(data) {
  return new Promise((resolve, reject) =>
    Converter.convertV2({ type: "json", data }, OPTIONS, (error, { result, reason, output } = {}) =>
      error || !result ? reject(error ?? new Error(reason)) : resolve(new Postman.Collection(output[0].data)),
    ),
  );
}

/** Replaces the variables of the collection, as Postman does. */
function resolved(path, collection) {
  return path.replace(/\{\{(\w+)\}\}/g, (whole, name) => collection.variables.get(name) ?? whole);
}

async function refused(data) {
  const reads = [];
  const collection = await imported(data);
  collection.forEachItem(({ request }) => {
    if (request.method === "GET") reads.push(request);
  });
  const faults = [];
  for (const { url, headers } of reads) {
    const query = url.query.filter(({ disabled }) => !disabled).map(({ key, value }) => [key, value ?? ""]);
    const path = resolved(url.getPath(), collection) + (query.length ? `?${new URLSearchParams(query)}` : "");
    const answer = await fetch(IKU_URL + path, {
      headers: {
        Authorization: `Bearer ${IKU_TOKEN}`,
        ...Object.fromEntries(headers.filter(({ disabled }) => !disabled).map(({ key, value }) => [key, value])),
      },
    });
    const text = await answer.text();
    if (answer.status === 400) faults.push(`GET ${path}\n  ${text.slice(0, 300)}`);
  }
  return { reads: reads.length, faults };
}

const { reads, faults } = await refused(document);

// A list with a required parameter whose example is wrong. The gate must notice it.
const broken = structuredClone({ ...document, paths: { "/v1/reports": { get: document.paths["/v1/reports"].get } } });
const limit = { name: "limit", in: "query", required: true, example: 0, schema: { type: "integer" } };
broken.paths["/v1/reports"].get.parameters = [limit];
if ((await refused(broken)).faults.length !== 1) faults.push("the broken document was not noticed");

console.log([...faults, `${reads} reads, ${faults.length} faults`].join("\n"));
process.exitCode = faults.length || !reads ? 1 : 0;
