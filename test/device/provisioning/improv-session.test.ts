import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONSOLE_PACKET_BYTES_MAX, NEARBY_NETWORKS_MAX } from "../../../device/esp32/limits.ts";
import {
  type ImprovFacts,
  type ImprovInput,
  type ImprovState,
  stepImprov,
} from "../../../device/esp32/provisioning/improv-session.ts";
import { IMPROV_TYPE, ImprovReader } from "../../../protocol/improv-packet.ts";
import {
  encodeImprovRpc,
  encodeImprovWifi,
  IMPROV_COMMAND,
  parseImprovResult,
} from "../../../protocol/improv-rpc.ts";

const SEEDS = Number(process.env.NOISE_SEEDS ?? 500);
const GARDEN = { ssid: "garden", password: "eight-or-more" };
const BARE: ImprovFacts = {
  deviceId: "24a160000001",
  version: "1.0.0",
  name: "",
  serverUrl: "",
  hasNetwork: false,
  isOnTrial: false,
};
const SETTLED: ImprovFacts = {
  ...BARE,
  name: "Garden",
  serverUrl: "https://birds.test",
  hasNetwork: true,
};

/** What goes out, in words; and what else is to be done. */
function told(facts: ImprovFacts, state: ImprovState, input: ImprovInput) {
  const step = stepImprov(state, input, facts);
  const lines = step.effects.map((effect) => {
    if (effect.kind !== "send") return effect;
    expect(effect.packet.length).toBeLessThanOrEqual(CONSOLE_PACKET_BYTES_MAX);
    let line = "";
    const reader = new ImprovReader((type, data) => {
      const result = type === IMPROV_TYPE.result ? parseImprovResult(data) : undefined;
      const texts = result && `result ${result.command}: ${result.texts.join(", ")}`;
      line = texts ?? `${type === IMPROV_TYPE.state ? "state" : "error"} ${data[0]}`;
    });
    reader.receive(effect.packet, 0);
    return line;
  });
  return { state: step.state, lines };
}

const rpc = (command: number, payload: ArrayLike<number> = []): ImprovInput => ({
  kind: "packet",
  type: IMPROV_TYPE.rpc,
  data: encodeImprovRpc(command, payload),
});
const text = (words: string) => new TextEncoder().encode(words);
const WIFI = rpc(IMPROV_COMMAND.wifi, encodeImprovWifi(GARDEN));

describe("what a client asks", () => {
  test.each([
    [BARE, rpc(IMPROV_COMMAND.state), ["state 2"]],
    [SETTLED, rpc(IMPROV_COMMAND.state), ["state 4", "result 2: https://birds.test/fleet"]],
    [BARE, rpc(IMPROV_COMMAND.info), ["result 3: SkyFeeder, 1.0.0, ESP32, 24a160000001"]],
    [SETTLED, rpc(IMPROV_COMMAND.info), ["result 3: SkyFeeder, 1.0.0, ESP32, Garden"]],
    [BARE, rpc(IMPROV_COMMAND.hostname), ["error 2"]],
    [BARE, rpc(IMPROV_COMMAND.deviceName), ["result 6: 24a160000001"]],
    [
      BARE,
      rpc(IMPROV_COMMAND.deviceName, text("Häuschen")),
      [{ kind: "name", name: "Häuschen" }, "result 6: Häuschen"],
    ],
    [BARE, rpc(IMPROV_COMMAND.deviceName, text("x".repeat(33))), ["error 1"]],
    [BARE, rpc(IMPROV_COMMAND.deviceName, text("clear \x1b[2J")), ["error 1"]],
    [BARE, rpc(IMPROV_COMMAND.deviceName, [0xff]), ["error 1"]],
    [BARE, rpc(IMPROV_COMMAND.networkState), ["result 7: 2"]],
    [SETTLED, rpc(IMPROV_COMMAND.networkState), ["result 7: 3, https://birds.test/fleet"]],
    [BARE, rpc(IMPROV_COMMAND.serverUrl), ["result 240: "]],
    [
      BARE,
      rpc(IMPROV_COMMAND.serverUrl, text("http://192.168.1.10:8080/")),
      [
        { kind: "server", serverUrl: "http://192.168.1.10:8080" },
        "result 240: http://192.168.1.10:8080",
      ],
    ],
    [BARE, rpc(IMPROV_COMMAND.serverUrl, text("ftp://birds.test")), ["error 1"]],
    [BARE, rpc(IMPROV_COMMAND.serverUrl, text("http://birds.test:0")), ["error 1"]],
    [BARE, rpc(IMPROV_COMMAND.serverUrl, text(`http://${"x".repeat(80)}`)), ["error 1"]],
    [BARE, rpc(0x42), ["error 2"]],
    [BARE, { kind: "packet", type: IMPROV_TYPE.rpc, data: Uint8Array.of(2, 9) }, ["error 1"]],
    [BARE, { kind: "packet", type: IMPROV_TYPE.rpc, data: Uint8Array.of() }, ["error 1"]],
    [BARE, { kind: "packet", type: IMPROV_TYPE.state, data: Uint8Array.of(4) }, []],
    [
      { ...SETTLED, isOnTrial: true },
      rpc(IMPROV_COMMAND.serverUrl, text("http://192.168.1.10:8080")),
      [{ kind: "stay" }, "error 240"],
    ],
    [
      { ...SETTLED, isOnTrial: true },
      rpc(IMPROV_COMMAND.serverUrl, text(SETTLED.serverUrl)),
      [{ kind: "server", serverUrl: SETTLED.serverUrl }, "result 240: https://birds.test"],
    ],
  ] as const)("%#: is answered, and nothing begins", (facts, input, lines) => {
    expect(told(facts, "idle", input)).toEqual({ state: "idle", lines });
  });

  test.each([
    ["no password", [3, 1, 2, 3]],
    ["a length beyond the end", [9, 1, 2, 3]],
    ["no name", [0, 8, ...text("eight-or")]],
    ["a name of 33 bytes", [33, ...text("x".repeat(33)), 0]],
    ["a passphrase of 7", [1, 65, 7, ...text("seven-7")]],
    ["a third text", [...encodeImprovWifi(GARDEN), 0]],
  ])("credentials with %s are refused, and nothing is tried", (_, payload) => {
    const answer = told(BARE, "idle", rpc(IMPROV_COMMAND.wifi, payload));
    expect(answer).toEqual({ state: "idle", lines: ["error 1"] });
  });
});

