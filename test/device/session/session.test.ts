import { expect, test } from "vitest";
import { ServerPlace } from "../../../device/esp32/server-place.ts";
import { Session } from "../../../device/esp32/session/session.ts";
import type { WebSocketEvents } from "../../../device/esp32/session-ports.ts";
import { World } from "../../../host-sim/world.ts";
import { withDefaults } from "../../../protocol/device-config.ts";
import type { VisitPayload } from "../../../protocol/room-messages.ts";

const SECOND_MS = 1_000;
const DISCOVERY = JSON.stringify({
  api_base: "http://server.test",
  signal_ws: "ws://server.test/v1/ws?token=t",
  time: "2026-06-01T00:00:00Z",
});

interface Conversation {
  readonly openedAtMs: number;
  closedAtMs?: number;
  readonly heard: { seq: number; captureId: string }[];
}

/** A session whose server does with each message what `answer` says: nothing by itself. */
function sessionWith(
  answer: (
    conversation: Conversation,
    conversations: readonly Conversation[],
  ) => { readonly welcome: boolean; readonly ackUpTo: number },
) {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const time = {
    monotonicMs: () => Math.floor(world.nowMs),
    after: (delayMs: number, elapsed: () => void) => world.after(delayMs, elapsed),
  };
  const conversations: Conversation[] = [];

  let closeNewest = (): void => {};

  function open(events: WebSocketEvents) {
    let closed = false;
    closeNewest = () => {
      if (!closed) events.closed("closed");
      closed = true;
    };
    const conversation: Conversation = { openedAtMs: world.nowMs, heard: [] };
    conversations.push(conversation);
    const { welcome } = answer(conversation, conversations);
    if (welcome) {
      const text = JSON.stringify({ type: "system", message: "connected", ts: 0 });
      world.after(10, () => events.message(text));
    }
    return {
      send: (text: string) => {
        const { seq, bootId, payload } = JSON.parse(text);
        conversation.heard.push({ seq, captureId: payload.captureId });
        const { ackUpTo } = answer(conversation, conversations);
        const ack = JSON.stringify({ type: "ack", bootId, seq: Math.min(seq, ackUpTo), ts: 0 });
        if (ackUpTo > 0) world.after(10, () => events.message(ack));
        return true;
      },
      close: () => {
        conversation.closedAtMs = world.nowMs;
        world.after(50, () => events.closed("closed"));
      },
    };
  }

  const session = new Session(
    {
      time,
      entropy: { uniform: () => 0.5 },
      http: {
        request: (_request, done) => {
          world.after(5, () => done({ kind: "answered", status: 200, body: DISCOVERY }));
        },
      },
      mqtt: {
        open: () => {
          throw new Error("this feeder is on the relay");
        },
      },
      webSockets: { open: (_url, _connectTimeoutMs, events) => open(events) },
      log: { write: () => {} },
    },
    new ServerPlace(time, { learn() {} }, "http://server.test"),
    {
      deviceId: "dev1",
      bootId: "boot",
      sessionTransport: "relay",
      config: withDefaults({}),
    },
    { token: undefined, begin: () => {}, stop: () => {} },
  );
  const report = (captureId: string): void => {
    const payload: VisitPayload = { captureId, trigger: "pir" };
    session.report({ type: "event.visit", payload });
  };
  session.start({
    connected: () => {},
    updates: { command: () => {} },
    settings: { command: () => {} },
    followLog: () => {},
  });
  world.after(0, () => session.networkChanged(true));
  const setNetwork = (online: boolean): void => session.networkChanged(online);
  return { world, conversations, report, setNetwork, closeNewest: () => closeNewest() };
}

test("a connection that opens and then says nothing is given up, and the next is tried", async () => {
  const { world, conversations } = sessionWith(() => ({ welcome: false, ackUpTo: 0 }));
  await world.run(60 * SECOND_MS);
  const [first, second] = conversations;
  expect((first?.closedAtMs ?? 0) - (first?.openedAtMs ?? 0)).toBe(15 * SECOND_MS);
  expect(second?.openedAtMs).toBeGreaterThan(first?.closedAtMs ?? Number.NaN);
});

test("a relay that welcomes and closes at once is asked less and less often", async () => {
  const { world, conversations, closeNewest } = sessionWith(() => ({ welcome: true, ackUpTo: 0 }));
  for (let at = 100; at < 600 * SECOND_MS; at += 100) world.after(at, closeNewest);
  await world.run(600 * SECOND_MS);
  expect(conversations.length).toBeGreaterThan(10);
  expect(conversations.length).toBeLessThan(40);
});

test("an event that is never acknowledged ends the connection after 10 s and is sent again on the next", async () => {
  const { world, conversations, report } = sessionWith((_now, all) => ({
    welcome: true,
    ackUpTo: all.length === 1 ? 0 : 99,
  }));
  world.after(20 * SECOND_MS, () => report("a"));
  await world.run(60 * SECOND_MS);
  expect(conversations[0]?.closedAtMs).toBe(30 * SECOND_MS);
  expect(conversations[1]?.heard).toEqual([{ seq: 1, captureId: "a" }]);
  expect(conversations).toHaveLength(2);
});

test("an acknowledgement of the first of two events does not hide that the second is lost", async () => {
  const { world, conversations, report } = sessionWith((_now, all) => ({
    welcome: true,
    ackUpTo: all.length === 1 ? 1 : 99,
  }));
  world.after(20 * SECOND_MS, () => {
    report("a");
    report("b");
  });
  await world.run(60 * SECOND_MS);
  expect(conversations[0]?.heard.map(({ captureId }) => captureId)).toEqual(["a", "b"]);
  expect(conversations[0]?.closedAtMs).toBeLessThan(31 * SECOND_MS);
  expect(conversations[1]?.heard).toEqual([{ seq: 2, captureId: "b" }]);
});

test("the late end of a connection from before the network went does not disturb the one after", async () => {
  const { world, conversations, report, setNetwork } = sessionWith(() => ({
    welcome: true,
    ackUpTo: 99,
  }));
  world.after(10 * SECOND_MS, () => {
    setNetwork(false);
    setNetwork(true);
  });
  world.after(20 * SECOND_MS, () => report("a"));
  await world.run(60 * SECOND_MS);
  expect(conversations).toHaveLength(2);
  expect(conversations[1]?.closedAtMs).toBeUndefined();
  expect(conversations[1]?.heard).toEqual([{ seq: 1, captureId: "a" }]);
});

test("offline, the oldest events beyond the bound go", async () => {
  const { world, conversations, report } = sessionWith((_now, all) => ({
    welcome: all.length > 1,
    ackUpTo: 99,
  }));
  for (let event = 1; event <= 70; event++) world.after(100 * event, () => report(`e${event}`));
  await world.run(60 * SECOND_MS);
  const seqs = conversations[1]?.heard.map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from({ length: 64 }, (_, index) => index + 7));
});
