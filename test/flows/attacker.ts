import { SIGNING_KEYS, type UpdateWorld } from "../../cli/sim/update-world.ts";
import { decodeAppImage } from "../../host-sim/board/app-image.ts";
import { formatUpdateManifest, type UpdateManifest } from "../../protocol/update-manifest.ts";
import { MANIFEST, sha256Hex, signJws } from "../device/update/signed-offers.ts";

const IMAGE_URL = "http://server.test/attack.bin";

export interface Attack {
  readonly image: Uint8Array<ArrayBuffer>;
  /** What the manifest says; by default the truth about the image. */
  readonly claims?: Partial<UpdateManifest>;
  readonly sign?: (payload: string) => string;
  /** What is told beside the manifest. */
  readonly beside?: object;
  readonly serve?: (request: Request) => Response;
}

export function trueManifest(image: Uint8Array): UpdateManifest {
  const app = decodeAppImage(image);
  const build = typeof app === "object" ? { version: app.version, elfSha256: app.elfSha256 } : {};
  return { ...MANIFEST, ...build, size: image.length, sha256: sha256Hex(image) };
}

/** Whoever has the server's place, and its signing key only where `sign` uses it. */
export function take(system: UpdateWorld, attack: Attack): void {
  const { image, claims, beside, serve = () => new Response(image) } = attack;
  const manifest = { ...trueManifest(image), ...claims };
  const payload = formatUpdateManifest(manifest);
  const jws = attack.sign?.(payload) ?? signJws(SIGNING_KEYS[0], payload);
  const { version, size, sha256 } = manifest;
  const offer = { jws, url: IMAGE_URL, version, size, sha256, ...beside };
  system.path.tamper = (answer, request) => {
    if (request.url === IMAGE_URL) return serve(request);
    const time = new Date(system.world.wallClockMs()).toISOString();
    if (request.url.endsWith("/manifest")) return Response.json(offer);
    if (!request.url.endsWith("/check-update")) return answer;
    return Response.json({ update_available: true, manifest: offer, time });
  };
}

/** Answers ranges, as an honest server does. */
export function ranged(bytes: Uint8Array<ArrayBuffer>): (request: Request) => Response {
  return (request) => {
    const [, first, last = String(bytes.length - 1)] =
      /bytes=(\d+)-(\d*)/
        .exec(request.headers.get("range") ?? "")
        ?.map((part) => part || undefined) ?? [];
    if (first === undefined) return new Response(bytes);
    const headers = { "content-range": `bytes ${first}-${last}/${bytes.length}` };
    return new Response(bytes.slice(Number(first), Number(last) + 1), { status: 206, headers });
  };
}
