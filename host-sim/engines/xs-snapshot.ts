/** A machine in a file, as xsSnapshot.c of XS 13.3 writes it on 64 bits: atoms of a length, a name and bytes. */

/** What XS may take of memory; without an increment it dies when that is full. */
export interface XsLimits {
  readonly slots: number;
  readonly chunkBytes: number;
  readonly moreSlots: number;
  readonly moreChunkBytes: number;
}

/** What is alive in a machine. */
export interface XsContent {
  readonly slots: number;
  /** Here, on 64 bits. */
  readonly chunkBytes: number;
  /**
   * On the board, whose slots and pointers are half as large and whose code stays in flash (XS_CODE_ARCHIVE). At most: how
   * the bytes of a chunk were rounded is not known.
   */
  readonly boardChunkBytes: number;
}

/** Where in CREA, an array of 32-bit numbers. */
const CREATION = { chunkBytes: 0, moreChunkBytes: 4, slots: 8, moreSlots: 12 } as const;
const ATOM_HEAD_BYTES = 8;
/** XS_M encloses the others. */
const FIRST_ATOM_AT = 8;

const SLOT_BYTES = 32;
const SLOT = { kindAt: 8, valueAt: 16 } as const;
const CHUNK_HEAD_BYTES = 16;
const BOARD_CHUNK_HEAD_BYTES = 8;

/** How much of what hangs on a slot is in the board's RAM, by the slot's kind in xsAll.h; of others, all. */
const BOARD_SHARE: ReadonlyMap<number, number> = new Map([
  // Arrays of slots: the two kinds of arguments, arrays, stacks.
  ...[14, 15, 16, 47].map((kind) => [kind, 0.5] as const),
  // Tables of pointers: the global object, maps, sets.
  ...[25, 27, 33].map((kind) => [kind, 0.5] as const),
  // Code.
  [19, 0],
]);

function readAtom(snapshot: Buffer, name: string): Buffer {
  for (let at = FIRST_ATOM_AT; at < snapshot.length; at += snapshot.readUInt32BE(at)) {
    if (snapshot.toString("latin1", at + 4, at + ATOM_HEAD_BYTES) === name) {
      return snapshot.subarray(at + ATOM_HEAD_BYTES, at + snapshot.readUInt32BE(at));
    }
  }
  throw new Error(`no ${name} in the snapshot`);
}

export function readContent(snapshot: Buffer): XsContent {
  const heap = readAtom(snapshot, "HEAP");
  const chunks = readAtom(snapshot, "BLOC");
  return {
    slots: heap.length / SLOT_BYTES,
    chunkBytes: chunks.length,
    boardChunkBytes: boardBytes(chunks, boardShares(heap)),
  };
}

/** Of the chunks that are not all there on the board, by where their bytes begin. */
function boardShares(heap: Buffer): Map<number, number> {
  const found = new Map<number, number>();
  for (let at = 0; at < heap.length; at += SLOT_BYTES) {
    const share = BOARD_SHARE.get(heap[at + SLOT.kindAt] ?? 0);
    if (share !== undefined) found.set(heap.readUInt32LE(at + SLOT.valueAt), share);
  }
  return found;
}

function boardBytes(chunks: Buffer, shares: ReadonlyMap<number, number>): number {
  let bytes = 0;
  for (let at = 0; at < chunks.length; ) {
    const size = chunks.readInt32LE(at);
    const share = shares.get(at + CHUNK_HEAD_BYTES) ?? 1;
    if (share > 0) bytes += BOARD_CHUNK_HEAD_BYTES + (size - CHUNK_HEAD_BYTES) * share;
    at += size;
  }
  return bytes;
}

/** What the machine has taken of memory so far, and may still take. */
export function readLimits(snapshot: Buffer): XsLimits {
  const creation = readAtom(snapshot, "CREA");
  return {
    slots: creation.readInt32LE(CREATION.slots),
    chunkBytes: creation.readInt32LE(CREATION.chunkBytes),
    moreSlots: creation.readInt32LE(CREATION.moreSlots),
    moreChunkBytes: creation.readInt32LE(CREATION.moreChunkBytes),
  };
}

/** In place: a machine made from it has these limits from its start. */
export function writeLimits(snapshot: Buffer, limits: XsLimits): void {
  const creation = readAtom(snapshot, "CREA");
  creation.writeInt32LE(limits.slots, CREATION.slots);
  creation.writeInt32LE(limits.chunkBytes, CREATION.chunkBytes);
  creation.writeInt32LE(limits.moreSlots, CREATION.moreSlots);
  creation.writeInt32LE(limits.moreChunkBytes, CREATION.moreChunkBytes);
}
