import { confirm, isCancel, password, select, text } from "@clack/prompts";
import { parseServerUrl } from "../../protocol/server-url.ts";
import { isPassphrase, type WifiCredentials } from "../../protocol/wifi-credentials.ts";
import { EXIT } from "../failure.ts";
import { safeText } from "../monitor/safe-text.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import type { ProvisionOptions } from "./flags.ts";
import type { HeardNetwork } from "./improv-line.ts";
import type { Wanted } from "./provision.ts";

/** Standard output is for the result. */
const output = process.stderr;

/** Asks whoever sits at the terminal for what no flag says. */
export function wantedByPrompts(
  { ssid, name, server }: ProvisionOptions,
  given: string | undefined,
): Wanted {
  // What the feeder could not join with is asked for the second time.
  let isFirst = true;
  return {
    name,
    serverUrl: server,
    askServer,
    chooseNetwork: async (scan) => {
      const flags = isFirst ? { ssid, password: given } : {};
      isFirst = false;
      return chooseNetwork(flags, scan);
    },
    tryAgain: async (message) => {
      const again = await confirm({ message: `${message}. Try again?`, output });
      return again === true;
    },
  };
}

async function chooseNetwork(
  flags: { readonly ssid?: string | undefined; readonly password?: string | undefined },
  scan: () => Promise<Outcome<readonly HeardNetwork[]>>,
): Promise<Outcome<WifiCredentials>> {
  const chosen =
    flags.ssid === undefined ? await askNetwork(scan) : done({ ssid: flags.ssid, secured: true });
  if (chosen.kind === "failed") return chosen;
  const { ssid, secured } = chosen.value;
  if (flags.password !== undefined) return done({ ssid, password: flags.password });
  if (!secured) return done({ ssid, password: "" });
  const typed = await password({
    message: `Password of ${safeText(ssid)}`,
    validate: (value = "") => (isPassphrase(value) ? undefined : "8 to 63 characters"),
    output,
  });
  return isCancel(typed) ? cancelled() : done({ ssid, password: typed });
}

async function askNetwork(
  scan: () => Promise<Outcome<readonly HeardNetwork[]>>,
): Promise<Outcome<{ readonly ssid: string; readonly secured: boolean }>> {
  const heard = await scan();
  if (heard.kind === "failed") return heard;
  if (heard.value.length === 0) {
    const hint = "bring it nearer; it hears 2.4 GHz networks only. A hidden one: --ssid NAME";
    return failed("no_network", "the feeder hears no network", hint, EXIT.notFound);
  }
  const chosen = await select({
    message: "Network",
    options: heard.value.map((network) => ({
      value: network,
      label: safeText(network.ssid),
      hint: `${network.rssiDbm} dBm${network.secured ? "" : ", open"}`,
    })),
    output,
  });
  return isCancel(chosen) ? cancelled() : done(chosen);
}

async function askServer(): Promise<string | undefined> {
  const typed = await text({
    message: "Server, as feeders reach it",
    placeholder: "http://192.168.1.10:8080",
    validate: (value = "") =>
      parseServerUrl(value) === undefined ? "http://HOST:PORT or https://HOST" : undefined,
    output,
  });
  return isCancel(typed) ? undefined : parseServerUrl(typed);
}

function cancelled(): Failed {
  const hint = "start over; it keeps its network, and what name and server were given by now";
  return failed("cancelled", "no network was given", hint, EXIT.failed);
}
