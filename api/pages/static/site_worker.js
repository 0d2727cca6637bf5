/* Keeps the page for inspecting on site, so that it opens with no connection. It keeps no answer
   that holds anything of anybody: only the page itself, its look and its scripts. */
"use strict";

const CACHE = "daocha-site-VERSION";
const PAGE = "/inspections/site";
const PAGES = [PAGE, `${PAGE}?lang=en`];
const FILES = ["style.css", "matters.css", "site.css", "mark.svg", "site.js", "site_store.js",
  "site_sending.js"].map((name) => `/static/${name}`);
const PATIENCE = 4000;

addEventListener("install", (event) => {
  const fresh = [...PAGES, ...FILES].map((path) => new Request(path, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
  skipWaiting();
});

addEventListener("activate", (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("daocha-site-") && name !== CACHE) await caches.delete(name);
    }
    await clients.claim();
  };
  event.waitUntil(forget());
});

async function kept(url) {
  const cache = await caches.open(CACHE);
  if (url.pathname !== PAGE) return cache.match(url.pathname);
  return cache.match(PAGES[url.searchParams.get("lang") === "en" ? 1 : 0]);
}

async function page(request, url) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  try {
    const answer = await Promise.race([fetch(request), late]);
    if (answer && answer.ok) return answer;
  } catch {
    // no connection: what was kept is shown
  }
  return (await kept(url)) || fetch(request);
}

async function file(request, url) {
  return (await kept(url)) || fetch(request);
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === PAGE) event.respondWith(page(request, url));
  else if (FILES.includes(url.pathname)) event.respondWith(file(request, url));
});
