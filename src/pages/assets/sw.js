"use strict";
// Keeps the form of a survey link, its styles and its script on the phone: the network first, the copy where there is none.
const COPIES = "iku-counter-1";
// The language is part of the address.
const SAME = { ignoreVary: true };

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function answer(request) {
  const copies = await caches.open(COPIES);
  try {
    const response = await fetch(request);
    // A slip is for one answer, so its page is not kept.
    if (response.ok && !new URL(request.url).searchParams.has("kupon")) await copies.put(request, response.clone());
    const copy = response.status >= 500 ? await copies.match(request, SAME) : undefined;
    return copy ?? response;
  } catch (error) {
    const copy = (await copies.match(request, SAME)) ?? (await copies.match(request, { ...SAME, ignoreSearch: true }));
    if (copy) return copy;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const isOwn = url.origin === self.location.origin && (url.pathname.startsWith("/s/") || url.pathname.startsWith("/aset/"));
  if (event.request.method === "GET" && isOwn) event.respondWith(answer(event.request));
});
