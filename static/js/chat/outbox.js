// What was written and not yet acknowledged. Each message has an entry of its own, so that two tabs never write over each other's.
const PREFIX = 'chat.out.';
const KEPT = 7 * 24 * 3600 * 1000;

// A browser that keeps nothing: the messages live as long as the page.
function memory() {
  const items = new Map();
  return {
    keys: () => [...items.keys()],
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
}

function storage() {
  try {
    const store = window.localStorage;
    store.setItem(`${PREFIX}probe`, '1');
    store.removeItem(`${PREFIX}probe`);
    return {
      keys: () => Array.from({ length: store.length }, (_, place) => store.key(place)),
      getItem: (key) => store.getItem(key),
      setItem: (key, value) => store.setItem(key, value),
      removeItem: (key) => store.removeItem(key),
    };
  } catch {
    return memory();
  }
}

const store = storage();

function read(key) {
  try {
    const entry = JSON.parse(store.getItem(key));
    return entry && typeof entry.client_id === 'string' && typeof entry.message === 'string' ? entry : null;
  } catch {
    return null;
  }
}

/** A name for a message that no other has. */
export function clientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The unsent messages of one conversation, oldest first. */
export class Outbox {
  #prefix;

  constructor(token) {
    this.#prefix = `${PREFIX}${token}.`;
    const now = Date.now();
    for (const key of store.keys()) {
      if (!key?.startsWith(PREFIX)) continue;
      const entry = read(key);
      if (!entry || !(now - entry.at < KEPT)) store.removeItem(key);
    }
  }

  all() {
    const mine = store.keys().filter((key) => key?.startsWith(this.#prefix)).map(read).filter(Boolean);
    return mine.sort((a, b) => a.at - b.at || a.place - b.place);
  }

  /** Keeps a message; one that does not fit (storage is full) stays in the caller's hands: false. */
  put(entry) {
    try {
      store.setItem(this.#prefix + entry.client_id, JSON.stringify(entry));
      return true;
    } catch {
      return false;
    }
  }

  remove(id) {
    store.removeItem(this.#prefix + id);
  }
}
