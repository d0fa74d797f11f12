export interface Light {
  readonly skyTop: string;
  readonly skyBottom: string;
  /** Multiplied over the whole picture. */
  readonly tint: string;
  readonly infrared: boolean;
  /** 0 at the horizon, 1 at noon. */
  readonly height: number;
  readonly morning: boolean;
}

export interface Season {
  readonly lawn: readonly [string, string];
  readonly leaves: readonly string[];
  readonly snow: boolean;
}

/** Where birds stand. */
export const RIM_Y = 374;

/** The same garden at every visit of one feeder. */
export function drawGarden(deviceId: string, season: Season, light: Light): string {
  const random = seededBy(deviceId);
  const mirrored = random() < 0.5;
  return `<rect x="-20" y="-20" width="680" height="520" fill="url(#sky)"/>${sun(light)}${clouds(random)}
<g${mirrored ? ' transform="translate(640 0) scale(-1 1)"' : ""}>
${hills(season)}${house(random, light)}${hedge(season, random)}${lawn(season)}${fence(random)}${tree(season, random)}
</g>${light.infrared ? `<rect x="-20" y="-20" width="680" height="520" fill="#07090c" opacity=".72"/>` : ""}`;
}

function sun({ height, morning, infrared }: Light): string {
  const x = morning ? 120 + 180 * height : 520 - 180 * height;
  const y = 250 - 200 * height;
  if (infrared)
    return `<circle cx="470" cy="96" r="26" fill="#f4f1e4"/><circle cx="480" cy="90" r="22" fill="#1b1f25"/>`;
  return `<circle cx="${dot(x)}" cy="${dot(y)}" r="${dot(190 - 70 * height)}" fill="url(#glow)"/>`;
}

function clouds(random: () => number): string {
  const puff = (x: number, y: number, r: number): string =>
    `<ellipse cx="${dot(x)}" cy="${dot(y)}" rx="${dot(r * 1.9)}" ry="${dot(r)}"/>`;
  const cloud = (): string => {
    const x = 640 * random();
    const y = 50 + 90 * random();
    return puff(x, y, 15) + puff(x + 26, y - 9, 17) + puff(x + 54, y + 1, 13);
  };
  return `<g fill="#fff" opacity=".55">${cloud()}${cloud()}${cloud()}</g>`;
}

function hills({ snow }: Season): string {
  const [far, near] = snow ? ["#b9c6d3", "#cfd9e2"] : ["#9db7b4", "#8fae8c"];
  return `<path d="M-20 236Q110 176 240 222T470 206T660 226V480H-20Z" fill="${far}"/>
<path d="M-20 262Q150 214 330 252T660 246V480H-20Z" fill="${near}"/>`;
}

function house(random: () => number, { height, infrared }: Light): string {
  const wall = pick(["#f0dcc0", "#e8c9b8", "#dfe3da", "#e9d9a8"], random);
  const roofTile = pick(["#a5523e", "#7a4a45", "#5f6672"], random);
  const pane = height < 0.25 || infrared ? "#ffd36b" : "#7d93a5";
  const window = (x: number): string =>
    `<rect x="${x}" y="226" width="22" height="26" fill="${pane}"/><path d="M${x + 11} 226v26M${x} 239h22" stroke="#fff" stroke-width="2"/>`;
  return `<rect x="372" y="200" width="128" height="90" fill="${wall}"/><rect x="462" y="140" width="16" height="40" fill="${roofTile}"/>
<path d="M358 204L436 146L514 204Z" fill="${roofTile}"/>${window(392)}${window(454)}<rect x="424" y="246" width="20" height="44" fill="#6f4a35"/>`;
}

function hedge({ leaves, snow }: Season, random: () => number): string {
  return Array.from({ length: 34 }, (_, at) => {
    const colour = snow
      ? pick(["#7b8a80", "#e9eff4", "#6c7a72"], random)
      : at % 3 === 0
        ? pick(leaves, random)
        : pick(["#4f7a4a", "#5d8a52", "#446b45"], random);
    return blob(at * 20 - 10, 290 - 16 * random(), 20 + 13 * random(), colour, 0.95);
  }).join("");
}

function lawn({ lawn: [near, far] }: Season): string {
  return `<path d="M-20 300Q320 284 660 302V500H-20Z" fill="${far}"/><path d="M-20 330Q300 312 660 338V500H-20Z" fill="${near}"/>
<path d="M250 480Q300 380 420 296L440 296Q380 390 420 480Z" fill="#d9cbb0" opacity=".7"/>`;
}

