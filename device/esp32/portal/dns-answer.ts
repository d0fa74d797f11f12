/** DNS (RFC 1035) as a captive portal speaks it: every name is the board. */

const HEADER_BYTES = 12;
/** RFC 1035, 2.3.4. */
const NAME_BYTES_MAX = 255;
const LABEL_BYTES_MAX = 63;
const MESSAGE_BYTES_MAX = 512;

const TYPE_A = 1;
const TYPE_ANY = 255;
const CLASS_IN = 1;

/** QR, AA and RA over what the question says of recursion. */
const ANSWER_FLAGS = 0x8480;
const RECURSION_WANTED = 0x0100;
/** QR and the operation: only a plain question is answered. */
const KIND_MASK = 0xf800;

/** A pointer to the name in the question, type A, class IN, no caching: the name means somebody else elsewhere. */
const RECORD = [0xc0, HEADER_BYTES, 0, TYPE_A, 0, CLASS_IN, 0, 0, 0, 0, 0, 4] as const;

/** An answer without an address for what asks for another type; undefined for what is no question. */
export function answerDns(
  query: Uint8Array,
  address: readonly number[],
): Uint8Array<ArrayBuffer> | undefined {
  if (query.length < HEADER_BYTES || query.length > MESSAGE_BYTES_MAX) return undefined;
  const view = new DataView(query.buffer, query.byteOffset, query.length);
  const flags = view.getUint16(2);
  if ((flags & KIND_MASK) !== 0 || view.getUint16(4) !== 1) return undefined;
  const nameEnd = findNameEnd(query);
  if (nameEnd === undefined || nameEnd + 4 > query.length) return undefined;
  const type = view.getUint16(nameEnd);
  const isOurs = type === TYPE_A || type === TYPE_ANY;
  const record = isOurs && view.getUint16(nameEnd + 2) === CLASS_IN ? [...RECORD, ...address] : [];
  const questionEnd = nameEnd + 4;
  const answer = new Uint8Array(questionEnd + record.length);
  answer.set(query.subarray(0, questionEnd));
  answer.set(record, questionEnd);
  const header = new DataView(answer.buffer);
  header.setUint16(2, ANSWER_FLAGS | (flags & RECURSION_WANTED));
  header.setUint16(6, record.length === 0 ? 0 : 1);
  // What followed the question is not in the answer.
  header.setUint32(8, 0);
  return answer;
}

/** Where the type of the question is. A question has nothing before it that its name could point to. */
function findNameEnd(query: Uint8Array): number | undefined {
  for (let at = HEADER_BYTES; at < query.length && at - HEADER_BYTES < NAME_BYTES_MAX; ) {
    const labelBytes = query[at] ?? 0;
    if (labelBytes === 0) return at + 1;
    if (labelBytes > LABEL_BYTES_MAX) return undefined;
    at += labelBytes + 1;
  }
  return undefined;
}
