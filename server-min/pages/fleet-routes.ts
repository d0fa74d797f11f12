import type { Context } from "hono";
import { Hono } from "hono";
import * as v from "valibot";
import { PROBLEM_STATUS } from "../../protocol/problem.ts";
import { readForm } from "../form-body.ts";
import type { MadeApiKey } from "../identity/api-keys.ts";
import { API_KEY_NAME } from "../identity/api-keys.ts";
import { identifySession } from "../identity/gate.ts";
import type { OperatorActions } from "../identity/routes.ts";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { listApiKeys } from "../storage/api-keys.ts";
import { readAuditLog } from "../storage/audit-log.ts";
import { acceptedDevices } from "../storage/device-access.ts";
import { openEnrolments } from "../storage/enrolments.ts";
import { ZERO_CHARACTER } from "../zero-character.ts";
import { answerPage } from "./document.ts";
import type { FleetView, Mistake } from "./fleet-page.ts";
import { fleetPage } from "./fleet-page.ts";
import { openServerPage } from "./log-in-page.ts";

/** A page of some 500 kB; who has more feeders uses the command. */
const ACCEPTED_SHOWN_MAX = 1_000;
const ENTRIES_SHOWN = 50;

const TEXT = v.pipe(v.string(), v.maxLength(200), v.excludes(ZERO_CHARACTER));
const FORM = v.variant("do", [
  v.object({ do: v.picklist(["approve", "deny"]), code: TEXT }),
  v.object({ do: v.literal("revoke_device"), device: TEXT }),
  v.object({ do: v.literal("name_device"), device: TEXT, deviceName: TEXT }),
  v.object({ do: v.literal("make_key"), name: TEXT }),
  v.object({ do: v.literal("revoke_key"), id: TEXT }),
]);
type Form = v.InferOutput<typeof FORM>;

/** What the answer to a form shows beside the fleet; a redirect could not carry it. */
type Shown = Pick<FleetView, "mistake" | "made">;

/** GET and POST /fleet: who waits, who is in, which keys there are, and what happened. */
export function fleetPages(ports: AppPorts, actions: OperatorActions): Hono {
  const { fleet, apiKeys } = actions;
  const isOpen = ports.settings.adminPasswordHash === undefined;

  async function act(c: Context, form: Form): Promise<Shown | undefined> {
    switch (form.do) {
      case "approve":
      case "deny": {
        const decided = await fleet[form.do](c, form.code);
        return "code" in decided ? { mistake: mistakeIn("code", form.code, decided) } : undefined;
      }
      case "revoke_device":
        // Gone already is as good as gone.
        return void (await fleet.revoke(c, form.device));
      case "name_device": {
        const { device: deviceId, deviceName } = form;
        const named = await fleet.name(c, deviceId, deviceName.trim() || null);
        if (!("code" in named)) return undefined;
        return { mistake: { ...mistakeIn("deviceName", deviceName, named), deviceId } };
      }
      case "make_key":
        return show(form.name, await makeKey(c, form.name.trim()));
      case "revoke_key":
        return void (await apiKeys.revoke(c, form.id));
    }
  }

  async function makeKey(c: Context, name: string): Promise<MadeApiKey | Refusal> {
    return API_KEY_NAME.test(name) ? apiKeys.make(c, name) : refused("invalid_request", "name");
  }

  return new Hono()
    .use("/fleet", async (c, next) => {
      if (isOpen) return answerPage(c, 404, openServerPage());
      const principal = await identifySession(ports, c);
      if ("code" in principal) {
        const isForeign = principal.code === "forbidden";
        return isForeign ? problemAnswer(principal) : c.redirect("login?then=fleet", 303);
      }
      c.set("principal", principal);
      return next();
    })
    .get("/fleet", async (c) => {
      const isDone = c.req.query("done") !== undefined;
      return answerPage(c, 200, fleetPage({ ...(await view(ports)), isDone }));
    })
    .post("/fleet", async (c) => {
      const form = await readForm(c.req.raw, FORM);
      if (form.kind === "refused") return problemAnswer(form);
      const shown = await act(c, form.value);
      if (shown === undefined) return c.redirect("fleet?done", 303);
      const status = shown.mistake?.status ?? 201;
      return answerPage(c, status, fleetPage({ ...(await view(ports)), ...shown }));
    });
}

async function view({ sql, clock, rooms }: AppPorts): Promise<FleetView> {
  const nowMs = clock.nowMs();
  const accepted = await acceptedDevices(sql, ACCEPTED_SHOWN_MAX);
  const keys = await listApiKeys(sql);
  return {
    nowMs,
    waiting: await openEnrolments(sql, nowMs),
    accepted: accepted.map((device) => ({
      ...device,
      isOnline: rooms.hasFeeder(device.deviceId),
      lastSeenMs: Math.max(device.lastSeenMs ?? 0, rooms.lastHeardMs(device.deviceId)),
    })),
    isCut: accepted.length === ACCEPTED_SHOWN_MAX,
    keys: keys.filter(({ revokedTs }) => revokedTs === null),
    entries: await readAuditLog(sql, { beforeId: undefined, limit: ENTRIES_SHOWN }),
  };
}

function show(typed: string, made: MadeApiKey | Refusal): Shown {
  return "code" in made ? { mistake: mistakeIn("name", typed, made) } : { made };
}

function mistakeIn(field: Mistake["field"], typed: string, { code }: Refusal): Mistake {
  return { field, typed, code, status: PROBLEM_STATUS[code] };
}
