import { DEVICE_SETTINGS, type Setting } from "./device-config.ts";

type Schema = Readonly<Record<string, unknown>>;

/** JSON Schema 2020-12 of a feeder's settings, as a file of them or a request has them. */
export function deviceConfigSchema(): Schema {
  const properties = Object.entries(DEVICE_SETTINGS).map(
    ([name, setting]) => [name, settingSchema(setting)] as const,
  );
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:skyfeeder:schema:device-config:v1",
    title: "Settings of a SkyFeeder feeder",
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  };
}

function settingSchema(setting: Setting): Schema {
  const { unit, description, since } = setting;
  const usual = "default" in setting ? { default: setting.default } : {};
  const inUnit = unit === undefined ? "" : ` In ${unit}.`;
  const about = { description: `${description}${inUnit} Since ${since}.` };
  return { ...valueSchema(setting), ...usual, ...about };
}

function valueSchema(setting: Setting): Schema {
  switch (setting.type) {
    case "integer":
      return integerSchema(setting);
    case "integers":
      return { type: "array", maxItems: setting.itemsMax, items: integerSchema(setting) };
    case "choice":
      return { type: "string", enum: setting.choices };
    case "window": {
      const time = "([01]\\d|2[0-3]):[0-5]\\d";
      return { type: "string", pattern: `^(any|${time}-${time})$` };
    }
  }
}

function integerSchema(bounds: { min: number; max: number; step: number }): Schema {
  const { min: minimum, max: maximum, step } = bounds;
  return { type: "integer", minimum, maximum, ...(step === 1 ? {} : { multipleOf: step }) };
}
