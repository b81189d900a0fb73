// A reader's round: one meter at a time, the next one after each, with signal or without. work.js keeps and sends
// what is typed; here stands which meter is next, and which value is asked about.
import { all } from "./work-store.js";

const round = document.getElementById("round"), words = round.dataset;
const stops = [...round.querySelectorAll("[data-meter]")];
const entered = new Set();
const isDone = (stop) => stop.dataset.isRead === "yes" || entered.has(stop.dataset.meter);

function show(stop) {
  for (const one of stops) one.hidden = one !== stop;
  round.querySelector("[data-finished]").hidden = Boolean(stop);
}

function count() {
  const done = stops.filter(isDone).length, text = round.querySelector("[data-count]");
  text.textContent = text.textContent.replace(/\d+/, done);
  round.querySelector("progress").value = done;
  for (const stop of stops) round.querySelector(`details a[data-goto="${stop.dataset.meter}"] [data-read]`).hidden = !isDone(stop);
}

function nextAfter(meter) {
  const at = stops.findIndex((one) => one.dataset.meter === meter) + 1;
  return [...stops.slice(at), ...stops.slice(0, at)].find((one) => !isDone(one));
}

// A page from the phone's own copy knows nothing of what was typed since: the entries that wait do.
async function goOn() {
  const waits = (await all().catch(() => [])).filter((entry) => entry.state === "waits" && entry.url.startsWith("/work/meters/"));
  const mine = waits.map((entry) => entry.url.split("/")[3]).filter((meter) => stops.some((one) => one.dataset.meter === meter));
  for (const meter of mine) entered.add(meter);
  count();
  const shown = stops.find((one) => !one.hidden), wanted = new URLSearchParams(location.search).get("at");
  const after = mine.at(-1);
  if (after && (!shown || (isDone(shown) && shown.dataset.meter !== wanted))) show(nextAfter(after));
}

round.addEventListener("click", (event) => {
  const link = event.target.closest("[data-goto]");
  if (!link) return;
  event.preventDefault();
  show(stops.find((one) => one.dataset.meter === link.dataset.goto));
  link.closest("details")?.removeAttribute("open");
  round.scrollIntoView();
});

const milli = (text) => Math.round(Number(text.trim().replace("。", ".").replace(/[^\d.]/g, "")) * 1000);

// An odd value is asked about before it is kept: without signal nobody else can ask.
document.addEventListener("submit", (event) => {
  const form = event.target, stop = form.closest("[data-meter]");
  if (!stop) return;
  form.elements.on.value = new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
  const value = milli(form.elements.value.value), { least, most } = stop.dataset;
  const isLower = value < Number(least), isHigher = most !== "" && value > Number(most);
  if (form.elements.is_sure.checked || !(isLower || isHigher)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const odd = form.querySelector("[data-odd]");
  odd.textContent = isLower ? words.lower : words.higher;
  odd.hidden = false;
  form.querySelector("[data-sure]").hidden = false;
  form.elements.is_sure.focus();
}, true);

// The office may have read it meanwhile, so that the server asks where the page did not.
new MutationObserver((changes) => {
  for (const { target } of changes) {
    if (target.matches("[name=value][aria-invalid]")) target.form.querySelector("[data-sure]").hidden = false;
  }
}).observe(round, { attributes: true, attributeFilter: ["aria-invalid"], subtree: true });

goOn();