function fence(random: () => number): string {
  const colour = pick(["#f4efe4", "#c79c6c", "#9fb4bd"], random);
  const pickets = Array.from(
    { length: 9 },
    (_, at) => `<path d="M${at * 24 - 6} 346V284l8-10l8 10v62Z"/>`,
  ).join("");
  return `<g fill="${colour}"><rect x="-20" y="296" width="226" height="8"/><rect x="-20" y="324" width="226" height="8"/>${pickets}</g>`;
}

function tree({ leaves, snow }: Season, random: () => number): string {
  const bark = snow ? "#5d5149" : "#6f5440";
  const crown = Array.from({ length: snow ? 12 : 46 }, () => {
    const angle = 2 * Math.PI * random();
    const reach = Math.sqrt(random());
    return blob(
      566 + 128 * reach * Math.cos(angle),
      128 + 108 * reach * Math.sin(angle),
      18 + 22 * random(),
      pick(snow ? ["#eef3f7"] : leaves, random),
      0.85,
    );
  }).join("");
  return `<path d="M552 350Q562 260 556 170L584 170Q582 262 598 350Z" fill="${bark}"/>
<g fill="none" stroke="${bark}" stroke-width="9" stroke-linecap="round"><path d="M568 210Q520 170 482 156M572 190Q610 140 640 130M566 176Q548 110 520 70M574 176Q580 110 604 60"/></g>${crown}`;
}

function blob(x: number, y: number, r: number, colour: string, opacity: number): string {
  return `<circle cx="${dot(x)}" cy="${dot(y)}" r="${dot(r)}" fill="${colour}" opacity="${opacity}"/>`;
}

export function drawFeeder({ snow }: Season, random: () => number): string {
  const grain = Array.from({ length: 12 }, () => {
    const y = 400 + 52 * random();
    const x = 620 * random();
    return `<path d="M${dot(x)} ${dot(y)}q${dot(40 + 60 * random())} ${dot(4 * random() - 2)} ${dot(110 + 60 * random())} 0"/>`;
  }).join("");
  return `<path d="M0 ${RIM_Y + 14}H640V480H0Z" fill="url(#wood)"/><g fill="none" stroke="#7d5230" stroke-opacity=".45" stroke-width="1.6">${grain}</g>
<rect y="${RIM_Y + 13}" width="640" height="18" fill="url(#under)" opacity=".7"/>
<rect y="${RIM_Y - 2}" width="640" height="17" rx="5" fill="#dcae78"/><rect y="${RIM_Y + 9}" width="640" height="6" fill="#8d5d34" opacity=".6"/>
${snow ? `<path d="M0 ${RIM_Y + 3}Q40 ${RIM_Y - 12} 110 ${RIM_Y - 4}T250 ${RIM_Y - 3}T420 ${RIM_Y - 5}T560 ${RIM_Y - 3}T640 ${RIM_Y - 4}V${RIM_Y + 5}H0Z" fill="#fbfdff"/>` : ""}
${seeds(random)}`;
}

function seeds(random: () => number): string {
  const heapX = 200 + 240 * random();
  return Array.from({ length: 110 }, () => {
    const x = heapX + 250 * (random() + random() + random() - 1.5);
    const y = 408 + 44 * random();
    const turn = `rotate(${dot(360 * random())} ${dot(x)} ${dot(y)})`;
    const ellipse = (rx: number, ry: number, colour: string): string =>
      `<ellipse cx="${dot(x)}" cy="${dot(y)}" rx="${rx}" ry="${ry}" fill="${colour}" transform="${turn}"/>`;
    const kind = random();
    if (kind < 0.4) return ellipse(7.5, 3.9, "#2b2624") + ellipse(5.5, 0.55, "#b9b0a0");
    return kind < 0.75 ? ellipse(3.4, 3, "#e2bd6a") : ellipse(6, 3.6, "#c58a4e");
  }).join("");
}

export function drawRoof(): string {
  const scallops = Array.from(
    { length: 16 },
    (_, at) => `<path d="M${at * 40} 30a20 13 0 0 0 40 0Z"/>`,
  ).join("");
  return `<rect y="30" width="640" height="46" fill="url(#under)" opacity=".55"/><g fill="#8d5d3a">${scallops}</g>
<rect width="640" height="33" fill="url(#eaves)"/><path d="M0 12H640M0 22H640" stroke="#2b1a10" stroke-opacity=".35" stroke-width="2"/>`;
}

export function dot(value: number): number {
  return Math.round(value * 10) / 10;
}

function pick(from: readonly string[], random: () => number): string {
  return from[Math.floor(random() * from.length)] ?? "none";
}

/** mulberry32 over an FNV-1a hash. */
function seededBy(text: string): () => number {
  let state = [...text].reduce(
    (hash, letter) => Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193),
    0x811c9dc5,
  );
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
