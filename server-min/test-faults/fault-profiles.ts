import type { Clock, Random } from "../ports.ts";

export interface FaultProfile {
  readonly deviceId: string;
  /** 0 to 1. */
  readonly failPutRate: number;
  readonly httpCode: number;
  readonly untilTs: number;
}

/** Which devices' uploads fail on purpose, how often, and until when. */
export class FaultProfiles {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #profiles = new Map<string, FaultProfile>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  set(profile: FaultProfile): void {
    this.#profiles.set(profile.deviceId, profile);
  }

  remove(deviceId: string): void {
    this.#profiles.delete(deviceId);
  }

  list(): readonly FaultProfile[] {
    const nowMs = this.#clock.nowMs();
    return [...this.#profiles.values()].filter(({ untilTs }) => nowMs < untilTs);
  }

  /** The profile when this upload is one of those that must fail. */
  draw(deviceId: string): FaultProfile | undefined {
    const profile = this.#profiles.get(deviceId);
    if (profile === undefined || this.#clock.nowMs() >= profile.untilTs) return undefined;
    const drawn = Buffer.from(this.#random.bytes(4)).readUInt32LE() / 2 ** 32;
    return drawn < profile.failPutRate ? profile : undefined;
  }
}
