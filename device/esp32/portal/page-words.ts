import type { PortalProblem } from "./portal-state.ts";

/** What went wrong, and what to do about it. */
export const PROBLEM_WORDS: Readonly<Record<PortalProblem, string>> = {
  no_name: "Choose a network, or type its name.",
  bad_name: "A network's name has at most 32 characters.",
  bad_password: "A password has 8 to 63 characters. Leave it empty for a network that has none.",
  bad_server: "A server's address begins with http:// or https:// and has no blanks in it.",
  long_name: "Choose a shorter name for the feeder.",
  wrong_password: "The network did not take this password. Type it again.",
  network_not_found: "The network was not heard. It has to be a 2.4 GHz one, and near enough.",
  no_address: "The network let the feeder in, but gave it no address. Is its router well?",
  timeout:
    "The network was heard, but did not let the feeder in. Check the password, or move nearer.",
  no_answer: "The network is fine, but no server answers at this address.",
  no_server: "The network is fine, but what answers at this address is no SkyFeeder server.",
  no_code: "The server takes no new feeder at the moment. Connect again in a minute.",
  denied:
    "Denied: whoever runs the server has turned this feeder away. Ask them, and connect again for a new code.",
};

/** Beside what each of them is about. */
export const PROBLEM_FIELDS: Readonly<
  Record<PortalProblem, "ssid" | "password" | "server" | "name">
> = {
  no_name: "ssid",
  bad_name: "ssid",
  bad_password: "password",
  bad_server: "server",
  long_name: "name",
  wrong_password: "password",
  network_not_found: "ssid",
  no_address: "ssid",
  timeout: "password",
  no_answer: "server",
  no_server: "server",
  no_code: "server",
  denied: "server",
};
