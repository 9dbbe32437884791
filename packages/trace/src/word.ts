import type { Caller } from './classify/callers.ts';
import type { ReadMask } from './masks.ts';
import { textNumber } from './record.ts';

/** What stands between the brackets in front of a probe's fetches. */
export interface ProbePlace {
  readonly ip: Word | undefined;
  readonly func: Word | undefined;
  readonly returnsTo: Word | undefined;
}

/**
 * A text that comes again and again in a recording, as one object: an address, a caller, a mask. What was learned of it
 * is kept with it, so that it is not looked up again. Readers forget words now and then, so two words may have one text.
 */
export class Word {
  /** Keeps nothing of the file alive. */
  readonly text: string;
  /** Equal texts have equal ones. */
  readonly hash: number;
  caller: Caller | undefined = undefined;
  mask: ReadMask | undefined = undefined;
  probe: ProbePlace | undefined = undefined;
  /** A number for its text, from whoever put the stamp. */
  token = 0;
  stamp: object | undefined = undefined;
  #number: number | undefined | 'unread' = 'unread';

  constructor(text: string) {
    this.text = text;
    let hash = text.length;
    for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
    this.hash = hash;
  }

  /** `undefined` when it is no number, or one that is too large to be exact. */
  get number(): number | undefined {
    if (this.#number === 'unread') this.#number = textNumber(this.text);
    return this.#number;
  }
}

/** By text: two words of one text may meet. */
export function sameWord(one: Word, other: Word): boolean {
  return one === other || (one.hash === other.hash && one.text === other.text);
}

/** A field that somebody asks for: names are few, and readers keep what they know of one under its number. */
export interface FieldName {
  readonly name: string;
  readonly id: number;
}

const names = /* @__PURE__ */ new Map<string, FieldName>();

/** The number of a field's name; for names that stand in the program or in a vocabulary, never for those of a file. */
export function fieldName(name: string): FieldName {
  const known = names.get(name);
  if (known !== undefined) return known;
  const fresh = { name, id: names.size };
  names.set(name, fresh);
  return fresh;
}
