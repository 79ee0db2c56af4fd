/**
 * Texts that never change once they are adopted, kept by what names them for as long as the process
 * lives. What was used longest ago goes first.
 */
export class KeptTexts<T> {
  readonly #kept = new Map<string, T>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): T | undefined {
    const found = this.#kept.get(key);
    if (found !== undefined) this.put(key, found);
    return found;
  }

  put(key: string, value: T): void {
    this.#kept.delete(key);
    this.#kept.set(key, value);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#max) return;
      this.#kept.delete(oldest);
    }
  }
}
