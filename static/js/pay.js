// The page on which a payment is made: WeChat's bridge, the time that is left, and the way on when it is done.
// What the bridge answers proves nothing: the payment's own page asks the server.
const PATIENCE = 2000;
const region = document.getElementById("payment");
const here = () => document.querySelector("[data-pay-here]");
const leave = (url) => location.replace(url);
const paymentUrl = here()?.dataset.paymentUrl;
const until = Number(here()?.dataset.until) * 1000;

function show(name) {
  for (const each of ["closed", "elsewhere"]) {
    const words = document.querySelector(`[data-pay-${each}]`);
    if (words) words.hidden = each !== name;
  }
}

function tick() {
  const box = document.querySelector("[data-pay-left]");
  if (!box || !until) return;
  const seconds = Math.max(0, Math.round((until - Date.now()) / 1000));
  box.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (!seconds) leave(paymentUrl);
}

function pay() {
  const { bridge, practice } = here()?.dataset ?? {};
  if (!bridge) return;
  if (!window.WeixinJSBridge) {
    if (practice) leave(practice);
    else show("elsewhere");
    return;
  }
  window.WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(bridge), (answer) => {
    if (answer.err_msg === "get_brand_wcpay_request:ok") leave(paymentUrl);
    else show("closed");
  });
}

function whenBridged(run) {
  if (window.WeixinJSBridge) return run();
  let isDone = false;
  const once = () => {
    if (!isDone) run();
    isDone = true;
  };
  document.addEventListener("WeixinJSBridgeReady", once, { once: true });
  setTimeout(once, PATIENCE);
}

if (here()) {
  tick();
  setInterval(tick, 1000);
  document.querySelector("[data-pay-again]")?.addEventListener("click", pay);
  if (here().dataset.bridge) whenBridged(pay);
  // Paid, closed or given up: its own page says so under its own heading.
  region?.addEventListener("live:swapped", () => {
    if (!here()) leave(paymentUrl);
  });
}
