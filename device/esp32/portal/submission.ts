import { isFeederName } from "../../../protocol/feeder-name.ts";
import { parseServerUrl } from "../../../protocol/server-url.ts";
import { isPassphrase, isSsid } from "../../../protocol/wifi-credentials.ts";
import { readField } from "./form-fields.ts";
import type { FieldProblem, Submission } from "./portal-state.ts";

/** As somebody typed it, for the page that asks again. */
export interface Draft extends Submission {
  /** Undefined: all of it can be tried. */
  readonly problem: FieldProblem | undefined;
}

/**
 * What the browser checks is checked here as well. A password left empty is the one typed before for this network: the page
 * never shows it again.
 */
export function readDraft(form: Uint8Array, before: Submission): Draft {
  const field = (name: string): string => readField(form, name) ?? "";
  const ssid = field("ssid") || field("other");
  const typed = field("password");
  const password = typed === "" && before.wifi.ssid === ssid ? before.wifi.password : typed;
  // Phones put a blank behind what they complete.
  const typedServer = field("server").trim();
  const serverUrl = parseServerUrl(typedServer);
  const submission = {
    wifi: { ssid, password },
    serverUrl: serverUrl ?? typedServer,
    name: field("name").trim(),
  };
  const problem = findProblem(submission) ?? (serverUrl === undefined ? "bad_server" : undefined);
  return { ...submission, problem };
}

function findProblem({ wifi, name }: Submission): FieldProblem | undefined {
  if (wifi.ssid === "") return "no_name";
  if (!isSsid(wifi.ssid)) return "bad_name";
  if (!isPassphrase(wifi.password)) return "bad_password";
  return name !== "" && !isFeederName(name) ? "long_name" : undefined;
}
