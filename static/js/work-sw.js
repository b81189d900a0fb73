// Keeps the worker's own pages on the phone, for basements without signal. It sees /work/ alone, asks the
// network first, and shows what was kept when there is no answer. What is entered is kept by work.js.
const CACHE = "linli-work";
// A weak signal can take a minute to fail; nobody waits that long in a cellar.
const PATIENCE = 4000;
const PAGE = /^\/work\/(meters\/)?(\d+\/)?$/;
const FILE = /^\/(static|media\/pictures)\//;

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  const isPage = PAGE.test(url.pathname);
  if (!isPage && !FILE.test(url.pathname)) return;
  // Without the query: the addresses of pictures get a new end each half hour.
  event.respondWith(answer(event, url.pathname, isPage));
});

async function answer(event, key, isPage) {
  const cache = await caches.open(CACHE);
  const held = await cache.match(key, { ignoreVary: true });
  const network = fromNetwork(event.request, cache, key, isPage);
  if (!held) return network;
  event.waitUntil(network.catch(() => null));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, held));
  return Promise.race([network.catch(() => held), late]);
}

async function fromNetwork(request, cache, key, isPage) {
  const response = await fetch(request);
  if (response.type === "opaqueredirect" || response.redirected) {
    // A page of the worker that leads elsewhere: nobody is signed in any more.
    if (isPage) await caches.delete(CACHE);
  } else if (response.ok) {
    await cache.put(key, response.clone());
  } else if (response.status < 500) {
    // Not this worker's job any more.
    await cache.delete(key, { ignoreVary: true });
  }
  return response;
}
