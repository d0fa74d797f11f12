/** What a key asks for. */
export type KeyWish = "reset" | "quit";

const KEYS: ReadonlyMap<number, KeyWish> = new Map([
  [0x12, "reset"],
  [0x03, "quit"],
  [0x1d, "quit"],
]);

/** Ctrl-R, Ctrl-C and Ctrl-] on a terminal; what it answers gives the terminal back. */
export function watchKeys(wish: (wish: KeyWish) => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  const restore = () => stdin.setRawMode(false);
  const hear = (bytes: Buffer) => {
    for (const byte of bytes) {
      const wanted = KEYS.get(byte);
      if (wanted !== undefined) wish(wanted);
    }
  };
  stdin.setRawMode(true);
  // Whatever ends this process, the shell needs its terminal as it was.
  process.once("exit", restore);
  stdin.on("data", hear);
  return () => {
    stdin.off("data", hear);
    stdin.pause();
    process.off("exit", restore);
    restore();
  };
}
