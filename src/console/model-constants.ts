/** The constants of the catalogued models, read one after the other when somebody wants to see them. */
import type { StoreApi } from "zustand/vanilla";
import { findModel } from "./catalogue.ts";
import type { ConsoleOptions } from "./console-options.ts";
import type { ConsoleState, ModelConstant } from "./console-state.ts";

/** Longest model that is read for this, characters: reading must not be felt on the screen. */
const MAXIMUM_CHARACTERS = 200_000;

/** Makes the function that reads them into the state, a model a turn of the event loop. */
export function constantsReader(
  { folders, constantsOf }: Pick<ConsoleOptions, "constantsOf" | "folders">,
  store: StoreApi<ConsoleState>,
): () => void {
  let reading = false;
  const read = (name: string): readonly ModelConstant[] => {
    const model = findModel(folders, name);
    return model.ok && model.value.text.length <= MAXIMUM_CHARACTERS
      ? constantsOf(model.value)
      : [];
  };
  const readNext = (names: readonly string[]): void => {
    const [name, ...rest] = names;
    if (name === undefined) {
      reading = false;
      return;
    }
    const constants = new Map(store.getState().constants).set(name, read(name));
    store.setState({ constants });
    setImmediate(() => readNext(rest));
  };
  return () => {
    if (reading) return;
    reading = true;
    setImmediate(() => readNext(store.getState().models));
  };
}
