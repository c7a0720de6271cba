import type { KeyAccess } from './compile-key-access.ts';

/** 32-bit words of one key: its hash (8), its id (4), and where its team, its route and its access stand. */
const ROW = 15;
const ID_WORDS = 8;
const TEAM = 12;
const ROUTE = 13;
const ACCESS = 14;
const FIRST_ROWS = 256;

const NO_HEX = 0x10;
const HEX = new Uint8Array(256).fill(NO_HEX);
for (let digit = 0; digit < 16; digit++) HEX[digit.toString(16).charCodeAt(0)] = digit;

const DASH = 0x2d;
/** Where the halves of a UUID's four words begin. */
const ID_HALVES = [0, 4, 9, 14, 19, 24, 28, 32] as const;

/**
 * The keys of one shard: 60 bytes each in one piece of memory, in place of a dozen objects and strings each. With 100,000
 * keys that is what keeps the heap small, its collections short, and a start quick. At most 65,534 keys.
 */
export interface KeyTable {
  readonly count: number;
  /** The row of a hash in lower-case hexadecimal; undefined when it is not there. */
  find(sha256: string): number | undefined;
  keyId(row: number): string;
  teamId(row: number): string | undefined;
  routeId(row: number): string | undefined;
  access(row: number): KeyAccess;
}

/**
 * Words of a table. V8 counts plain array buffers towards its next full collection, though there is nothing in them to
 * look at, and a new configuration would bring one while requests wait; shared ones it does not count.
 */
function makeWords(count: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(count * Uint32Array.BYTES_PER_ELEMENT));
}

/** A key before it is entered. Offsets are those of its texts in `bytes`. */
export interface KeyTexts {
  bytes: Uint8Array;
  /** 64 hexadecimal digits. */
  hashAt: number;
  /** A UUID. */
  keyIdAt: number;
  teamId: string | undefined;
  routeId: string | undefined;
  access: KeyAccess;
}

/** Takes keys one by one and makes a table of them. */
export class KeyTableBuilder {
  #words: Uint32Array;
  #count = 0;
  /** Teams and routes; their place begins with 1. */
  readonly #texts: string[] = [];
  readonly #textPlaces = new Map<string, number>();
  readonly #access: KeyAccess[] = [];
  readonly #accessPlaces = new Map<KeyAccess, number>();

  /** @param rows how many keys are expected; too few or too many cost memory for a moment */
  constructor(rows = FIRST_ROWS) {
    this.#words = makeWords(Math.max(rows, 1) * ROW);
  }

