// Opens a page's pictures large; what shows them is loaded at the first tap. Without it, or with a key held, each
// picture is a plain link.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.picture");
  if (!link?.querySelector("img") || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!window.HTMLDialogElement || !document.querySelector("template[data-viewer]")) return;
  event.preventDefault();
  import("./viewer-dialog.js").then(({ open }) => open(link), () => location.assign(link.href));
});
