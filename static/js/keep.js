// Brings the page for the moment without signal onto the phone (offline-sw.js shows it), in both modes.
const CACHE = "linli-offline", STAMP = "offline-kept", FRESH = 15 * 60 * 1000, AFTER = 2000;
const box = document.querySelector("script[data-offline]").dataset;

async function keep() {
  const owner = `${box.owner} ${document.documentElement.lang}`;
  const [last, at] = (localStorage.getItem(STAMP) || "|0").split("|");
  await navigator.serviceWorker.register(box.worker);
  if (last !== owner) await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  await cache.put("/offline/mode", new Response(document.documentElement.dataset.mode));
  if (last !== owner || Date.now() - Number(at) > FRESH) {
    const files = new Set();
    for (const mode of ["standard", "large"]) {
      const answer = await fetch(`/offline/${mode}/`, { cache: "no-store" });
      // Nobody is signed in any more.
      if (!answer.ok || answer.redirected) return caches.delete(CACHE);
      const page = await answer.clone().text();
      for (const [, file] of page.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)) files.add(file);
      await cache.put(`/offline/${mode}/`, answer);
    }
    for (const old of await cache.keys()) {
      const { pathname } = new URL(old.url);
      if (pathname.startsWith("/static/") && !files.delete(pathname)) await cache.delete(old);
    }
    await cache.addAll([...files]);
    localStorage.setItem(STAMP, `${owner}|${Date.now()}`);
  }
  document.body.dataset.kept = "yes";
}

// After everything that the person came for.
const begin = () => setTimeout(() => navigator.onLine && keep().catch(() => null), AFTER);
if (navigator.serviceWorker && window.caches) document.readyState === "complete" ? begin() : addEventListener("load", begin);

// Words on their way when the signal goes stay in this tab, until any other page has come: their page fills them in.
const TYPED = "linli-typed", HERE = location.pathname + location.search;
const WORDS = "textarea[name],input[name]:not([type]),input[type=text][name]";
const kept = () => JSON.parse(sessionStorage.getItem(TYPED) || "null");

document.addEventListener("submit", ({ target: form }) => {
  const fields = [...form.querySelectorAll(WORDS)].filter((one) => one.value && one.autocomplete !== "one-time-code");
  if (form.method !== "post" || !fields.length) return;
  sessionStorage.setItem(TYPED, JSON.stringify({ path: HERE, fields: fields.map((one) => [one.name, one.value]) }));
});

try {
  const typed = kept();
  sessionStorage.removeItem(TYPED);
  for (const [name, value] of typed?.unsent && typed.path === HERE ? typed.fields : []) {
    const field = document.querySelector(`[name="${CSS.escape(name)}"]`);
    if (field?.matches(WORDS) && !field.value) field.value = value;
  }
} catch {
  // The browser keeps nothing for this site at all.
}
