import { accept, refuse, type Result } from '@lianban/model';
import { MAX_UPDATE_STRUCTS } from '../wire/limits.ts';
import { BrokenUpdate, UpdateReader } from './update-reader.ts';

/** The structs of one client in an update: clocks `clock` to `end` (exclusive), encoded in bytes `from` to `to`. */
export interface UpdateBlock {
  client: number;
  clock: number;
  end: number;
  structs: number;
  from: number;
  to: number;
}

/** A range of clocks that is deleted. */
export interface DeleteRange {
  client: number;
  clock: number;
  len: number;
}

/** What an item names: its left or right neighbour, its parent, or (`root`) a root type by name. */
export type RefKind = 'origin' | 'right' | 'parent' | 'root';

/** One reference of one item. `clock` is the item's own; the target is absent for a root. */
export interface UpdateRef {
  block: number;
  clock: number;
  kind: RefKind;
  targetClient: number;
  targetClock: number;
}

/** An update taken apart as far as a check and a concatenation need; content is not decoded. */
export interface DecodedUpdate {
  bytes: Uint8Array;
  blocks: UpdateBlock[];
  refs: UpdateRef[];
  /** Literal root names. */
  roots: string[];
  /** Places of items that are types: they can be somebody's parent. */
  types: { block: number; clock: number }[];
  deletes: DeleteRange[];
  structCount: number;
  /** A Skip: the update was merged over a hole, so something is missing. */
  hasHole: boolean;
}

const GC = 0;
const SKIP = 10;
const ORIGIN = 0x80;
const RIGHT_ORIGIN = 0x40;
const PARENT_SUB = 0x20;
const CONTENT = 0x1f;
const XML_ELEMENT = 3;
const XML_HOOK = 5;
const XML_TEXT = 6;

/**
 * Takes a version-1 update apart without a Y.Doc and without applying it. Refuses with `bad-update` whatever Yjs would
 * throw on and whatever no document of ours may hold: sub-documents, hooks, legacy JSON content, invalid UTF-8,
 * structs of no length, bytes behind the end. Never throws. Linear in the bytes.
 */
export function decodeUpdate(bytes: Uint8Array): Result<DecodedUpdate> {
  try {
    return accept(decode(bytes));
  } catch (reason) {
    if (reason instanceof BrokenUpdate) return refuse('bad-update', reason.message);
    throw reason;
  }
}

function decode(bytes: Uint8Array): DecodedUpdate {
  const reader = new UpdateReader(bytes);
  const update: DecodedUpdate = {
    bytes,
    blocks: [],
    refs: [],
    roots: [],
    types: [],
    deletes: [],
    structCount: 0,
    hasHole: false,
  };
  const names: Names = { clients: new Set(), roots: new Set() };
  const blocks = reader.count(4);
  for (let i = 0; i < blocks; i++) readBlock(reader, update, names);
  update.roots = [...names.roots];
  const clients = reader.count(2);
  for (let i = 0; i < clients; i++) {
    const client = reader.varUint();
    const ranges = reader.count(2);
    for (let k = 0; k < ranges; k++) {
      const clock = reader.varUint();
      const len = reader.varUint();
      if (len === 0 || !Number.isSafeInteger(clock + len)) throw new BrokenUpdate('a deletion of no length');
      update.deletes.push({ client, clock, len });
    }
  }
  if (reader.pos !== bytes.length) throw new BrokenUpdate('bytes behind the end');
  return update;
}

/** What an update has named so far: sets, because 100,000 names against 100,000 would hold the relay for seconds. */
interface Names {
  clients: Set<number>;
  roots: Set<string>;
}

function readBlock(reader: UpdateReader, update: DecodedUpdate, names: Names): void {
  const structs = reader.count(2);
  const client = reader.varUint();
  const clock = reader.varUint();
  if (structs === 0) throw new BrokenUpdate('a client without structs');
  update.structCount += structs;
  if (update.structCount > MAX_UPDATE_STRUCTS) throw new BrokenUpdate(`more than ${MAX_UPDATE_STRUCTS} structs`);
  // Yjs keeps only the last block of a client
  if (names.clients.has(client)) throw new BrokenUpdate('a client twice');
  names.clients.add(client);
  const block = { client, clock, end: clock, structs, from: reader.pos, to: reader.pos };
  const index = update.blocks.push(block) - 1;
  for (let i = 0; i < structs; i++) {
    const length = readStruct(reader, update, names, index, block.end);
    block.end += length;
    if (length === 0 || !Number.isSafeInteger(block.end)) throw new BrokenUpdate('a struct of no length');
  }
  block.to = reader.pos;
}

/** Reads one struct and returns its length in clock units. */
function readStruct(reader: UpdateReader, update: DecodedUpdate, names: Names, block: number, clock: number): number {
  const info = reader.byte();
  const kind = info & CONTENT;
  if (kind === GC) return reader.varUint();
  if (kind === SKIP) {
    update.hasHole = true;
    return reader.varUint();
  }
  if (info & ORIGIN) readRef(reader, update, block, clock, 'origin');
  if (info & RIGHT_ORIGIN) readRef(reader, update, block, clock, 'right');
  if (!(info & (ORIGIN | RIGHT_ORIGIN))) {
    if (reader.varUint() === 1) {
      names.roots.add(reader.string());
      update.refs.push({ block, clock, kind: 'root', targetClient: 0, targetClock: 0 });
    } else {
      readRef(reader, update, block, clock, 'parent');
    }
    if (info & PARENT_SUB) reader.stringLength();
  }
  switch (kind) {
    case 1: // deleted
      return reader.varUint();
    case 3: // binary
      reader.skip(reader.varUint());
      return 1;
    case 4: // string
      return reader.stringLength();
    case 5: // embed
      reader.json();
      return 1;
    case 6: // format: key and value
      reader.stringLength();
      reader.json();
      return 1;
    case 7: {
      const type = reader.varUint();
      if (type > XML_TEXT || type === XML_HOOK) throw new BrokenUpdate('a type that no document holds');
      if (type === XML_ELEMENT) reader.stringLength();
      update.types.push({ block, clock });
      return 1;
    }
    case 8: {
      const items = reader.count(1);
      for (let i = 0; i < items; i++) reader.any(1);
      return items;
    }
    default: // legacy JSON, sub-documents, and what does not exist
      throw new BrokenUpdate('content that no document holds');
  }
}

function readRef(reader: UpdateReader, update: DecodedUpdate, block: number, clock: number, kind: RefKind): void {
  const targetClient = reader.varUint();
  const targetClock = reader.varUint();
  update.refs.push({ block, clock, kind, targetClient, targetClock });
}
