/**
 * The life of the page's connection to the rooms, as a pure step: (state, input) -> state and effects.
 * Every joining is followed by one question for what was missed. What arrives meanwhile is held, so that each event
 * is delivered once, in the server's order, however often the connection breaks.
 */
import type { MissedEvents, RoomEvent } from "./answers.ts";

export type LiveState =
  | { readonly name: "idle" }
  | (Progress & { readonly name: "connecting"; readonly attempt: number })
  | (Progress & { readonly name: "filling"; readonly held: readonly RoomEvent[] })
  | (Progress & { readonly name: "live" })
  | (Progress & { readonly name: "waiting"; readonly attempt: number; readonly retryAtMs: number });

interface Progress {
  /** The last event delivered; none before the first one. */
  readonly lastEventId: string | undefined;
  /** The highest number delivered of each server process: each counts its own, one after the other. */
  readonly delivered: Delivered;
  /** When the connection broke, until it is whole again. */
  readonly lostAtMs: number | undefined;
}

type Delivered = ReadonlyMap<string, number>;

export type LiveInput =
  | { readonly name: "start" }
  | { readonly name: "joined" }
  | { readonly name: "event"; readonly event: RoomEvent }
  | { readonly name: "filled"; readonly missed: MissedEvents }
  | { readonly name: "fillFailed" }
  | { readonly name: "closed"; readonly nowMs: number; readonly chance: number }
  | { readonly name: "retry" };

export type LiveEffect =
  | { readonly name: "connect" }
  | { readonly name: "fill"; readonly afterId: string | undefined }
  | { readonly name: "deliver"; readonly events: readonly RoomEvent[] }
  /** Nothing can be trusted to have arrived: ask for the whole view again. */
  | { readonly name: "reload" }
  | { readonly name: "wait"; readonly delayMs: number }
  | { readonly name: "tellLost" }
  | { readonly name: "tellBack"; readonly filledIn: number; readonly complete: boolean };

export interface LiveStep {
  readonly state: LiveState;
  readonly effects: readonly LiveEffect[];
}

/** A restarting server is back within seconds; a page left open overnight asks twice a minute. */
const RETRY_BASE_MS = 1_000;
const RETRY_CAP_MS = 30_000;
/** Jitter may draw nearly 0, and a loop without a pause must not be possible. */
const RETRY_FLOOR_MS = 300;

/** `chance` from 0 up to 1 spreads the pages of one server over the whole delay. */
export function retryDelayMs(attempt: number, chance: number): number {
  const ceiling = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** attempt);
  return Math.round(RETRY_FLOOR_MS + chance * (ceiling - RETRY_FLOOR_MS));
}

export function stepLive(state: LiveState, input: LiveInput): LiveStep {
  switch (input.name) {
    case "start":
      return state.name === "idle" ? connect(NOTHING_YET, 0) : stay(state);
    case "joined":
      return state.name === "connecting" ? join(state) : stay(state);
    case "event":
      return receive(state, input.event);
    case "filled":
      return state.name === "filling" ? fill(state, input.missed) : stay(state);
    case "fillFailed":
      return state.name === "filling" ? fill(state, { events: [], complete: false }) : stay(state);
    case "closed":
      return close(state, input);
    case "retry":
      return state.name === "waiting" ? connect(state, state.attempt) : stay(state);
  }
}

const NOTHING_YET: Progress = {
  lastEventId: undefined,
  delivered: new Map(),
  lostAtMs: undefined,
};

function stay(state: LiveState): LiveStep {
  return { state, effects: [] };
}

function progressOf(state: Progress): Progress {
  const { lastEventId, delivered, lostAtMs } = state;
  return { lastEventId, delivered, lostAtMs };
}

function connect(progress: Progress, attempt: number): LiveStep {
  return {
    state: { ...progressOf(progress), name: "connecting", attempt },
    effects: [{ name: "connect" }],
  };
}

function join(progress: Progress): LiveStep {
  return {
    state: { ...progressOf(progress), name: "filling", held: [] },
    effects: [{ name: "fill", afterId: progress.lastEventId }],
  };
}

function receive(state: LiveState, event: RoomEvent): LiveStep {
  if (state.name === "filling") return stay({ ...state, held: [...state.held, event] });
  const { eventId } = event;
  if (state.name !== "live" || !isNewer(eventId, state.delivered)) return stay(state);
  return {
    state: { ...state, lastEventId: eventId, delivered: withEvent(state.delivered, eventId) },
    effects: [{ name: "deliver", events: [event] }],
  };
}

function fill(state: LiveState & { name: "filling" }, missed: MissedEvents): LiveStep {
  const events: RoomEvent[] = [];
  let { lastEventId, delivered } = state;
  for (const event of [...missed.events, ...state.held]) {
    if (!isNewer(event.eventId, delivered)) continue;
    events.push(event);
    lastEventId = event.eventId;
    delivered = withEvent(delivered, lastEventId);
  }
  const effects: LiveEffect[] = [{ name: "deliver", events }];
  if (state.lostAtMs !== undefined) {
    const { complete } = missed;
    if (!complete) effects.push({ name: "reload" });
    effects.push({ name: "tellBack", filledIn: events.length, complete });
  }
  return { state: { name: "live", lastEventId, delivered, lostAtMs: undefined }, effects };
}

function close(state: LiveState, { nowMs, chance }: LiveInput & { name: "closed" }): LiveStep {
  if (state.name === "idle" || state.name === "waiting") return stay(state);
  const attempt = state.name === "connecting" ? state.attempt + 1 : 0;
  const delayMs = retryDelayMs(attempt, chance);
  const lostAtMs = state.lostAtMs ?? nowMs;
  const waiting = { name: "waiting", attempt, retryAtMs: nowMs + delayMs } as const;
  const effects: LiveEffect[] = [{ name: "wait", delayMs }];
  if (state.lostAtMs === undefined) effects.unshift({ name: "tellLost" });
  return { state: { ...progressOf(state), ...waiting, lostAtMs }, effects };
}

/** Ids are `<process>-<counter>`: of several processes, or of a server before and after its restart, none is first. */
export function isNewer(eventId: string, delivered: Delivered): boolean {
  const [process, counter] = readEventId(eventId);
  return counter > (delivered.get(process) ?? 0);
}

function withEvent(delivered: Delivered, eventId: string): Delivered {
  return new Map([...delivered, readEventId(eventId)]);
}

function readEventId(eventId: string): readonly [process: string, counter: number] {
  const [process = "", counter = ""] = eventId.split("-");
  return [process, Number.parseInt(counter, 10)];
}
