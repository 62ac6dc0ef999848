// A phone that keeps each answer until the service has it. With Node 20.10 or later, IKU_CLIENT_ID and IKU_CLIENT_SECRET:
//   node phone.mjs add SURVEY '{"service": "ktp", "answers": {...}}'; node phone.mjs send
// In an app, load() and save() are its database; fetch is the same. docs/OFFLINE.md has the rules.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const SERVICE = (process.env.IKU_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const { IKU_CLIENT_ID: client_id, IKU_CLIENT_SECRET: client_secret } = process.env;
const FORM = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret });
const load = () => (existsSync("answers.json") ? JSON.parse(readFileSync("answers.json", "utf8")) : []);
const save = (answers) => {
  writeFileSync("answers.json.new", JSON.stringify(answers), { flush: true });
  renameSync("answers.json.new", "answers.json"); // A crash leaves the old file or the new one.
};
/** The id is made once and kept, so an answer that is sent again is not stored twice. */
export const add = (survey_id, answer) =>
  save([...load(), { id: randomUUID(), survey_id, answered_at: new Date().toISOString(), ...answer }]);

/** Sends a request again while that can help: after no whole response, 429 and 5xx. */
async function request(path, headers, body) {
  for (let pause = 1; ; pause *= 2) {
    let [wait, reason] = [pause];
    try {
      const response = await fetch(SERVICE + path, { method: "POST", headers, body, signal: AbortSignal.timeout(60_000) });
      const text = await response.text();
      if (response.status < 500 && response.status !== 429) return { status: response.status, text };
      [wait, reason] = [Number(response.headers.get("retry-after") ?? pause), text];
    } catch (error) { reason = error.cause ?? error; }
    if (pause > Number(process.env.IKU_PATIENCE ?? 64)) throw new Error(`The service does not answer, all answers are kept: ${reason}`);
    await new Promise((done) => setTimeout(done, 1000 * (wait + Math.random())));
  }
}
export async function send() {
  let [token, isRefused] = [null, false];
  const later = new Set(); // Deferred answers wait for the next round.
  for (let items; (items = load().filter(({ id, refused }) => !refused && !later.has(id)).slice(0, 100)).length; ) {
    if (!token) {
      const { status, text } = await request("/v1/auth/token", {}, FORM);
      if (status !== 200) throw new Error(`Sign-in failed, all answers are kept: ${text}`);
      token = JSON.parse(text).access_token;
    }
    const body = JSON.stringify({ sent_at: new Date().toISOString(), items });
    const { status, text } = await request("/v1/responses/batch", { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body);
    if (status === 401 && !isRefused) [token, isRefused] = [null, true]; // A token is valid for 15 minutes.
    else if (status !== 207) throw new Error(`Not accepted, all answers are kept: ${status} ${text}`);
    else for (const { id, outcome, errors, ignored } of JSON.parse(text).results) {
      isRefused = false;
      if (ignored) console.error(`${id} is stored without ${ignored.join(", ")}`); // Nothing to do: its scores count.
      if (["created", "already_stored", "quarantined"].includes(outcome)) save(load().filter((answer) => answer.id !== id));
      else if (["rejected", "conflict"].includes(outcome)) save(load().map((answer) => (answer.id === id ? { ...answer, refused: errors ?? outcome } : answer)));
      else later.add(id);
    }
  }
}

const [command, survey, answer] = process.argv.slice(2);
if (command === "add") add(survey, JSON.parse(answer));
if (command === "send") await send().catch((error) => { console.error(error.message); process.exitCode = 1; });
console.log(`${load().filter((a) => !a.refused).length} wait, ${load().filter((a) => a.refused).length} refused: a person must see them`);
