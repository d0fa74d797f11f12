import * as v from "valibot";

const LONGEST_MS = 400 * 86_400_000;

const ms = v.pipe(v.number(), v.minValue(0), v.maxValue(LONGEST_MS));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const moment = { atMs: ms };
const span = { ...moment, forMs: ms };
/** Which feeder of the stage; one that the stage does not have is never hit. */
const feeder = { feeder: count };

const kind = <Kind extends string>(name: Kind) => ({ kind: v.literal(name) });

const faultSchema = v.variant("kind", [
  v.object({ ...kind("wifi_away"), ...feeder, ...span }),
  v.object({ ...kind("dns_fails"), ...feeder, ...span }),
  v.object({
    ...kind("uart_noise"),
    ...feeder,
    ...span,
    bitErrorRate: share,
    dropFrameRate: share,
    duplicateFrameRate: share,
    insertByteRate: share,
  }),
  v.object({ ...kind("uart_stall"), ...feeder, ...span }),
  v.object({ ...kind("camera_dead"), ...feeder, ...span }),
  /** Its supply being switched off and on is what helps, where it can be. */
  v.object({ ...kind("camera_never_wakes"), ...feeder, ...span }),
  v.object({ ...kind("camera_mute"), ...feeder, ...span }),
  v.object({ ...kind("camera_blind"), ...feeder, ...span }),
  v.object({ ...kind("camera_without_wifi"), ...feeder, ...span }),
  v.object({ ...kind("camera_reset"), ...feeder, ...moment }),
  /** Its supply fails when it has sent so many more bytes, if it does in that time. */
  v.object({ ...kind("camera_supply_fails"), ...feeder, ...span, sentBytes: count }),
  /** In the n-th flash operation from then on; 0: between two. */
  v.object({
    ...kind("power_cut"),
    ...feeder,
    ...span,
    operation: count,
    phase: v.picklist(["before", "torn", "after"]),
  }),
  v.object({ ...kind("brownout"), ...feeder, ...moment }),
  v.object({ ...kind("deep_sleep"), ...feeder, ...span }),
  /** No room for anything new in NVS. */
  v.object({ ...kind("storage_full"), ...feeder, ...span }),
  v.object({ ...kind("relay_drop"), ...moment }),
  v.object({ ...kind("server_refuses"), ...span }),
  v.object({ ...kind("server_silent"), ...span }),
  v.object({
    ...kind("http_status"),
    ...span,
    share,
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
  }),
  /** The server never answers. */
  v.object({ ...kind("http_stall"), ...span, share }),
  /** The server did it, and nobody hears. */
  v.object({ ...kind("answer_lost"), ...span, share }),
  v.object({ ...kind("answer_cut"), ...span, share }),
  v.object({ ...kind("http_slow"), ...span, share, lateMs: ms }),
  /** The connection to the room breaks over a message of the feeder. */
  v.object({ ...kind("event_lost"), ...span, share }),
  /** Or of the server, such as an acknowledgement. */
  v.object({ ...kind("message_lost"), ...span, share }),
  /** Somebody on the way hands out another image than was signed. */
  v.object({ ...kind("other_image"), ...span }),
  /** In the n-th storage operation from then on; 0: between two. `power`: what was not synced is gone. */
  v.object({
    ...kind("server_crash"),
    ...span,
    operation: count,
    when: v.picklist(["before", "after"]),
    how: v.picklist(["killed", "power"]),
  }),
  /** Of the server's wall clock, from which the feeders have theirs. */
  v.object({
    ...kind("clock_step"),
    ...moment,
    byMs: v.pipe(v.number(), v.integer(), v.minValue(-LONGEST_MS), v.maxValue(LONGEST_MS)),
  }),
]);

/** One thing that goes wrong, as data; `atMs` counts from the beginning of the world. */
export type Fault = v.InferOutput<typeof faultSchema>;
export type FaultKind = Fault["kind"];
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { readonly kind: Kind }>;

/** Everything that goes wrong in one run: what is left out of it does not happen, and nothing else changes. */
export type FaultPlan = readonly Fault[];

export type ParsedPlan =
  | { readonly kind: "plan"; readonly plan: FaultPlan }
  | { readonly kind: "refused"; readonly why: string };

export function parsePlan(value: unknown): ParsedPlan {
  const parsed = v.safeParse(v.array(faultSchema), value);
  if (parsed.success) return { kind: "plan", plan: parsed.output };
  const [issue] = parsed.issues;
  return { kind: "refused", why: `${v.getDotPath(issue) ?? "the plan"}: ${issue.message}` };
}