  /** Enters a key; false when its hash or its id is not written as it must be. */
  add(key: KeyTexts): boolean {
    const at = this.#count * ROW;
    if (at === this.#words.length) {
      const larger = makeWords(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    if (!readHash(key.bytes, key.hashAt, this.#words, at)) return false;
    if (!readId(key.bytes, key.keyIdAt, this.#words, at + ID_WORDS)) return false;
    this.#words[at + TEAM] = this.#placeOfText(key.teamId);
    this.#words[at + ROUTE] = this.#placeOfText(key.routeId);
    this.#words[at + ACCESS] = this.#placeOfAccess(key.access);
    this.#count += 1;
    return true;
  }

  /** The leading 32 bits of the hash that was entered last. */
  lastPrefix(): number {
    return this.#words[(this.#count - 1) * ROW] ?? 0;
  }

  /** The table; undefined when a hash was entered twice. */
  build(): KeyTable | undefined {
    const used = this.#count * ROW;
    // A copy only where much would stay unused.
    let words = this.#words.subarray(0, used);
    if (used <= this.#words.length * 0.9) {
      words = makeWords(used);
      words.set(this.#words.subarray(0, used));
    }
    const slots = indexRows(words, this.#count);
    return slots && tableOver(words, slots, this.#count, this.#texts, this.#access);
  }

  #placeOfText(text: string | undefined): number {
    if (text === undefined) return 0;
    const known = this.#textPlaces.get(text);
    if (known !== undefined) return known;
    const place = this.#texts.push(text);
    this.#textPlaces.set(text, place);
    return place;
  }

  #placeOfAccess(access: KeyAccess): number {
    const known = this.#accessPlaces.get(access);
    if (known !== undefined) return known;
    const place = this.#access.push(access) - 1;
    this.#accessPlaces.set(access, place);
    return place;
  }
}

/** Rows by hash, open addressing, at most half full: row + 1, or 0 for an empty slot. */
function indexRows(words: Uint32Array, count: number): Uint16Array | undefined {
  const slots = new Uint16Array(2 ** Math.ceil(Math.log2(Math.max(1, count) * 2)));
  for (let row = 0; row < count; row++) {
    let slot = slotOf(words[row * ROW + 1] ?? 0, slots);
    for (let other = slots[slot]; other; other = slots[slot]) {
      if (sameHash(words, (other - 1) * ROW, words, row * ROW)) return undefined;
      slot = (slot + 1) & (slots.length - 1);
    }
    slots[slot] = row + 1;
  }
  return slots;
}

/** By the second word of the hash: all first words of a shard begin with the same bits. */
function slotOf(word: number, slots: Uint16Array): number {
  return word & (slots.length - 1);
}

function sameHash(a: Uint32Array, at: number, b: Uint32Array, bAt: number): boolean {
  for (let word = 0; word < ID_WORDS; word++) if (a[at + word] !== b[bAt + word]) return false;
  return true;
}

function tableOver(
  words: Uint32Array,
  slots: Uint16Array,
  count: number,
  texts: readonly string[],
  accesses: readonly KeyAccess[],
): KeyTable {
  const wanted = new Uint32Array(ID_WORDS);
  const textAt = (row: number, field: number): string | undefined =>
    texts[(words[row * ROW + field] ?? 0) - 1];
  return {
    count,
    find(sha256) {
      if (!readHash(Buffer.from(sha256, 'latin1'), 0, wanted, 0)) return undefined;
      let slot = slotOf(wanted[1] ?? 0, slots);
      for (let other = slots[slot]; other; other = slots[slot]) {
        if (sameHash(words, (other - 1) * ROW, wanted, 0)) return other - 1;
        slot = (slot + 1) & (slots.length - 1);
      }
      return undefined;
    },
    keyId: (row) => formatId(words, row * ROW + ID_WORDS),
    teamId: (row) => textAt(row, TEAM),
    routeId: (row) => textAt(row, ROUTE),
    access(row) {
      const access = accesses[words[row * ROW + ACCESS] ?? 0];
      if (!access) throw new Error(`the table has no row ${row}`);
      return access;
    },
  };
}

function readHash(bytes: Uint8Array, from: number, into: Uint32Array, at: number): boolean {
  let seen = 0;
  for (let word = 0; word < ID_WORDS; word++) {
    let value = 0;
    for (let digit = from + word * 8; digit < from + word * 8 + 8; digit++) {
      const four = HEX[bytes[digit] ?? 0] ?? NO_HEX;
      seen |= four;
      value = (value << 4) | four;
    }
    into[at + word] = value;
  }
  return seen < NO_HEX;
}

function readId(bytes: Uint8Array, from: number, into: Uint32Array, at: number): boolean {
  for (let dash = 8; dash <= 23; dash += 5) if (bytes[from + dash] !== DASH) return false;
  let seen = 0;
  for (let word = 0; word < 4; word++) {
    let value = 0;
    for (let half = word * 2; half < word * 2 + 2; half++) {
      const start = from + (ID_HALVES[half] ?? 0);
      for (let digit = start; digit < start + 4; digit++) {
        const four = HEX[bytes[digit] ?? 0] ?? NO_HEX;
        seen |= four;
        value = (value << 4) | four;
      }
    }
    into[at + word] = value;
  }
  return seen < NO_HEX;
}

function formatId(words: Uint32Array, at: number): string {
  let hex = '';
  for (let word = at; word < at + 4; word++) hex += (words[word] ?? 0).toString(16).padStart(8, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
