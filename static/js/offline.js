// The page for the moment without signal: what became of the last step, and when the signal is back.
const PAUSE = 4000;
const part = (name) => document.querySelector(`[data-${name}]`), link = part("go-on");
const unsent = new URLSearchParams(location.search).get("unsent");
const isHelp = unsent?.startsWith("/help/");

if (unsent) part(isHelp ? "unsent-help" : "unsent").hidden = false;
link.href = unsent ? (isHelp ? "/help/" : "/") : location.href.split("#")[0];

async function look() {
  try {
    await fetch("/offline/", { method: "HEAD", cache: "no-store", redirect: "manual" });
  } catch {
    part("back").hidden = true;
    return;
  }
  part("back").hidden = false;
}

addEventListener("online", look);
addEventListener("offline", look);
setInterval(look, PAUSE);
