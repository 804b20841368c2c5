/**
 * Reads the version-1 encoding of Yjs updates from untrusted bytes: bounds-checked, no allocation for content, strict
 * UTF-8. Every method throws `BrokenUpdate` where the bytes end early or mean nothing.
 *
 * Source: yjs 13.6 `src/utils/encoding.js`, `src/structs/*.js`, lib0 `decoding.js` (the formats, not their code).
 */
export class UpdateReader {
  readonly bytes: Uint8Array;
  pos = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** One byte. */
  byte(): number {
    const value = this.bytes[this.pos];
    if (value === undefined) throw new BrokenUpdate('ends early');
    this.pos++;
    return value;
  }

  /** An unsigned varint of at most 8 bytes, below 2^53. */
  varUint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let factor = 128;
    for (let i = 0; i < 7; i++) {
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      factor *= 128;
    }
    throw new BrokenUpdate('a number of more than 53 bits');
  }

  /** A count of things of at least `bytesEach` bytes: refused where the rest cannot hold them. */
  count(bytesEach: number): number {
    const count = this.varUint();
    if (count * bytesEach > this.bytes.length - this.pos) throw new BrokenUpdate('a count beyond the end');
    return count;
  }

  /** Steps over `length` bytes. */
  skip(length: number): void {
    if (length > this.bytes.length - this.pos) throw new BrokenUpdate('ends early');
    this.pos += length;
  }

  /** Steps over a string and returns its length in UTF-16 code units, the unit of Yjs clocks. */
  stringLength(): number {
    const length = this.varUint();
    const end = this.pos + length;
    if (end > this.bytes.length) throw new BrokenUpdate('ends early');
    const units = utf16Length(this.bytes, this.pos, end);
    this.pos = end;
    return units;
  }

  /** A string. */
  string(): string {
    const length = this.varUint();
    const start = this.pos;
    this.skip(length);
    try {
      return STRICT_UTF8.decode(this.bytes.subarray(start, this.pos));
    } catch {
      throw new BrokenUpdate('not UTF-8');
    }
  }

  /** Steps over a string that receivers parse as JSON. */
  json(): void {
    const text = this.string();
    try {
      JSON.parse(text);
    } catch {
      throw new BrokenUpdate('not JSON');
    }
  }

  /** Steps over one value of lib0's `any` encoding, at most 64 levels deep. */
  any(depth: number): void {
    if (depth > MAX_ANY_DEPTH) throw new BrokenUpdate('a value of too many levels');
    switch (this.byte()) {
      case 127: // undefined
      case 126: // null
      case 121: // false
      case 120: // true
        return;
      case 125: // integer: sign and six bits, then seven bits a byte
        for (let i = 0, byte = this.byte(); byte >= 0x80; byte = this.byte()) {
          if (++i > 8) throw new BrokenUpdate('a number of more than 53 bits');
        }
        return;
      case 124:
        return this.skip(4);
      case 123:
      case 122:
        return this.skip(8);
      case 119:
        this.stringLength();
        return;
      case 118: {
        const members = this.count(2);
        for (let i = 0; i < members; i++) {
          if (this.string() === '__proto__') throw new BrokenUpdate('a member called __proto__');
          this.any(depth + 1);
        }
        return;
      }
      case 117: {
        const items = this.count(1);
        for (let i = 0; i < items; i++) this.any(depth + 1);
        return;
      }
      case 116:
        return this.skip(this.varUint());
      default:
        throw new BrokenUpdate('an unknown kind of value');
    }
  }
}

/** The bytes are no version-1 update, or one with content that no document may hold. */
export class BrokenUpdate extends Error {
  override readonly name = 'BrokenUpdate';
}

/** Deepest nesting of one plain value; deeper ones overflow the stack of whoever reads them. */
const MAX_ANY_DEPTH = 64;

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-16 length of strict UTF-8; receivers decode with a fatal decoder, so anything else would throw there. */
function utf16Length(bytes: Uint8Array, start: number, end: number): number {
  let units = 0;
  let i = start;
  while (i < end) {
    const lead = bytes[i] as number;
    if (lead < 0x80) {
      i++;
      units++;
      continue;
    }
    let extra: number;
    let low = 0x80;
    let high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) extra = 1;
    else if (lead >= 0xe0 && lead <= 0xef) {
      extra = 2;
      if (lead === 0xe0) low = 0xa0;
      else if (lead === 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      extra = 3;
      if (lead === 0xf0) low = 0x90;
      else if (lead === 0xf4) high = 0x8f;
    } else throw new BrokenUpdate('not UTF-8');
    if (i + extra >= end) throw new BrokenUpdate('not UTF-8');
    for (let k = 1; k <= extra; k++) {
      const next = bytes[i + k] as number;
      if (next < low || next > high) throw new BrokenUpdate('not UTF-8');
      low = 0x80;
      high = 0xbf;
    }
    i += extra + 1;
    units += extra === 3 ? 2 : 1;
  }
  return units;
}
