/** So much of an IPv6 address is its network: whoever has one has the 2^64 addresses behind it (RFC 6177). */
const NETWORK_GROUPS = 4;

/** What a limit counts by: one who asks can change the rest of the address with every question. */
export function networkOf(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("::");
  if (!address.includes(":")) return address;
  const groups = head === "" ? [] : head.split(":");
  const zeros = tail === undefined ? 0 : 8 - groups.length - groupCount(tail);
  const whole = [...groups, ...Array<string>(Math.max(0, zeros)).fill("0")];
  if (tail !== undefined && tail !== "") whole.push(...tail.split(":"));
  const network = whole.slice(0, NETWORK_GROUPS).map((group) => group.replace(/^0+(?=.)/, ""));
  return `${network.join(":")}::/64`;
}

function groupCount(tail: string): number {
  if (tail === "") return 0;
  // The last 32 bits may be written as an IPv4 address.
  return tail.split(":").length + (tail.includes(".") ? 1 : 0);
}
