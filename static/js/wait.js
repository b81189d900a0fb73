// Counts down until another code may be sent; the button waits with it, and says once that it no longer does.
const form = document.querySelector("[data-wait]");

if (form) {
  const { wait, waitWords, waitOver } = form.dataset, over = Date.now() + Number(wait) * 1000;
  const line = form.querySelector("[data-wait-line]"), button = form.querySelector("[type=submit]");
  let ticking = 0;

  const tick = () => {
    const left = Math.ceil((over - Date.now()) / 1000);
    button.disabled = left > 0;
    if (left > 0) {
      line.textContent = waitWords.replace("{seconds}", left);
      return;
    }
    clearInterval(ticking);
    // Each second would be read aloud; only the last one is.
    line.setAttribute("role", "status");
    line.textContent = waitOver;
  };

  if (Number(wait) > 0) {
    ticking = setInterval(tick, 1000);
    tick();
    // app.js gives all buttons back when a page is shown again.
    addEventListener("pageshow", () => setTimeout(tick));
  }
}
