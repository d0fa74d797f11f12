import type { OfferedManifest, UnsignedImage } from "../../../protocol/update-messages.ts";
import type { Ports } from "../ports.ts";
import { checkOffer, checkUnsigned, type OfferVerdict } from "./offer-check.ts";
import { isSigned } from "./release.ts";
import type { KnownServer, UpdateIdentity } from "./update-server.ts";
import type { UpdateStore } from "./update-store.ts";

type JudgePorts = Pick<Ports, "time" | "appSlots" | "manifestKeys">;

/** Holds an offer against this board as it is now. */
export function judgeOffer(
  source: OfferedManifest | UnsignedImage,
  force: boolean,
  { time, appSlots, manifestKeys: keys }: JudgePorts,
  about: {
    readonly identity: UpdateIdentity;
    readonly server: KnownServer;
    readonly store: UpdateStore;
  },
): OfferVerdict {
  const { build, channel } = about.identity;
  const { floor, ledger } = about.store;
  const context = {
    ...{ keys, build, channel, floor, ledger, running: appSlots.running },
    slotBytes: appSlots.otherImage.sizeBytes,
    serverTimeMs: about.server.wallClockMs(time.monotonicMs()),
  };
  return isSigned(source)
    ? checkOffer(source, force, context)
    : checkUnsigned(source, force, context);
}
