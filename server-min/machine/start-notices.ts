import type { AdminAccess } from "./admin-access.ts";
import type { DataFolder } from "./data-folder.ts";
import { isLoopback } from "./loopback-guard.ts";

/** The secret that tools of the first stack sign their tokens with; it is no secret. */
export const OPEN_RELAY_SECRET = "dev-only";

export function startNotices(host: string, publicUrl: string, admin: AdminAccess): string[] {
  const isOpen = admin.kind === "open";
  if (isOpen && isLoopback(host)) {
    return [`Anybody on this machine may act as any feeder (relay secret "${OPEN_RELAY_SECRET}").`];
  }
  const notices = isOpen ? [`Insecure: anybody who reaches ${host} may act as any feeder.`] : [];
  if (!isOpen && admin.made !== undefined) {
    notices.push(`Made a password, told only now: ${admin.made}`);
  }
  if (isLoopback(host)) return notices;
  if (isLoopback(new URL(publicUrl).hostname)) {
    notices.push(
      `Devices are told ${publicUrl}, where only this machine finds the server: set a public URL.`,
    );
  }
  return notices;
}

export function keyNotices({ developmentKey }: DataFolder): string[] {
  if (developmentKey?.isNew !== true) return [];
  const { file, key } = developmentKey;
  return [
    `Made ${file}, which signs firmware for development builds: developmentKey=${key.firmwareKey}`,
  ];
}
