/** Writes to the local store; when that cannot be, says so once and lets the console go on. */
import { errorMessage } from "../base/error-message.ts";

/** Makes what carries out writes; `tell` is given each problem once, until a write goes well again. */
export function storeWriter(tell: (problem: string) => void): (write: () => void) => void {
  let told = "";
  return (write) => {
    try {
      write();
      told = "";
    } catch (cause) {
      const problem = errorMessage(cause);
      if (problem === told) return;
      told = problem;
      tell(problem);
    }
  };
}
