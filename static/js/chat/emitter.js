/** The least that tells others: `on` gives back what takes the listener off again. */
export class Emitter {
  #listeners = new Map();

  on(name, fn) {
    const all = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, all.add(fn));
    return () => all.delete(fn);
  }

  emit(name, ...values) {
    for (const fn of [...(this.#listeners.get(name) ?? [])]) fn(...values);
  }
}
