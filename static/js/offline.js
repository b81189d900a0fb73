// The page for the moment without signal: what became of the last step, and when the signal is back.
const PAUSE = 4000;
const part = (name) => document.querySelector(`[data-${name}]`), link = part("go-on");
const heading = part("heading"), noSignal = heading.textContent;
const unsent = new URLSearchParams(location.search).get("unsent");
const isHelp = unsent?.startsWith("/help/");

if (unsent) part(isHelp ? "unsent-help" : "unsent").hidden = false;
link.href = unsent ? (isHelp ? "/help/" : wayBack()) : location.href.split("#")[0];

// The page whose words were not sent (keep.js holds them), or the start.
function wayBack() {
  try {
    const typed = JSON.parse(sessionStorage.getItem("linli-typed"));
    sessionStorage.setItem("linli-typed", JSON.stringify({ ...typed, unsent: true }));
    return typed.path.startsWith("/") && !typed.path.startsWith("//") ? typed.path : "/";
  } catch {
    return "/";
  }
}

async function look() {
  const isBack = await fetch("/offline/", { method: "HEAD", cache: "no-store", redirect: "manual" }).then(() => true, () => false);
  part("back").hidden = !isBack;
  heading.textContent = isBack ? heading.dataset.heading : noSignal;
  part("gone").hidden = isBack;
}

addEventListener("online", look);
addEventListener("offline", look);
setInterval(look, PAUSE);
