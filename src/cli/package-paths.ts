/** Where the parts of the installed package are. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folders of the package this program belongs to. */
export interface PackagePaths {
  readonly root: string;
  readonly programs: string;
  readonly flows: string;
  readonly models: string;
  readonly templates: string;
}

/** Finds the package's root: the nearest folder above that holds the flows. */
export function findPackagePaths(): PackagePaths {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, "flows")) && dirname(root) !== root) root = dirname(root);
  return {
    root,
    programs: join(root, "dist"),
    flows: join(root, "flows"),
    models: join(root, "models"),
    templates: join(root, "templates"),
  };
}
