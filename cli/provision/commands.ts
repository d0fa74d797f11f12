import { type Command, InvalidArgumentError } from "commander";
import { isFeederName } from "../../protocol/feeder-name.ts";
import { parseServerUrl } from "../../protocol/server-url.ts";
import { isSsid } from "../../protocol/wifi-credentials.ts";
import { safeText } from "../monitor/safe-text.ts";
import { pathName } from "../option-values.ts";
import { printOutcome } from "../outcome.ts";
import type { ProvisionOptions } from "./flags.ts";
import type { Provisioned } from "./provision.ts";

export function addProvisionCommand(program: Command): void {
  program
    .command("provision")
    .description("give a feeder on a cable its network, server and name")
    .option(
      "--port <port>",
      "/dev/ttyUSB0, COM3, rfc2217://host:port; else the one used last",
      pathName,
    )
    .option("--ssid <name>", "the network; without it, those that the feeder hears", ssid)
    .option("--password-file <file>", "has the network's password as a line; - is stdin", pathName)
    .option("--name <name>", "what the feeder is called", feederName)
    .option("--server <url>", "its server, as feeders reach it", serverUrl)
    .option("--json", "print one JSON value")
    .action(async (options: ProvisionOptions) => {
      const { runProvision } = await import("./run-provision.ts");
      printOutcome(await runProvision(options), options.json, provisionedText);
    });
}

function provisionedText({ deviceId, serverUrl, claimCode, ...at }: Provisioned): string {
  const ssid = safeText(at.ssid);
  if (claimCode === null) return `${deviceId} is in ${ssid}, and online at ${serverUrl}`;
  process.stderr.write(`let it in: npm run -s skyfeeder -- devices approve ${claimCode}\n`);
  return `${deviceId} is in ${ssid}, and shows ${serverUrl} the claim code ${claimCode}`;
}

function ssid(text: string): string {
  if (isSsid(text)) return text;
  throw new InvalidArgumentError("A network's name has 1 to 32 bytes.");
}

function feederName(text: string): string {
  if (isFeederName(text)) return text;
  throw new InvalidArgumentError("Give 1 to 32 bytes without control characters.");
}

function serverUrl(text: string): string {
  const url = parseServerUrl(text);
  if (url !== undefined) return url;
  throw new InvalidArgumentError("Give http://HOST:PORT or https://HOST, 80 characters at most.");
}
