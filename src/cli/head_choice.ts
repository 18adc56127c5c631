import type { HeadWeights } from "../core/head_weights.ts";
import type { DetectorOptions } from "../pipeline/detector_options.ts";
import { readHeadFile } from "../pipeline/head_store.ts";
import { isHeadFolder, readHeadFolder } from "../refine/head_folder.ts";

/** A head that `--head` named. */
export interface NamedHead {
  /** The head; `null` for the one in the model file, which a folder may serve. */
  readonly weights: HeadWeights | null;
  /** Sentences for people. */
  readonly notes: readonly string[];
}

/** No head was named. */
const NONE: NamedHead = { weights: null, notes: [] };

/**
 * Reads what `--head` names: a head file, or a folder that `fovea refine` wrote, of which the head
 * that is served is taken; `undefined` names none.
 *
 * @throws {FoveaError} `HEAD_INVALID`, `STATE_INVALID` if the folder is none.
 */
export async function readNamedHead(path: string | undefined): Promise<NamedHead> {
  if (path === undefined) return NONE;
  if (!(await isHeadFolder(path))) return { weights: await readHeadFile(path), notes: [] };
  const folder = await readHeadFolder(path);
  const { version, head, damage } = await folder.current();
  const fault = folder.fault === null
    ? []
    : [`the ledger of ${path} is damaged at line ${folder.fault.line}: ${folder.fault.why}`];
  const served = version === 0
    ? `head: ${path} serves the head in the model file`
    : `head: version ${version} of ${path}`;
  return { weights: head, notes: [served, ...damage, ...fault] };
}

/** What a detector is told about a head that was named. */
export function headOptions({ weights }: NamedHead): Pick<DetectorOptions, "head"> {
  return weights === null ? {} : { head: { weights } };
}

/** The same for a detector whose head is to be changed while it runs. */
export function exposedHead({ weights }: NamedHead): Pick<DetectorOptions, "head"> {
  return { head: weights === null ? true : { weights } };
}
