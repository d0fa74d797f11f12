import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ConfigInput,
  type ConfigState,
  NEVER_CONFIGURED,
  reportOf,
  stepConfig,
} from "../../../device/esp32/configuration/config-state.ts";
import {
  readConfigState,
  writeConfigState,
} from "../../../device/esp32/configuration/config-store.ts";
import { checkSettings } from "../../../protocol/check-settings.ts";

const offered = (version: number, settings: unknown = { clipSeconds: version }): ConfigInput => ({
  ...{ kind: "offered", version, checked: checkSettings(settings) },
});
const booted = (crashed = false, safeMode = false): ConfigInput => ({
  ...{ kind: "booted", crashed, safeMode },
});
const REACHED: ConfigInput = { kind: "reached" };
const EXPIRED: ConfigInput = { kind: "expired" };

function after(...inputs: readonly ConfigInput[]): ConfigState {
  return inputs.reduce((state, input) => stepConfig(state, input).state, NEVER_CONFIGURED);
}

test.each<[string, readonly ConfigInput[], object]>([
  ["nothing was set", [booted()], { status: "applied", version: 0, latest: 0 }],
  ["settings are tried", [offered(1)], { status: "trial", version: 1, latest: 1 }],
  ["and kept", [offered(1), REACHED, EXPIRED], { status: "applied", version: 1, latest: 1 }],
  [
    "or taken back",
    [offered(1), REACHED, offered(2), EXPIRED],
    { status: "rolled_back", version: 1, latest: 2, reason: "server_unreachable" },
  ],
  [
    "what was taken back is not tried again, and a newer one is",
    [offered(1), EXPIRED, offered(1), offered(2)],
    { status: "trial", version: 2, latest: 2 },
  ],
  [
    "what cannot be is never tried",
    [offered(1, { clipSeconds: 99, x: 1 })],
    {
      ...{ status: "rejected", version: 0, latest: 1, reason: "invalid_settings" },
      detail: "clipSeconds: must be a whole number from 0 to 8 s",
    },
  ],
  ["an older one is no news", [offered(2), REACHED, offered(1)], { version: 2, latest: 2 }],
  ["a trial comes to its end first", [offered(1), offered(2)], { status: "trial", version: 1 }],
  ["a power cut is nobody's fault", [offered(1), booted()], { status: "trial", version: 1 }],
  [
    "but not for ever",
    [offered(1), booted(), booted(), booted(), booted()],
    { status: "rolled_back", version: 0, latest: 1, reason: "restarts" },
  ],
  ["a crash is one", [offered(1), booted(true)], { status: "rolled_back", reason: "crash" }],
  [
    "safe mode runs what is known to be good",
    [offered(1), booted(true, true)],
    { status: "rolled_back", reason: "safe_mode" },
  ],
  ["a crash later says nothing", [offered(1), REACHED, booted(true)], { status: "applied" }],
])("%s", (_what, inputs, report) => {
  expect(reportOf(after(...inputs))).toMatchObject(report);
});

const anyInput = fc.oneof(
  fc.integer({ min: 1, max: 6 }).map((version) => offered(version)),
  fc.integer({ min: 1, max: 6 }).map((version) => offered(version, { clipSeconds: 99 })),
  fc.constantFrom(REACHED, EXPIRED, booted(), booted(true), booted(false, true)),
);

test("whatever happens, the newest version never falls and what is on flash says all of it", () => {
  fc.assert(
    fc.property(fc.array(anyInput), (inputs) => {
      let state = NEVER_CONFIGURED;
      const entries = new Map<string, string>();
      const store = {
        read: (key: string) => entries.get(key),
        write: (key: string, value: string) => void entries.set(key, value),
        delete: (key: string) => void entries.delete(key),
      };
      for (const input of inputs) {
        const { latest } = reportOf(state);
        state = stepConfig(state, input).state;
        expect(reportOf(state).latest).toBeGreaterThanOrEqual(latest);
        writeConfigState(store, state);
        expect(readConfigState(store)).toEqual(state);
        for (const [key, value] of entries) {
          expect(key.length).toBeLessThanOrEqual(15);
          expect(value.length).toBeLessThan(4_000);
        }
      }
    }),
  );
});

test.each(["", "{", "[]", '{"good":{}}', '{"kind":"trial","good":{"version":"1"}}'])(
  "storage that holds %j is that of a feeder that was never configured",
  (text) => {
    const store = { read: () => text, write: () => {}, delete: () => {} };
    expect(readConfigState(store)).toEqual(NEVER_CONFIGURED);
  },
);

test("settings of another firmware are left out, the others stay", () => {
  const settings = { clipSeconds: 3, heartbeatSeconds: 1, wingspan: 30 };
  const text = JSON.stringify({ kind: "confirmed", good: { version: 4, settings } });
  const store = { read: () => text, write: () => {}, delete: () => {} };
  expect(readConfigState(store).good).toEqual({ version: 4, settings: { clipSeconds: 3 } });
});
