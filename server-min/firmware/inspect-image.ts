import { createHash } from "node:crypto";
import type { EspImage } from "../../protocol/app-image.ts";
import { readFirmwareFile } from "../../protocol/firmware-file.ts";
import { parseSemVer } from "../../protocol/semver.ts";
import { isProductName } from "../../protocol/update-manifest.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import type { Release } from "../storage/schema.ts";
import { versionSortKey } from "./version-sort-key.ts";

/** What an image says of itself. */
export type ImageFacts = Pick<
  Release,
  "version" | "sort_key" | "product" | "chip" | "elf_sha256" | "bytes" | "sha256"
>;

/** Of a build whose tool did not fill it in: it would be one name for all of them. */
const NO_ELF_SHA256 = "0".repeat(64);

/** Nothing that a bootloader would refuse, and nothing that cannot be told from another build, is published. */
export function inspectImage(
  bytes: Uint8Array,
  sha256: string,
): { readonly kind: "good"; readonly facts: ImageFacts } | Refusal {
  const file = readFirmwareFile(bytes);
  if (file === "truncated") return refused("image_corrupt", file);
  if (typeof file === "string") return refused("image_invalid", file);
  if (file.kind === "merged") {
    return refused("image_merged", "the application alone is an update");
  }
  const damage = findDamage(bytes, file.app);
  if (damage !== undefined) return damage;
  const { chip, description } = file.app;
  if (description === undefined) return refused("image_invalid", "no description");
  const { projectName: product, version, elfSha256 } = description;
  if (!isProductName(product)) return refused("image_invalid", "project name");
  if (elfSha256 === NO_ELF_SHA256) return refused("image_invalid", "no app_elf_sha256");
  const semVer = parseSemVer(version);
  if (semVer === undefined) return refused("invalid_version", version);
  const build = { version, sort_key: versionSortKey(semVer), elf_sha256: elfSha256 };
  return { kind: "good", facts: { ...build, product, chip, bytes: bytes.length, sha256 } };
}

function findDamage(bytes: Uint8Array, image: EspImage): Refusal | undefined {
  const { isChecksumGood, hash, trailingBytes } = image;
  if (!isChecksumGood) return refused("image_corrupt", "checksum");
  if (hash === undefined) return refused("image_invalid", "no SHA-256 is appended");
  if (trailingBytes > 0) return refused("image_corrupt", `${trailingBytes} bytes behind the image`);
  const digest = createHash("sha256").update(bytes.subarray(0, hash.coversBytes)).digest();
  return digest.equals(hash.sha256) ? undefined : refused("image_corrupt", "SHA-256");
}
