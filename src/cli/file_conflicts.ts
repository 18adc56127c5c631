import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseCameraUri } from "../camera/camera_uri.ts";
import { FoveaError } from "../core/errors.ts";
import { manifestPaths } from "../pipeline/model_file.ts";
import { planOutput } from "../sink/output_path.ts";

/** What a command reads and writes, as its user named it; `null` or left out where there is none. */
export interface CommandFiles {
  /** What reads: `run`, `evaluation` or `export`, for messages. */
  readonly reader: string;
  /** The camera's URI. */
  readonly uri?: string | null;
  /** Path or `file:` URL of the model. */
  readonly model?: string | null;
  /** Other files that are read. */
  readonly read?: readonly (string | null | undefined)[];
  /** Outputs of what is seen. */
  readonly save?: readonly string[];
  /** Other outputs. */
  readonly written?: readonly (string | null | undefined)[];
}

/**
 * Refuses to write over what a command reads, or two things to one file: opening an output may
 * empty it, and what was to be read would be gone. Files are compared by what they are, so that
 * links and other ways to write a path are seen through.
 *
 * @throws {FoveaError} `USAGE` naming the output.
 */
export async function checkConflicts(files: CommandFiles): Promise<void> {
  const { reader, uri = null, model = null, read = [], save = [], written = [] } = files;
  const source = readSource(uri);
  const inputs = [source.path, ...modelPaths(model), ...read].filter(isPath);
  const taken = new Map<string, string>();
  for (const path of inputs) taken.set(await identify(path), `it is what this ${reader} reads`);
  for (const path of [...save, ...written].filter(isPath)) {
    const identity = await identify(path);
    const why = taken.get(identity);
    if (why !== undefined) throw conflict(path, why);
    taken.set(identity, "another output goes to the same file");
  }
  if (source.folder === null) return;
  const folder = await identify(source.folder);
  for (const path of save) {
    if (!/^pictures?$/.test(planOutput(path).kind)) continue;
    if (await identify(dirname(path)) !== folder) continue;
    throw conflict(path, `it would stand among the images that this ${reader} reads`);
  }
}

function isPath(path: string | null | undefined): path is string {
  return path !== null && path !== undefined;
}

function conflict(path: string, why: string): FoveaError {
  return new FoveaError("USAGE", `Cannot write ${path}: ${why}`, {
    hint: "Give the output another name",
  });
}

/** The file or the folder of images that a camera URI names; neither where it names none. */
function readSource(
  uri: string | null,
): { readonly path: string | null; readonly folder: string | null } {
  try {
    if (uri === null) return { path: null, folder: null };
    const parsed = parseCameraUri(uri);
    return {
      path: parsed.scheme === "file" ? parsed.path : null,
      folder: parsed.scheme === "images" ? parsed.folder : null,
    };
  } catch {
    return { path: null, folder: null }; // Whoever opens it says what is wrong with it.
  }
}

function modelPaths(model: string | null): string[] {
  try {
    if (model === null) return [];
    const path = model.startsWith("file:") ? fileURLToPath(model) : model;
    return [path, ...manifestPaths(path).map(String)];
  } catch {
    return []; // Whoever reads it says what is wrong with it.
  }
}

/** Text that is the same for two paths to one file, whether it exists yet or not. */
async function identify(path: string): Promise<string> {
  try {
    const { dev, ino } = await Deno.stat(path);
    if (ino !== null && ino !== 0) return `${dev}:${ino}`;
    return await Deno.realPath(path);
  } catch {
    // It does not exist, or may not be looked at.
  }
  try {
    return join(await Deno.realPath(dirname(path)), basename(path));
  } catch {
    return resolve(path);
  }
}