describe("a network that is given", () => {
  test("is tried", () => {
    const join = { kind: "join", credentials: GARDEN };
    const lines = ["error 0", "state 3", join];
    expect(told(BARE, "idle", WIFI)).toEqual({ state: "joining", lines });
  });

  test("and joined: the client goes on to the server", () => {
    const tried = { kind: "tried", result: { kind: "joined" } } as const;
    const lines = ["state 4", "result 1: https://birds.test/fleet", { kind: "provisioned" }];
    expect(told(SETTLED, "joining", tried)).toEqual({ state: "idle", lines });
  });

  test.each([
    [BARE, "state 2"],
    [SETTLED, "state 4"],
  ])("and not joined: the feeder is what it was", (facts, before) => {
    const result = { kind: "failed", reason: "wrong_password" } as const;
    const answer = told(facts, "joining", { kind: "tried", result });
    expect(answer).toEqual({ state: "idle", lines: ["error 3", before] });
  });

  test("is not tried while another is, or while the feeder listens", () => {
    for (const state of ["joining", "scanning"] as const) {
      expect(told(BARE, state, WIFI)).toEqual({ state, lines: ["error 255"] });
      const scan = rpc(IMPROV_COMMAND.scan);
      expect(told(BARE, state, scan)).toEqual({ state, lines: ["error 255"] });
    }
    const asked = told(BARE, "joining", rpc(IMPROV_COMMAND.state));
    expect(asked).toEqual({ state: "joining", lines: ["state 3"] });
  });
});

test("what was heard is told one by one, with an empty result behind; each fits the FIFO", () => {
  expect(told(BARE, "idle", rpc(IMPROV_COMMAND.scan))).toEqual({
    state: "scanning",
    lines: [{ kind: "scan" }],
  });
  const networks = Array.from({ length: NEARBY_NETWORKS_MAX }, (_, at) => ({
    ssid: "ü".repeat(16),
    rssiDbm: -40 - at,
    secured: at > 0,
  }));
  const { state, lines } = told(BARE, "scanning", { kind: "scanned", networks });
  expect(state).toBe("idle");
  expect(lines).toHaveLength(NEARBY_NETWORKS_MAX + 1);
  expect(lines.slice(0, 2)).toEqual([
    `result 4: ${"ü".repeat(16)}, -40, NO`,
    `result 4: ${"ü".repeat(16)}, -41, YES`,
  ]);
  expect(lines.at(-1)).toBe("result 4: ");
});

test("the longest that a feeder may say of itself fits the FIFO", () => {
  const facts = {
    deviceId: "x".repeat(48),
    version: "10.20.30-20261121235959.0123456789ab",
    name: "ü".repeat(16),
    serverUrl: `https://${"x".repeat(72)}`,
    hasNetwork: true,
    isOnTrial: false,
  };
  for (const name of [facts.name, ""]) {
    for (const command of Object.values(IMPROV_COMMAND)) {
      told({ ...facts, name }, "idle", rpc(command));
    }
  }
  told(facts, "joining", { kind: "tried", result: { kind: "joined" } });
});

test("any packet has an answer", () => {
  const command = fc.oneof(fc.constantFrom(...Object.values(IMPROV_COMMAND)), fc.nat(255));
  const packet = fc.oneof(
    fc.uint8Array({ maxLength: 255 }),
    fc
      .tuple(command, fc.uint8Array({ maxLength: 253 }))
      .map(([asked, payload]) => encodeImprovRpc(asked, payload)),
  );
  fc.assert(
    fc.property(packet, fc.constantFrom("idle", "scanning", "joining"), (data, state) => {
      const { effects } = stepImprov(state, { kind: "packet", type: 3, data }, SETTLED);
      expect(effects.length).toBeGreaterThan(0);
    }),
    { numRuns: SEEDS },
  );
});
