import type { Generated, Selectable } from "kysely";
import type { MediaKind } from "../../protocol/media.ts";
import type { Channel, Chip } from "../../protocol/update-manifest.ts";

export interface Database {
  objects: ObjectTable;
  pending_uploads: PendingUploadTable;
  devices: DeviceTable;
  releases: ReleaseTable;
  release_sequences: ReleaseSequenceTable;
  device_firmware: DeviceFirmwareTable;
  firmware_log: FirmwareLogTable;
  sessions: SessionTable;
  api_keys: ApiKeyTable;
  enrolments: EnrolmentTable;
  device_access: DeviceAccessTable;
  audit_log: AuditTable;
  mqtt_sessions: MqttSessionTable;
  mqtt_queue: MqttQueueTable;
  kept_commands: KeptCommandTable;
  config_versions: ConfigVersionTable;
  config_reports: ConfigReportTable;
}

interface ObjectTable {
  key: string;
  device_id: string;
  capture_id: string;
  kind: MediaKind;
  content_type: string;
  bytes: number;
  sha256: string;
  captured_at_ms: number;
  /** UTC calendar day of the capture. */
  day: string;
  stored_at_ms: number;
  /** When gallery_ack was sent; null until then. */
  acked_at_ms: number | null;
  /** Somebody wants it kept for ever; null: nobody does. */
  saved_at_ms: number | null;
  /** Out of the index from then on: the row only says that this capture was there. */
  removed_at_ms: number | null;
  /** Its bytes are gone too. */
  freed_at_ms: number | null;
}

/** Signed for the object store itself, and not seen there yet. */
interface PendingUploadTable {
  key: string;
  device_id: string;
  capture_id: string;
  kind: MediaKind;
  content_type: string;
  bytes: number;
  sha256: string;
  captured_at_ms: number;
  /** Nothing comes any more. */
  expires_at_ms: number;
}

interface DeviceTable {
  device_id: string;
  last_seen_ms: number;
  /** By whoever set it up. */
  told_name: string | null;
  /** By an operator, whose word goes before; null: none was given. */
  given_name: string | null;
}

interface ReleaseTable {
  version: string;
  /** Orders versions by precedence. */
  sort_key: string;
  product: string;
  board: string;
  chip: Chip;
  channel: Channel;
  bytes: number;
  sha256: string;
  elf_sha256: string;
  minimum_version: string;
  notes: string;
  published_at_ms: number;
  blocked_at_ms: number | null;
  block_reason: string | null;
  /** Of its newest signature. */
  sequence: number;
  issued_at_ms: number;
  expires_at_ms: number;
  /** The key that signed `jws`. */
  kid: string;
  jws: string;
}

/** Every sequence ever handed out: none is used twice, whatever becomes of its release. */
interface ReleaseSequenceTable {
  sequence: Generated<number>;
  version: string;
  taken_at_ms: number;
}

/** What a device last told of its firmware; null is what it never told. */
interface DeviceFirmwareTable {
  device_id: string;
  version: string | null;
  elf_sha256: string | null;
  /** Of what ran before, which is in the other slot now. */
  previous_elf_sha256: string | null;
  board: string | null;
  chip: string | null;
  channel: string | null;
  /** JSON: 0 or 1; the first stack's clients have letters. */
  slot: string | null;
  /** Of the slot that would be written next, and of the other one once it was told too. */
  slot_bytes: number | null;
  other_slot_bytes: number | null;
  sequence: number | null;
  /** JSON, LedgerEntry[]. */
  ledger: string | null;
  boot_count: number | null;
  /** What a device that counts its boots for ever had counted before it ran this image. */
  boot_count_before: number | null;
  /** 1 once this image said something that only a good one says. */
  confirmed: number | null;
  status: string | null;
  reason: string | null;
  /** The version that status and reason are about. */
  update_version: string | null;
  safe_mode: string | null;
  told_at_ms: number | null;
  checked_at_ms: number | null;
  /** The release an operator chose for it. */
  target_version: string | null;
}

interface FirmwareLogTable {
  id: Generated<number>;
  at_ms: number;
  /** Null for a trial download, which names no device. */
  device_id: string | null;
  kind: "download" | "report";
  version: string;
  http_status: number | null;
  first_byte: number | null;
  last_byte: number | null;
  report_id: string | null;
  elf_sha256: string | null;
  sequence: number | null;
  status: string | null;
  error: string | null;
}

interface SessionTable {
  token_sha256: string;
  /** Who logged in. */
  name: string;
  created_at_ms: number;
  expires_at_ms: number;
}

interface ApiKeyTable {
  id: string;
  name: string;
  key_sha256: string;
  created_at_ms: number;
  revoked_at_ms: number | null;
}

/** Devices that asked to be let in. */
interface EnrolmentTable {
  device_code_sha256: string;
  device_id: string;
  claim_code: string;
  address: string;
  requested_at_ms: number;
  expires_at_ms: number;
  /** Null until an operator said so. */
  decision: "approved" | "denied" | null;
}

/** Devices that were let in. */
interface DeviceAccessTable {
  device_id: string;
  /** Tokens issued before are not good any more. */
  tokens_from_ms: number;
  revoked_at_ms: number | null;
}

interface AuditTable {
  id: Generated<number>;
  at_ms: number;
  who: string;
  action: string;
  target: string;
  /** JSON; null where nothing was, or is. */
  before: string | null;
  after: string | null;
}

/** What a client of the broker in this server asked to be kept for it while it is away. */
interface MqttSessionTable {
  session_id: string;
  /** JSON, [filter, QoS][]. */
  filters: string;
  seen_at_ms: number;
}

interface MqttQueueTable {
  session_id: string;
  position: number;
  topic: string;
  payload: string;
  queued_at_ms: number;
}

/** The latest command of each name for a feeder that was away. */
interface KeptCommandTable {
  device_id: string;
  name: string;
  /** JSON, the room's message. */
  message: string;
  kept_at_ms: number;
}

/** What was ever wanted of a device's settings; the highest version is. */
interface ConfigVersionTable {
  device_id: string;
  version: number;
  /** JSON, DeviceSettings. */
  settings: string;
  made_at_ms: number;
}

/** Where a device stands with them, as it told last: protocol's ConfigReport. */
interface ConfigReportTable {
  device_id: string;
  status: string;
  version: number;
  latest: number;
  reason: string | null;
  detail: string | null;
  told_at_ms: number;
}

export type StoredObject = Selectable<ObjectTable>;
export type PendingUpload = Selectable<PendingUploadTable>;
export type ConfigVersion = Selectable<ConfigVersionTable>;
export type ToldConfig = Selectable<ConfigReportTable>;
export type Release = Selectable<ReleaseTable>;
export type DeviceFirmware = Selectable<DeviceFirmwareTable>;
export type FirmwareLogRow = Selectable<FirmwareLogTable>;
