// A page whose forms fit one state: when a colleague was faster, say so.
const stale = document.querySelector("[data-stale]"), state = document.querySelector("[data-state]");
if (stale && state) {
  new MutationObserver(() => {
    const now = document.querySelector("[data-state]")?.dataset.state;
    stale.hidden = !now || now === stale.dataset.stale;
  }).observe(state.parentElement, { childList: true });
}
