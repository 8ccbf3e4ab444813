/** The settings of the screen: theme, mouse, notifications, keys. */
import { z } from "zod";
import { THEME_NAMES } from "../ui/theme.ts";
import { flag } from "./flag.ts";
import type { Places, Setting } from "./setting.ts";
import { pickSetting } from "./setting.ts";

/** Ways to tell an operator who looks elsewhere. */
const SIGNS = ["bell", "osc9", "osc777", "progress"] as const;

const theme = z.enum(THEME_NAMES, `the theme is one of ${THEME_NAMES.join(", ")}`);
const onOff = z.enum(["on", "off"], "the mouse is on or off");
const signs = z
  .string()
  .transform((text) => (text === "off" ? [] : text.split(",").map((word) => word.trim())))
  .pipe(z.array(z.enum(SIGNS, `notifications are off, or some of ${SIGNS.join(",")}`)));

/** What the configuration file may say of the screen. */
export const SCREEN_FILE_SHAPE = {
  theme: theme.optional(),
  mouse: z.boolean().optional(),
  notify: z.array(z.enum(SIGNS)).optional(),
  keys: z.record(z.string(), z.array(z.string().min(1).max(20)).max(8)).optional(),
};

/** What the environment may say of the screen. */
export const SCREEN_VARIABLES = {
  AIMIE_THEME: theme.optional(),
  AIMIE_MOUSE: onOff.optional(),
  AIMIE_NOTIFY: signs.optional(),
};

/** The flags of the screen. */
export const SCREEN_FLAGS = {
  theme: flag(
    {
      kind: "text",
      placeholder: "NAME",
      says: "auto (default: by the terminal's ground), dark, light, high-contrast, 16, none",
      values: THEME_NAMES,
    },
    theme.optional(),
  ),
  mouse: flag(
    {
      kind: "text",
      placeholder: "on|off",
      says: "click to focus, wheel to scroll (default on; shift selects text meanwhile)",
      values: ["on", "off"],
    },
    onOff.optional(),
  ),
  notify: flag(
    {
      kind: "text",
      placeholder: "SIGNS",
      says: "of ended runs: off, or some of bell (default),osc9,osc777,progress",
    },
    signs.optional(),
  ),
};

/** The values of those flags. */
export type ScreenFlags = Readonly<z.infer<z.ZodObject<typeof SCREEN_FLAGS>>>;

/** The settings of the screen, each with its source. */
export interface ScreenSettings {
  readonly theme: Setting<(typeof THEME_NAMES)[number]>;
  readonly mouse: Setting<"on" | "off">;
  readonly notify: Setting<readonly (typeof SIGNS)[number][]>;
  /** Keys by the name of what they do, instead of the built-in ones. */
  readonly keys: Setting<Readonly<Record<string, readonly string[]>>>;
}

/** What environment and file say, checked. */
export interface ScreenSources {
  readonly variables: z.infer<z.ZodObject<typeof SCREEN_VARIABLES>>;
  readonly file: z.infer<z.ZodObject<typeof SCREEN_FILE_SHAPE>>;
  readonly places: Places;
}

/** The settings without flags; the flags belong to one verb. */
export function readScreenSettings({ variables, file, places }: ScreenSources): ScreenSettings {
  const names = (name: string) => ({
    flag: name,
    variable: `AIMIE_${name.toUpperCase()}`,
    places,
  });
  const mouse = file.mouse === undefined ? undefined : file.mouse ? "on" : "off";
  return {
    theme: pickSetting({ env: variables.AIMIE_THEME, file: file.theme }, "auto", names("theme")),
    mouse: pickSetting({ env: variables.AIMIE_MOUSE, file: mouse }, "on", names("mouse")),
    notify: pickSetting<ScreenSettings["notify"]["value"]>(
      { env: variables.AIMIE_NOTIFY, file: file.notify },
      ["bell"],
      names("notify"),
    ),
    keys: pickSetting<ScreenSettings["keys"]["value"]>({ file: file.keys }, {}, names("keys")),
  };
}

/** The settings with what the flags say on top. */
export function withScreenFlags(settings: ScreenSettings, flags: ScreenFlags): ScreenSettings {
  const over = <Value>(name: string, given: Value | undefined, before: Setting<Value>) =>
    given === undefined ? before : { value: given, source: `flag --${name}` };
  return {
    theme: over("theme", flags.theme, settings.theme),
    mouse: over("mouse", flags.mouse, settings.mouse),
    notify: over<ScreenSettings["notify"]["value"]>("notify", flags.notify, settings.notify),
    keys: settings.keys,
  };
}
