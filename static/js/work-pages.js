// The list of jobs brings the job pages and what they need onto the phone, for places without signal.
const box = document.getElementById("kept").dataset;

async function keepPages() {
  if (!navigator.serviceWorker) return;
  if (localStorage.getItem("work-user") !== box.worker) await caches.delete("linli-work");
  localStorage.setItem("work-user", box.worker);
  await navigator.serviceWorker.register(box.script, { scope: "/work/" });
  if (!navigator.serviceWorker.controller) {
    await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
  }
  const jobs = [...document.querySelectorAll("a[data-keep]")].slice(0, 20).map((link) => link.href);
  const files = performance.getEntriesByType("resource").map((one) => one.name);
  const pages = new Set([location.href.split("#")[0], new URL(location.pathname, location.href).href, ...jobs]);
  const ours = files.filter((url) => new URL(url).origin === location.origin && /^\/(static|media\/pictures)\//.test(new URL(url).pathname));
  const also = document.querySelector("[data-also]").dataset.also;
  for (const url of new Set([...pages, ...ours, also])) await fetch(url).catch(() => null);
  document.body.dataset.kept = "yes";
}

if (navigator.onLine) keepPages().catch(() => null);
