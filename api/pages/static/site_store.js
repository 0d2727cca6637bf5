/* What the browser keeps of inspections on site: what was taken along, drafts, photographs. Each
   write is on the disk before it counts as done, so that closing the browser loses nothing. */

const NAME = "daocha-site";
let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("pack");
      request.result.createObjectStore("draft", { keyPath: "id" });
      request.result.createObjectStore("photo", { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function run(store, mode, work) {
  const transaction = (await database()).transaction(store, mode, { durability: "strict" });
  const request = work(transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

export const get = (store, key) => run(store, "readonly", (kept) => kept.get(key));
export const all = (store) => run(store, "readonly", (kept) => kept.getAll());
export const put = (store, value, key) => run(store, "readwrite", (kept) => kept.put(value, key));
export const drop = (store, key) => run(store, "readwrite", (kept) => kept.delete(key));

/* A UUIDv7 (RFC 9562): ids are made here, so that what is sent twice is recorded once. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const now = Date.now();
  for (let n = 0; n < 6; n += 1) bytes[n] = Math.floor(now / 2 ** (8 * (5 - n))) % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/* How far a simulated ledger's clock is from this device's: in a demonstration the page goes by it. */
let apart = 0;
export function goBy(pack) {
  apart = pack?.apart ?? 0;
}

/* The device's own clock, with its zone. */
export function now() {
  const at = new Date(Date.now() + apart);
  const minutes = -at.getTimezoneOffset();
  const two = (number) => String(Math.floor(Math.abs(number))).padStart(2, "0");
  const local = new Date(at.getTime() + minutes * 60000).toISOString().slice(0, 19);
  return `${local}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}
