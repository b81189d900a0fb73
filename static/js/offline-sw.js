// For the moment without signal: instead of the browser's own error page it shows one page of ours, with the
// numbers to call. No other page is kept. keep.js brings it, signing out removes it.
const CACHE = "linli-offline";
// Pages of staff are not for this worker; those of repair workers have their own (work-sw.js).
const NOT_OURS = /^\/(staff|admin|work|care-work|crew|api|media|live)\//;
// For a phone on which nothing was kept yet, or from which it was removed.
const PLAIN = [
  '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
  '<title>没有信号</title><h1>没有信号 <small lang="en">No signal</small></h1><h2><a href="tel:120">120</a></h2>',
  '<h2><a href="tel:119">119</a></h2><h2><a href="">再试一次 <small lang="en">Try again</small></a></h2></html>',
].join("");

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(begin()));

async function begin() {
  // Pages are asked for while this worker is still starting.
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== self.location.origin || NOT_OURS.test(url.pathname)) return;
  if (request.mode === "navigate") event.respondWith(open(event, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(fetch(request).catch(() => fileKept(request)));
});

async function open(event, url) {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    // What was sent is not sent a second time by a reload.
    if (event.request.method !== "GET") return Response.redirect(`/offline/?unsent=${encodeURIComponent(url.pathname)}`, 303);
    return pageKept();
  }
}

async function pageKept() {
  const cache = await caches.open(CACHE), mode = await cache.match("/offline/mode");
  const page = mode && (await cache.match(`/offline/${await mode.text()}/`, { ignoreVary: true }));
  return page || new Response(PLAIN, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

async function fileKept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreVary: true })) || Response.error();
}
