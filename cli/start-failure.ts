import { resolve } from "node:path";
import type { AdminRefusal } from "../server-min/machine/admin-access.ts";
import { passwordHashFile } from "../server-min/machine/admin-access.ts";
import type { ListenFailure } from "../server-min/machine/http-listeners.ts";
import type { DatabaseFailure } from "../server-min/machine/stores.ts";
import type { MqttFailure } from "../server-min/mqtt/start-mqtt.ts";
import type { StartFailure } from "../server-min/node.ts";
import { EXIT, type Failure } from "./failure.ts";
import type { StartOptions } from "./start.ts";

/** Why there is no server, and the step that comes next. */
export function explainStart(failure: StartFailure, options: StartOptions): Failure {
  const { reason } = failure;
  const code = reason;
  const exitCode = EXIT.failed;
  switch (reason) {
    case "port_taken":
    case "cannot_listen":
      return { code, ...portTexts(failure, options), exitCode };
    case "mqtt_cannot_listen":
    case "mqtt_tls_missing":
    case "mqtt_password_unreadable":
      return explainMqtt(failure);
    case "data_dir_in_use": {
      const message = `${resolve(options.data)} is used by another SkyFeeder`;
      return { code, message, hint: "stop the other, or npm start -- --data FOLDER", exitCode };
    }
    case "data_dir_unusable": {
      const message = `${resolve(options.data)} cannot be used: ${failure.detail}`;
      return { code, message, hint: "npm start -- --data FOLDER", exitCode };
    }
    case "bucket_unusable": {
      const message = `the object store cannot be used: ${failure.detail}`;
      return { code, message, hint: "see objects in docs/config.md", exitCode: EXIT.missing };
    }
    case "database_unreachable":
    case "database_refused":
    case "database_newer":
    case "database_unusable":
      return { code, ...databaseTexts(failure), exitCode };
    case "database_missing": {
      const message = `${resolve(options.data)} has photos and no database`;
      const hint = `npm run -s skyfeeder -- doctor --repair --data ${options.data}`;
      return { code, message, hint, exitCode };
    }
    case "insecure_bind":
    case "weak_password":
    case "password_file_damaged":
    case "bad_signing_key":
      return { code, ...secretTexts(reason, options) };
    case "tls_file_unreadable":
    case "tls_file_invalid":
    case "tls_key_mismatch":
    case "tls_certificate_expired": {
      const hint = "npm run -s skyfeeder -- cert makes both; with --renew a new certificate";
      return { code, message: failure.detail, hint, exitCode };
    }
    case "bad_public_url": {
      const message = `"${options.publicUrl}" is no http or https address`;
      const hint = "npm start -- --public-url http://192.168.1.10:8080";
      return { code, message, hint, exitCode: EXIT.usage };
    }
  }
}

function portTexts({ reason, port, detail }: ListenFailure, options: StartOptions) {
  if (reason === "port_taken") {
    return { message: `port ${port} is taken`, hint: freePortHint(port, options) };
  }
  const message = `cannot listen on ${options.host} port ${port}: ${detail}`;
  return { message, hint: "npm start -- --host 127.0.0.1 --port 8080" };
}

function secretTexts(
  reason: AdminRefusal | "bad_signing_key",
  { host, signingKey, data }: StartOptions,
): Omit<Failure, "code"> {
  switch (reason) {
    case "insecure_bind": {
      const message = `on ${host} other machines could act as any feeder`;
      const hint = "SKYFEEDER_ADMIN_PASSWORD=... npm start, or --insecure on a network you trust";
      return { message, hint, exitCode: EXIT.usage };
    }
    case "weak_password": {
      const message = "the operator's password has fewer than 8 characters";
      const hint = "SKYFEEDER_ADMIN_PASSWORD=... npm start, with a longer one";
      return { message, hint, exitCode: EXIT.usage };
    }
    case "password_file_damaged": {
      const message = `${passwordHashFile(resolve(data))} holds no password's hash`;
      const hint = `npm run -s skyfeeder -- password --data ${data}`;
      return { message, hint, exitCode: EXIT.failed };
    }
    case "bad_signing_key": {
      const source = signingKey ?? "$SKYFEEDER_SIGNING_KEY";
      const message = `${source} holds no P-256 private key in PEM without a password`;
      const hint = "npm run -s skyfeeder -- firmware keygen --out FILE";
      return { message, hint, exitCode: EXIT.failed };
    }
  }
}

/** Each with the step that comes next. */
const DATABASE_HINTS: Readonly<Record<DatabaseFailure["reason"], string>> = {
  database_unreachable: "start PostgreSQL, or see database.url in docs/config.md",
  database_refused: "create the database and its user, and name them in database.url",
  database_newer: "start the newer SkyFeeder that made it, or one that is newer still",
  database_unusable: "give the user of database.url a database of its own, in UTF8",
};

function databaseTexts({ reason, detail }: DatabaseFailure) {
  return { message: `the database cannot be used: ${detail}`, hint: DATABASE_HINTS[reason] };
}

function explainMqtt({ reason: code, detail }: MqttFailure): Failure {
  const exitCode = EXIT.failed;
  if (code === "mqtt_cannot_listen") {
    const message = `the MQTT broker cannot listen: ${detail}`;
    return { code, message, hint: "set mqtt.listen to a free HOST:PORT", exitCode };
  }
  if (code === "mqtt_tls_missing") {
    const message = `the MQTT broker has no certificate to show on ${detail}`;
    return { code, message, hint: "set tls.certFile and tls.keyFile, or --tls-cert", exitCode };
  }
  const message = `the MQTT broker's password cannot be read from ${detail}`;
  return { code, message, hint: "see mqtt.passwordFile in docs/config.md", exitCode };
}

function freePortHint(taken: number, options: StartOptions): string {
  if (options.alsoListen.includes(taken)) return `leave ${taken} out of --also-listen`;
  return `npm start -- --port ${taken < 65_535 ? taken + 1 : 8081}`;
}
