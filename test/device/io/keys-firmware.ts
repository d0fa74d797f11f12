/** Firmware of an experiment: asks the keys that are baked into it about signatures. */
import { openManifestKeys } from "../../../device/esp32/io/manifest-keys.ts";
import { readManifestKeys } from "../../../device/esp32/io/stored-settings.ts";

interface Asked {
  readonly kid: string;
  readonly signingInput: string;
  readonly signature: readonly number[];
}

/** What the board traces. */
export interface KeysOutcome {
  readonly isDevelopment: boolean;
  /** Null: no such key. */
  readonly answers: readonly (boolean | null)[];
  readonly log: readonly string[];
}

declare const plan: { readonly asked: readonly Asked[] };

const log: string[] = [];
const keys = openManifestKeys(readManifestKeys(), {
  write: (level, tag, text) => log.push(`${level} ${tag}: ${text}`),
});
const answers = plan.asked.map(
  ({ kid, signingInput, signature }) =>
    keys.verify(kid, signingInput, Uint8Array.from(signature)) ?? null,
);
trace(JSON.stringify({ isDevelopment: keys.isDevelopment, answers, log } satisfies KeysOutcome));
