/** Inclusive offsets, as in the header. */
export type ByteRange =
  | { readonly kind: "whole" | "part"; readonly firstByte: number; readonly lastByte: number }
  | { readonly kind: "unsatisfiable" };

/** RFC 9110 section 14: a header that is malformed, of another unit or of several parts is ignored. */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange {
  const lastByte = sizeBytes - 1;
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (first === "" && last === "") return { kind: "whole", firstByte: 0, lastByte };
  if (first === "") {
    const suffixBytes = Number(last);
    if (suffixBytes === 0) return { kind: "unsatisfiable" };
    return { kind: "part", firstByte: Math.max(0, sizeBytes - suffixBytes), lastByte };
  }
  const firstByte = Number(first);
  const wantedLast = last === "" ? Infinity : Number(last);
  if (wantedLast < firstByte) return { kind: "whole", firstByte: 0, lastByte };
  if (firstByte > lastByte) return { kind: "unsatisfiable" };
  return { kind: "part", firstByte, lastByte: Math.min(wantedLast, lastByte) };
}
