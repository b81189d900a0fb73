// A small store on the phone: what was entered and has not arrived yet.
const NAME = "linli-work", STORE = "kept";
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function run(mode, act) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const step = base.transaction(STORE, mode), asked = act(step.objectStore(STORE));
    step.oncomplete = () => resolve(asked.result);
    step.onerror = step.onabort = () => reject(step.error);
  });
}

// In the order of entry.
export const all = () => run("readonly", (store) => store.getAll());
// Returns the entry's number; it is on the disk when this resolves.
export const put = (entry) => run("readwrite", (store) => store.put(entry));
export const drop = (id) => run("readwrite", (store) => store.delete(id));
