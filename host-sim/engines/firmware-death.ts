/** What XS gives its machine up for; `lost`: the process of the engine is gone for none of these. */
export type DeathKind = "memory" | "stack" | "unhandled" | "keys" | "computation" | "lost";

const SAYS: Readonly<Record<DeathKind, string>> = {
  memory: "the firmware's heap is full",
  stack: "the firmware's stack is full",
  unhandled: "the firmware left a rejection unhandled",
  keys: "the firmware has too many property names",
  computation: "the firmware does not return",
  lost: "the firmware's engine is gone",
};

/** The engine can run the firmware no further. */
export class FirmwareDeath extends Error {
  override readonly name = "FirmwareDeath";
  readonly kind: DeathKind;

  constructor(kind: DeathKind, about = "") {
    super(about === "" ? SAYS[kind] : `${SAYS[kind]}: ${about}`);
    this.kind = kind;
  }
}
