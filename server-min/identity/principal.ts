import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";

/** The word for every room, in tokens and in the greeting of a viewer. */
export const ALL_ROOMS = "*";

/** Who asks, once it was proven. */
export type Principal =
  /** On a server that trusts whoever reaches it. */
  | { readonly kind: "anyone" }
  | { readonly kind: "operator"; readonly name: string }
  | { readonly kind: "device"; readonly deviceId: string }
  | { readonly kind: "viewer"; readonly rooms: readonly string[] };

/** Undefined when it may run the fleet. */
export function mayOperate(principal: Principal): Refusal | undefined {
  const may = principal.kind === "anyone" || principal.kind === "operator";
  return may ? undefined : refused("forbidden", "only an operator may");
}

/** Undefined when it may see what is meant for this device alone. */
export function mayConfigure(principal: Principal, deviceId: string): Refusal | undefined {
  const isDevice = principal.kind === "device" && principal.deviceId === deviceId;
  return isDevice ? undefined : mayOperate(principal);
}

/** Undefined when it may say something in this device's name: only the device itself, not its operator either. */
export function mayActAs(principal: Principal, deviceId: string): Refusal | undefined {
  const may =
    principal.kind === "anyone" || (principal.kind === "device" && principal.deviceId === deviceId);
  return may ? undefined : refused("forbidden", "only the device itself may");
}

/** Undefined when it may see what this device sent. */
export function mayWatch(principal: Principal, deviceId: string): Refusal | undefined {
  return sees(principal, deviceId) ? undefined : refused("forbidden", "not one of your devices");
}

export function sees(principal: Principal, deviceId: string): boolean {
  return seenBy(principal)?.includes(deviceId) ?? true;
}

/** The devices whose photos and events it may see; undefined: all of them. */
export function seenBy(principal: Principal): readonly string[] | undefined {
  switch (principal.kind) {
    case "anyone":
    case "operator":
      return undefined;
    case "device":
      return [principal.deviceId];
    case "viewer":
      return principal.rooms.includes(ALL_ROOMS) ? undefined : principal.rooms;
  }
}
