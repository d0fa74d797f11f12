import * as v from "valibot";
import { FAULT_KINDS } from "./faults/draw-plan.ts";
import { type FaultKind, type FaultPlan, parsePlan } from "./faults/fault.ts";
import { auditHealth } from "./invariants/feeder-health.ts";
import { auditMedia } from "./invariants/kept-media.ts";
import { auditRoom } from "./invariants/room-audit.ts";
import type { RandomStream } from "./random.ts";
import type { Stage } from "./stage.ts";

/** A story: who is there, what happens, and what goes wrong. What must hold in the end holds for all of them. */
export interface Scenario {
  readonly about: string;
  /** Of virtual time. */
  readonly hours: number;
  readonly props?: (random: RandomStream) => StageProps;
  /** Drawn from the seed until `healedAtHours`; or the very plan. */
  readonly faults?:
    | {
        readonly kinds: readonly FaultKind[];
        readonly healedAtHours: number;
        /** Every kind in every run; otherwise the seed also draws which. */
        readonly always?: true;
      }
    | FaultPlan;
  /** Plans what happens. */
  play(stage: Stage, cast: Cast): void | Promise<void>;
  /** Beyond what always must hold: says what is wrong. */
  ending?(stage: Stage): string | undefined | Promise<string | undefined>;
}

/** What a story may call for. */
export interface Cast {
  readonly random: RandomStream;
  /** A release of this firmware, to publish. */
  image(version: string, sizeBytes?: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** As far as a fault may be planned ahead. */
const HOURS_MAX = 24 * 400;
/** A stage keeps all that its feeders say. */
const FEEDERS_MAX = 1_000;

const propsSchema = v.strictObject({
  feeders: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(FEEDERS_MAX))),
  /** The cameras' supply hangs on a pin of the boards. */
  cameraSupply: v.exactOptional(v.boolean()),
  /** The cameras make a clip of each visit. */
  clips: v.exactOptional(v.boolean()),
  /** The server trusts nobody: feeders have to be let in. */
  closedServer: v.exactOptional(v.boolean()),
  /** The boards come as they were built: nobody has given them a network, a server or a name. */
  bare: v.exactOptional(v.boolean()),
  /** The server has an MQTT broker; who uses it is a matter of NVS. */
  broker: v.exactOptional(v.boolean()),
  /** What every board has in NVS beyond what a provisioned one has. */
  nvs: v.exactOptional(v.record(v.string(), v.string())),
});

/** What a story needs before it begins. */
export type StageProps = v.InferOutput<typeof propsSchema>;

const drawnSchema = v.strictObject({
  kinds: v.array(v.picklist(FAULT_KINDS)),
  healedAtHours: v.pipe(v.number(), v.gtValue(0)),
  always: v.exactOptional(v.literal(true)),
});

/** Loose: what else it holds is its own affair. */
const scenarioSchema = v.looseObject({
  about: v.string(),
  hours: v.pipe(v.number(), v.gtValue(0), v.maxValue(HOURS_MAX)),
  props: v.exactOptional(callable<NonNullable<Scenario["props"]>>()),
  faults: v.exactOptional(v.unknown()),
  play: callable<Scenario["play"]>(),
  ending: v.exactOptional(callable<NonNullable<Scenario["ending"]>>()),
});

/** Its arguments and its answer cannot be seen before it is called. */
function callable<Callable>() {
  return v.custom<Callable>((value) => typeof value === "function", "no function");
}

/** Why it is none. */
export interface Refused {
  readonly kind: "refused";
  readonly why: string;
}

/** What a module of anybody's exports. */
export function parseScenario(
  value: unknown,
): { readonly kind: "scenario"; readonly scenario: Scenario } | Refused {
  const parsed = v.safeParse(scenarioSchema, value);
  if (!parsed.success) return refuse(parsed.issues);
  const { faults, ...story } = parsed.output;
  if (faults === undefined) return { kind: "scenario", scenario: story };
  const planned = parseFaults(faults, story.hours);
  return planned.kind === "refused"
    ? { kind: "refused", why: `faults: ${planned.why}` }
    : { kind: "scenario", scenario: { ...story, faults: planned.faults } };
}

function parseFaults(
  value: unknown,
  hours: number,
): { readonly kind: "faults"; readonly faults: NonNullable<Scenario["faults"]> } | Refused {
  if (Array.isArray(value)) {
    const parsed = parsePlan(value);
    return parsed.kind === "refused" ? parsed : { kind: "faults", faults: parsed.plan };
  }
  const parsed = v.safeParse(drawnSchema, value);
  if (!parsed.success) return refuse(parsed.issues);
  const { healedAtHours } = parsed.output;
  return healedAtHours <= hours
    ? { kind: "faults", faults: parsed.output }
    : { kind: "refused", why: `healed at hour ${healedAtHours} of ${hours}` };
}

/** What a story's `props` answered. */
export function parseStageProps(
  value: unknown,
): { readonly kind: "props"; readonly props: StageProps } | Refused {
  const parsed = v.safeParse(propsSchema, value);
  return parsed.success ? { kind: "props", props: parsed.output } : refuse(parsed.issues);
}

function refuse([issue]: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): Refused {
  const path = v.getDotPath(issue);
  return { kind: "refused", why: path === null ? issue.message : `${path}: ${issue.message}` };
}

/** Everything that must hold in the end, of every feeder; the first that does not. */
export async function auditStage(stage: Stage): Promise<string | undefined> {
  for (const feeder of stage.feeders) {
    const { deviceId } = feeder;
    const wrong =
      auditHealth(stage, feeder) ??
      (await auditMedia(stage, feeder)) ??
      auditRoom(deviceId, stage.server.heard);
    if (wrong !== undefined) return `${deviceId}: ${wrong}`;
  }
  return undefined;
}
