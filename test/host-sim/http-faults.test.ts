import { expect, test } from "vitest";
import { type HttpFault, HttpFaults } from "../../host-sim/network/http-faults.ts";
import { Internet } from "../../host-sim/network/internet.ts";
import { World } from "../../host-sim/world.ts";
import { HOUR_MS, MINUTE_MS, stagesByCapture, startSystem } from "../flows/system.ts";

const BODY = "0123456789".repeat(10);
/** There and back, and what the server takes. */
const ROUND_TRIP_MS = 32;

/** A network with a server that says the same to everybody. */
function startNetwork(seed = 1) {
  const world = new World({ seed, pace: "virtual", startedAtMs: 0 });
  const faults = new HttpFaults(world);
  const seen: string[] = [];
  const sockets = { opened: 0, closed: 0 };
  const path = faults.between({
    request: async ({ url }) => {
      seen.push(url);
      return new Response(BODY, { headers: { "Content-Length": String(BODY.length) } });
    },
    connect: (_url, peer) => {
      sockets.opened++;
      peer.opened();
      peer.message("welcome");
      return {
        send: (text) => {
          seen.push(text);
          peer.message(`ack ${text}`);
        },
        close: () => void sockets.closed++,
      };
    },
  });
  return { world, faults, seen, sockets, internet: new Internet(world, path) };
}

/** What a client hears of one request, and when. */
async function ask({ world, internet }: ReturnType<typeof startNetwork>, url = "http://server/") {
  const heard: { atMs: number; status: number; retryAfter?: string; text: string; end: string }[] =
    [];
  const startedMs = world.nowMs;
  const request = { url, method: "GET", headers: new Headers(), body: null };
  internet.exchange(
    request,
    () => true,
    (answer) => {
      const atMs = world.nowMs - startedMs;
      if (answer.kind === "refused")
        return heard.push({ atMs, status: 0, text: "", end: "refused" });
      const { status, headers, body } = answer;
      const retryAfter = headers.get("retry-after");
      const text = Buffer.from(body.take(1_000)).toString();
      const wait = retryAfter === undefined ? {} : { retryAfter };
      heard.push({ atMs, status, ...wait, text, end: body.state });
    },
  );
  await world.run(startedMs + MINUTE_MS);
  return heard;
}

const GOOD = { atMs: ROUND_TRIP_MS, status: 200, text: BODY, end: "whole" };

test.each<[HttpFault, object[], "asked" | "not asked"]>([
  [
    { kind: "status", status: 500 },
    [{ atMs: ROUND_TRIP_MS, status: 500, text: "", end: "whole" }],
    "not asked",
  ],
  [
    { kind: "status", status: 429, retryAfterS: 120 },
    [{ atMs: ROUND_TRIP_MS, status: 429, retryAfter: "120", text: "", end: "whole" }],
    "not asked",
  ],
  [{ kind: "stall" }, [], "not asked"],
  [{ kind: "slow", lateMs: 5_000 }, [{ ...GOOD, atMs: 5_000 + ROUND_TRIP_MS }], "asked"],
  [{ kind: "answer_lost" }, [], "asked"],
])("%j: what the client hears, and whether the server was asked", async (fault, heard, asked) => {
  const network = startNetwork();
  const end = network.faults.begin(fault, 1);
  expect(await ask(network)).toEqual(heard);
  expect(network.seen).toHaveLength(asked === "asked" ? 1 : 0);
  end();
  expect(await ask(network)).toEqual([GOOD]);
});

test("an answer that is cut ends early, anywhere, with the length that was announced", async () => {
  const network = startNetwork();
  network.faults.begin({ kind: "answer_cut" }, 1);
  const lengths: number[] = [];
  for (let request = 0; request < 50; request++) {
    const [heard] = await ask(network);
    expect(heard).toMatchObject({ status: 200, end: "broken" });
    expect(BODY.startsWith(heard?.text ?? "?")).toBe(true);
    lengths.push(heard?.text.length ?? BODY.length);
  }
  expect(Math.max(...lengths)).toBeLessThan(BODY.length);
  expect(new Set(lengths).size).toBeGreaterThan(20);
});

