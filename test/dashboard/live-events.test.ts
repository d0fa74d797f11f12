import fc from "fast-check";
import { expect, test } from "vitest";
import type { RoomEvent } from "../../dashboard/answers.ts";
import {
  isNewer,
  type LiveEffect,
  type LiveInput,
  type LiveState,
  retryDelayMs,
  stepLive,
} from "../../dashboard/live-events.ts";

function event(eventId: string): RoomEvent {
  return { type: "event.visit", deviceId: "garden", ts: 0, eventId, payload: {} };
}

/** The page's side of the connection, with everything it was told to do. */
class Follower {
  state: LiveState = { name: "idle" };
  readonly delivered: string[] = [];
  readonly effects: LiveEffect[] = [];

  put(input: LiveInput): readonly LiveEffect[] {
    const { state, effects } = stepLive(this.state, input);
    this.state = state;
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.name === "deliver") {
        this.delivered.push(...effect.events.map(({ eventId }) => eventId));
      }
    }
    return effects;
  }

  join(...missed: string[]): readonly LiveEffect[] {
    this.put({ name: "joined" });
    return this.put({ name: "filled", missed: { events: missed.map(event), complete: true } });
  }

  lose(nowMs = 0, chance = 0): readonly LiveEffect[] {
    return this.put({ name: "closed", nowMs, chance });
  }
}

function startedFollower(...missed: string[]): Follower {
  const follower = new Follower();
  follower.put({ name: "start" });
  follower.join(...missed);
  return follower;
}

test("the first joining asks for the latest events and says nothing of a reconnection", () => {
  const follower = startedFollower("a-1", "a-2");
  expect(follower.effects.map(({ name }) => name)).toEqual(["connect", "fill", "deliver"]);
  expect(follower.effects).toContainEqual({ name: "fill", afterId: undefined });
  expect(follower.state).toMatchObject({ name: "live", lastEventId: "a-2" });
});

test("a broken connection is told once, however many tries it takes", () => {
  const follower = startedFollower("a-1");
  expect(follower.lose(1000)).toEqual([{ name: "tellLost" }, { name: "wait", delayMs: 300 }]);
  follower.put({ name: "retry" });
  expect(follower.lose(2000)).toEqual([{ name: "wait", delayMs: 300 }]);
  expect(follower.state).toMatchObject({ name: "waiting", attempt: 1, lostAtMs: 1000 });
});

test("a first joining that took several tries is told as a return", () => {
  const follower = new Follower();
  follower.put({ name: "start" });
  expect(follower.lose()).toContainEqual({ name: "tellLost" });
  follower.put({ name: "retry" });
  expect(follower.join("a-1")).toContainEqual({ name: "tellBack", filledIn: 1, complete: true });
});

test("joining again asks for what came after the last event, and tells how many there were", () => {
  const follower = startedFollower("a-1");
  follower.lose();
  follower.put({ name: "retry" });
  expect(follower.put({ name: "joined" })).toEqual([{ name: "fill", afterId: "a-1" }]);
  const missed = { events: [event("a-2"), event("a-3")], complete: true };
  expect(follower.put({ name: "filled", missed })).toEqual([
    { name: "deliver", events: missed.events },
    { name: "tellBack", filledIn: 2, complete: true },
  ]);
  expect(follower.state).toMatchObject({ name: "live", lostAtMs: undefined });
});

test.each([
  { missed: { events: [event("b-1")], complete: false }, because: "older events are gone" },
  { missed: undefined, because: "the server did not answer" },
])("the view is loaded again when $because", ({ missed }) => {
  const follower = startedFollower("a-1");
  follower.lose();
  follower.put({ name: "retry" });
  follower.put({ name: "joined" });
  const effects = follower.put(missed ? { name: "filled", missed } : { name: "fillFailed" });
  expect(effects).toContainEqual({ name: "reload" });
  expect(effects).toContainEqual(expect.objectContaining({ name: "tellBack", complete: false }));
});

test("events that arrive while the gap is filled wait for it, and come once", () => {
  const follower = startedFollower("a-1");
  follower.lose();
  follower.put({ name: "retry" });
  follower.put({ name: "joined" });
  follower.put({ name: "event", event: event("a-3") });
  follower.put({ name: "event", event: event("a-4") });
  expect(follower.delivered).toEqual(["a-1"]);
  const missed = { events: ["a-2", "a-3"].map(event), complete: true };
  follower.put({ name: "filled", missed });
  expect(follower.delivered).toEqual(["a-1", "a-2", "a-3", "a-4"]);
});

test("of two servers each counts for itself", () => {
  const follower = startedFollower("a-9");
  for (const id of ["b-1", "a-10", "a-10", "b-1", "a-9", "b-2", "a-11"]) {
    follower.put({ name: "event", event: event(id) });
  }
  expect(follower.delivered).toEqual(["a-9", "b-1", "a-10", "b-2", "a-11"]);
});

test.each([
  { attempt: 0, chance: 0, delayMs: 300 },
  { attempt: 0, chance: 1, delayMs: 1000 },
  { attempt: 2, chance: 0.5, delayMs: 2150 },
  { attempt: 4, chance: 1, delayMs: 16_000 },
  { attempt: 40, chance: 1, delayMs: 30_000 },
])("try $attempt waits $delayMs ms when chance draws $chance", ({ attempt, chance, delayMs }) => {
  expect(retryDelayMs(attempt, chance)).toBe(delayMs);
});

test("however the connection breaks, every event is delivered once and in order", () => {
  const happening = fc.constantFrom("event", "event", "lose", "retry", "join", "answer");
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 200 }), (happenings) => {
      const follower = startedFollower();
      const sent: RoomEvent[] = [];
      for (const name of happenings) {
        if (name === "event") {
          const next = event(`a-${sent.length + 1}`);
          sent.push(next);
          const isOpen = follower.state.name === "live" || follower.state.name === "filling";
          if (isOpen) follower.put({ name: "event", event: next });
        }
        if (name === "lose") follower.lose();
        if (name === "retry") follower.put({ name: "retry" });
        if (name === "join") follower.put({ name: "joined" });
        if (name === "answer") answerFrom(follower, sent);
      }
      follower.lose();
      follower.put({ name: "retry" });
      follower.put({ name: "joined" });
      answerFrom(follower, sent);
      expect(follower.delivered).toEqual(sent.map(({ eventId }) => eventId));
    }),
  );
});

/** The server's answer to the question for missed events, when it was asked. */
function answerFrom(follower: Follower, sent: readonly RoomEvent[]): void {
  const { state } = follower;
  if (state.name !== "filling") return;
  const events = sent.filter(({ eventId }) => isNewer(eventId, state.delivered));
  follower.put({ name: "filled", missed: { events, complete: true } });
}
