import { adoptScript } from "./adopt.ts";
import { commitScript } from "./commit.ts";
import { completeScript } from "./complete.ts";
import { lodgeScript, replayScript, setAsideScript } from "./dead-letter.ts";
import { enqueueScript } from "./enqueue.ts";
import { leadScript } from "./lead.ts";
import { mirrorEntryScript, mirrorRemovalScript } from "./mirror-entry.ts";
import { renewScript } from "./renew.ts";
import type { Script } from "./script.ts";
import { takeDueScript } from "./take-due.ts";

/** Every transition of the bus; the embedded broker serves exactly these. */
export const ALL_SCRIPTS: readonly Script[] = [
  enqueueScript,
  commitScript,
  completeScript,
  renewScript,
  takeDueScript,
  leadScript,
  adoptScript,
  setAsideScript,
  lodgeScript,
  replayScript,
  mirrorEntryScript,
  mirrorRemovalScript,
];