test("a share is hit, the same ones for the same seed, and another fault shifts none of them", async () => {
  const hits = async (seed: number, before: readonly HttpFault[]): Promise<number[]> => {
    const network = startNetwork(seed);
    for (const fault of [...before, { kind: "status", status: 503 } as const]) {
      network.faults.begin(fault, 0.3);
    }
    const found: number[] = [];
    for (let request = 0; request < 100; request++) {
      const [heard] = await ask(network);
      if (heard?.status === 503) found.push(request);
    }
    return found;
  };
  const alone = await hits(1, []);
  expect(alone.length).toBeGreaterThan(15);
  expect(alone.length).toBeLessThan(45);
  expect(await hits(1, [])).toEqual(alone);
  expect(await hits(2, [])).not.toEqual(alone);
  // Where both hit, the first to begin is what happens.
  const behindAnother = await hits(1, [{ kind: "status", status: 500 }]);
  expect(behindAnother.length).toBeGreaterThan(5);
  expect(alone).toEqual(expect.arrayContaining(behindAnother));
});

test.each<["event_lost" | "message_lost", { heard: string[]; seen: string[] }]>([
  ["event_lost", { heard: ["opened", "welcome", "closed broken"], seen: [] }],
  ["message_lost", { heard: ["opened", "closed broken"], seen: [] }],
])("a socket breaks over a message (%s), on both sides and once", async (kind, expected) => {
  const { world, internet, faults, seen, sockets } = startNetwork();
  faults.begin({ kind }, 1);
  const heard: string[] = [];
  const peer = {
    opened: () => heard.push("opened"),
    message: (text: string) => heard.push(text),
    closed: (reason: string) => heard.push(`closed ${reason}`),
  };
  const socket = internet.connect("ws://server/", peer, () => true);
  world.after(1_000, () => socket.send("one"));
  world.after(2_000, () => socket.send("two"));
  await world.run(MINUTE_MS);
  expect({ heard, seen }).toEqual(expected);
  expect(sockets).toEqual({ opened: 1, closed: 1 });
});

test("an acknowledgement that is lost comes to the server as an event that it has already", async () => {
  const { world, internet, faults, seen } = startNetwork();
  const heard: string[] = [];
  const peer = {
    opened: () => {},
    message: (text: string) => heard.push(text),
    closed: (reason: string) => heard.push(reason),
  };
  const socket = internet.connect("ws://server/", peer, () => true);
  world.after(1_000, () => {
    faults.begin({ kind: "message_lost" }, 1);
    socket.send("one");
  });
  await world.run(MINUTE_MS);
  expect(seen).toEqual(["one"]);
  expect(heard).toEqual(["welcome", "broken"]);
});

test.each<HttpFault>([
  { kind: "answer_lost" },
  { kind: "answer_cut" },
  { kind: "stall" },
  { kind: "slow", lateMs: 40_000 },
  { kind: "status", status: 503, retryAfterS: 60 },
  { kind: "event_lost" },
  { kind: "message_lost" },
])(
  "with half of everything lost for an hour (%j) a photo is stored once, and its stages end",
  async (fault) => {
    const system = await startSystem();
    const { world, feeder, httpFaults } = system;
    world.after(MINUTE_MS, () => {
      const end = httpFaults.begin(fault, 0.5);
      world.after(HOUR_MS, end);
    });
    world.after(2 * MINUTE_MS, () => feeder.visit(8_000, 120));
    await world.run(3 * HOUR_MS);
    expect(await system.stored("photos")).toEqual(system.taken);
    expect(system.taken).toHaveLength(1);
    const [stages] = [...stagesByCapture(system.heard).values()];
    expect(
      stages?.filter((stage) => stage === "success" || stage === "gallery_ack").sort(),
    ).toEqual(["gallery_ack", "success"]);
  },
);

test("a feeder whose names do not resolve keeps its photo until they do", async () => {
  const system = await startSystem();
  const { world, feeder } = system;
  world.after(MINUTE_MS, () => {
    feeder.radio.dnsFails = true;
    system.internet.breakSockets();
  });
  world.after(2 * MINUTE_MS, () => feeder.visit(8_000, 120));
  await world.run(30 * MINUTE_MS);
  expect(await system.stored("photos")).toEqual([]);
  feeder.radio.dnsFails = false;
  await world.run(2 * HOUR_MS);
  expect(await system.stored("photos")).toEqual(system.taken);
});
