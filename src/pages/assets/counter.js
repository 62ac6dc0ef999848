"use strict";
// The form of a survey link without a signal. An answer gets its id when it is filled in, is on the phone's disk before the person
// is thanked, and leaves the phone only after a final outcome (docs/OFFLINE.md). Without IndexedDB the form is sent as any form is.
const { code, lang } = document.body.dataset;
const FINAL = ["created", "already_stored", "conflict", "rejected", "quarantined"];
const MOST = 20, LONGEST_WAIT = 300_000;

// ---- the queue on the phone

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const database = (() => {
  try {
    const opening = indexedDB.open("iku-counter", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("answers", { keyPath: "answer.id" });
    return done(opening);
  } catch (error) {
    return Promise.reject(error);
  }
})();
database.catch(() => {});

/** Resolves when the change is on the disk. */
async function change(work) {
  const transaction = (await database).transaction("answers", "readwrite", { durability: "strict" });
  const finished = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  work(transaction.objectStore("answers"));
  await finished;
}

async function waiting() {
  const all = await done((await database).transaction("answers").objectStore("answers").getAll());
  return all.sort((one, other) => one.order - other.order);
}

let lost = 0;
async function show() {
  const count = (await waiting()).length, place = document.getElementById("waiting");
  const texts = [count && `${place.dataset.waiting}: ${count}`, lost && `${place.dataset.lost}: ${lost}`].filter(Boolean);
  place.textContent = texts.join(" · ");
  place.hidden = texts.length === 0;
}

// ---- sending

let sending = false, failures = 0, timer = 0;
/** Sends some answers to one link. Returns how many are settled; throws if nobody can know. */
async function send(link, items) {
  const answers = items.map(({ answer, started, seconds, slip }) => ({ answer, started, seconds, slip }));
  const body = JSON.stringify({ sent_at: new Date().toISOString(), items: answers });
  const headers = { "Content-Type": "application/json" };
  const options = { method: "POST", headers, body, signal: AbortSignal.timeout?.(60_000) };
  const response = await fetch(`/s/${link}/jawaban?bahasa=${lang}`, options);
  if (response.status !== 207) throw Object.assign(new Error(response.status), { after: Number(response.headers.get("Retry-After")) || 0 });
  const { results } = await response.json();
  // Anything else is no reply of the service.
  if (results.length !== items.length || results.some(({ id }, at) => id !== items[at].answer.id)) throw new Error("other ids");
  const settled = results.filter(({ outcome }) => FINAL.includes(outcome));
  await change((store) => settled.forEach(({ id }) => store.delete(id)));
  lost += settled.filter(({ outcome }) => outcome === "rejected").length;
  return settled.length;
}

/** Sends what waits, first a few, then more; halves after a failure, and leaves out an answer that fails alone. */
async function flush() {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  let after = 0, failed = false;
  try {
    let size = 8;
    const tried = new Set();
    for (;;) {
      const open = (await waiting()).filter(({ answer }) => !tried.has(answer.id));
      if (open.length === 0) break;
      const items = open.filter(({ link }) => link === open[0].link).slice(0, size);
      try {
        await send(open[0].link, items);
        // What is deferred waits for a later round.
        items.forEach(({ answer }) => tried.add(answer.id));
        [size, failures] = [Math.min(size * 2, MOST), 0];
      } catch (error) {
        [after, failed] = [error.after ?? 0, true];
        if (!navigator.onLine || error instanceof TypeError || after > 0) break;
        if (items.length === 1) tried.add(items[0].answer.id);
        size = Math.max(1, size >> 1);
      }
      await show();
    }
    const rest = (await waiting()).length;
    if (rest > 0) {
      failures = failed ? failures + 1 : failures;
      const wait = Math.max(Math.min(1000 * 2 ** failures, LONGEST_WAIT), failed ? after * 1000 : 60_000);
      timer = setTimeout(flush, wait * (1 + Math.random() / 2));
    }
  } catch { /* Without a queue nothing waits. */ } finally {
    sending = false;
    await show().catch(() => {});
  }
}

addEventListener("online", flush);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
flush();

// ---- filling in

/** A random UUID; `crypto.randomUUID` needs HTTPS. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  [bytes[6], bytes[8]] = [(bytes[6] & 15) | 64, (bytes[8] & 63) | 128];
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

const form = document.querySelector("form"), thanks = document.getElementById("thanks");
let opened = performance.now();

function missing(questions) {
  const open = questions.filter((question) => !question.querySelector(":checked"));
  const isFew = questions.length - open.length < Number(form.dataset.needed);
  document.getElementById("few").hidden = !isFew;
  for (const question of questions) {
    const has = isFew && open.includes(question);
    question.classList.toggle("has-fault", has);
    question.querySelector(".fault")?.remove();
    if (has) {
      const fault = Object.assign(document.createElement("p"), { className: "fault", textContent: `! ${form.dataset.few}` });
      question.querySelector("legend").after(fault);
    }
  }
  return isFew ? open : [];
}

function filled() {
  const data = new FormData(form), text = (name) => String(data.get(name) ?? "").trim() || undefined;
  const questions = [...form.querySelectorAll(".question")].map(({ id }) => id.slice(2));
  const answers = Object.fromEntries(questions.filter(text).map((name) => [name, Number(text(name))]));
  const age = Number(text("age")) || undefined;
  const about = { gender: text("gender"), age, education: text("education"), occupation: text("occupation") };
  const answer = {
    survey_id: form.dataset.survey, id: uuid(), answers, answered_at: new Date().toISOString(),
    service: text("service"), village_code: text("village_code"), comment: text("comment"),
    respondent: Object.values(about).some(Boolean) ? about : undefined,
  };
  const seconds = Math.floor((performance.now() - opened) / 1000);
  return { answer, link: code, order: Date.now(), started: text("started"), seconds, slip: text("slip") };
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (form.dataset.sent) return;
  const open = missing([...form.querySelectorAll(".question")]);
  if (open.length > 0) return open[0].scrollIntoView({ block: "center" }), open[0].querySelector("input").focus({ preventScroll: true });
  form.dataset.sent = "yes";
  const item = filled();
  try {
    await change((store) => store.add(item));
  } catch {
    return form.submit();
  }
  document.getElementById("form").hidden = true;
  thanks.hidden = false;
  thanks.focus();
  scrollTo(0, 0);
  await show();
  await flush();
  const isSent = (await waiting()).every(({ answer }) => answer.id !== item.answer.id);
  const words = thanks.querySelector("[data-sent]");
  words.textContent = isSent ? words.dataset.sent : words.dataset.kept;
});

document.getElementById("again")?.addEventListener("click", () => {
  form.reset();
  delete form.dataset.sent;
  const slip = document.getElementById("slip");
  if (slip) slip.value = "";
  opened = performance.now();
  thanks.hidden = true;
  document.getElementById("form").hidden = false;
  scrollTo(0, 0);
  document.getElementById("isi").focus();
});

// ---- the copy for the next visit

if (form && "serviceWorker" in navigator) {
  navigator.serviceWorker.register("/s/sw.js", { scope: "/s/" }).then(() => navigator.serviceWorker.ready).then(async () => {
    if (new URL(location.href).searchParams.has("kupon")) return;
    const files = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((file) => file.href || file.src);
    await (await caches.open("iku-counter-1")).addAll([location.href, ...files]);
    document.body.dataset.kept = "yes";
  }).catch(() => {});
}
