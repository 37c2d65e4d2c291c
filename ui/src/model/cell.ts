/** A value that tells its readers when it changes. It fits Svelte's store contract and knows nothing of Svelte. */

type Reader<T> = (value: T) => void;

/** What may be read and watched, but not set. */
export interface Watched<T> {
  readonly value: T;
  subscribe(reader: Reader<T>): () => void;
}

/** A value that may be read, watched and set. */
export class Cell<T> implements Watched<T> {
  #value: T;
  readonly #readers = new Set<Reader<T>>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const reader of [...this.#readers]) reader(value);
  }

  subscribe(reader: Reader<T>): () => void {
    this.#readers.add(reader);
    reader(this.#value);
    return () => void this.#readers.delete(reader);
  }
}
