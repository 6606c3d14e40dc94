// The one place of this device where a sign-in is kept, shared by all tabs. IndexedDB and not localStorage: what one tab has
// committed is what the next one reads, also in another process, and it is on the disk before anybody goes on.
const name = 'reelgate', store = 'account';
let opening = null, alone = null;

const settled = (ask) => new Promise((resolve, reject) => {
  ask.onsuccess = () => resolve(ask.result);
  ask.onerror = () => reject(ask.error);
});

function open() {
  opening ??= new Promise((resolve, reject) => {
    const ask = indexedDB.open(name, 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore(store);
    ask.onsuccess = () => resolve(ask.result);
    ask.onerror = ask.onblocked = () => reject(ask.error);
  });
  return opening;
}

/** What is kept, or null. A window that may keep nothing remembers as long as the page stands. */
export async function read() {
  try { return await settled((await open()).transaction(store).objectStore(store).get(store)) ?? null; } catch { return alone; }
}

export async function write(value) {
  alone = value;
  try {
    const change = (await open()).transaction(store, 'readwrite', { durability: 'strict' });
    change.objectStore(store).put(value, store);
    await new Promise((resolve, reject) => { change.oncomplete = resolve; change.onabort = change.onerror = () => reject(change.error); });
  } catch { /* see read */ }
}
