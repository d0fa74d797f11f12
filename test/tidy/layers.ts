/** Who may import whom: the first rule whose `from` matches a file says what its imports may be. */
export interface Layer {
  readonly from: RegExp;
  readonly may: readonly RegExp[];
}

const SELF_FOLDER = (folder: string) => new RegExp(`^${folder}/`);
const PROTOCOL = /^protocol\//;
const LINK = /^device\/amb82-bridge\/link\//;
const DEVICE_SHARED = /^device\/esp32\/(([a-z]+-)?ports|limits|nvs-keys|ascii-body)\.ts$/;
const BOARD_MODULES =
  /^package:(embedded:|text\/|mc\/|ssl\/|timer$|time$|net$|wifi$|crypt$|curve$|ecdsa$|ecp$)/;
const PACKAGE = /^package:(?!node:)/;
const NODE = /^package:node:/;

function feature(name: string): Layer {
  const folder = `device/esp32/${name}`;
  return { from: SELF_FOLDER(folder), may: [SELF_FOLDER(folder), PROTOCOL, LINK, DEVICE_SHARED] };
}

export const LAYERS: readonly Layer[] = [
  { from: /^main\.ts$/, may: [/^device\/esp32\/main\.ts$/] },
  { from: PROTOCOL, may: [PROTOCOL] },
  { from: LINK, may: [LINK, PROTOCOL] },
  ...[
    "capture",
    "configuration",
    "identity",
    "indicator",
    "upload",
    "session",
    "update",
    "provisioning",
    "remote-log",
    "portal",
    "power",
  ].map(feature),
  {
    from: /^device\/esp32\/io\//,
    may: [
      /^device\/esp32\/io\//,
      /^device\/esp32\/(([a-z]+-)?ports|limits|nvs-keys|settings)\.ts$/,
      PROTOCOL,
      BOARD_MODULES,
    ],
  },
  {
    from: /^device\/esp32\/main\.ts$/,
    may: [/^device\/esp32\/(io\/|(boot|feeder|setup)\.ts)/, BOARD_MODULES],
  },
  {
    from: /^device\/esp32\/[\w-]+\.ts$/,
    may: [/^device\/esp32\/(?!io\/|main\.ts)/, PROTOCOL, LINK],
  },
  {
    from: /^host-sim\/embedded\//,
    may: [/^host-sim\/embedded\//, /^host-sim\/engines\/guest-port\.ts$/],
  },
  { from: /^host-sim\//, may: [/^host-sim\//, PROTOCOL, LINK, NODE, PACKAGE] },
  {
    from: /^server-min\/node\.ts$/,
    may: [/^server-min\//, /^package\.json$/, PROTOCOL, NODE, PACKAGE],
  },
  { from: /^server-min\//, may: [/^server-min\//, PROTOCOL, NODE, PACKAGE] },
  { from: /^dashboard\//, may: [/^dashboard\//, PROTOCOL, PACKAGE] },
  { from: /^(cli|test|bench|tools)\//, may: [/^(?!main\.ts)/] },
  { from: /^\w+\.config\.ts$/, may: [NODE, PACKAGE] },
];
