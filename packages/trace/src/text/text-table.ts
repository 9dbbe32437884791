const SLOTS = 32_768;
/** Beyond this the table starts again: addresses come and go. */
const MAX_TEXTS = 16_384;
/** As many characters at its end tell one text from most others. */
const HASHED = 8;
/** Longer texts are no masks, callers or addresses. */
const MAX_LENGTH = 200;

/** One copy of each short text that is cut out of a chunk again and again; the copies don't keep the chunk alive. */
export class TextTable {
  private slots: (string | undefined)[] = empty();
  private size = 0;

  /** The text at `start` of length `length`. */
  at(chunk: string, start: number, length: number): string {
    if (length > MAX_LENGTH) return chunk.slice(start, start + length);
    const { slots } = this;
    // Addresses and offsets differ at their ends, names in their lengths.
    const end = start + length;
    let hash = length;
    for (let at = length > HASHED ? end - HASHED : start; at < end; at += 1) {
      hash = (Math.imul(hash, 31) + chunk.charCodeAt(at)) | 0;
    }
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (let text = slots[slot]; text !== undefined; text = slots[slot]) {
      if (text.length === length && chunk.startsWith(text, start)) return text;
      slot = (slot + 1) & (SLOTS - 1);
    }
    // Joined and cut again, because a slice alone would keep the whole chunk.
    const text = ` ${chunk.slice(start, start + length)}`.slice(1);
    if (this.size >= MAX_TEXTS) {
      this.slots = empty();
      this.size = 0;
    } else {
      slots[slot] = text;
      this.size += 1;
    }
    return text;
  }
}

function empty(): (string | undefined)[] {
  return new Array<string | undefined>(SLOTS).fill(undefined);
}
