import { FoveaError } from "../core/errors.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import { type HeadFolder, readHeadFolder } from "../refine/head_folder.ts";
import type { HeadSummary } from "../refine/head_history.ts";
import { HeadStore } from "../refine/head_store.ts";
import { formatReport } from "./export_command.ts";
import { EXIT_CODE } from "./exit_code.ts";
import { checkConflicts } from "./file_conflicts.ts";
import type { HeadsAction, HeadsFlags } from "./heads_command.ts";
import { formatHeadList, formatHeadSummary } from "./heads_report.ts";
import type { Terminal } from "./terminal.ts";

const UNSAID = "no reason given";

/**
 * Does what `fovea heads` is for and returns the exit code.
 *
 * @throws {FoveaError} Whatever the folder throws; what is served stays then.
 */
export async function runHeads(
  action: HeadsAction,
  path: string,
  flags: HeadsFlags,
  terminal: Terminal,
): Promise<number> {
  const folder = await readHeadFolder(path);
  const { json, text, code = EXIT_CODE.ok } = await act(action, folder, flags, terminal);
  await terminal.writeOut(flags.json === true ? `${JSON.stringify(json, null, 2)}\n` : `${text}\n`);
  return code;
}

interface Answer {
  readonly json: unknown;
  readonly text: string;
  readonly code?: number;
}

async function act(
  action: HeadsAction,
  folder: HeadFolder,
  flags: HeadsFlags,
  { columns }: Terminal,
): Promise<Answer> {
  const { version: served } = folder.served;
  switch (action) {
    case "list": {
      const heads = folder.list();
      const json = {
        folder: folder.folder,
        model: folder.model,
        served,
        heads,
        fault: folder.fault,
      };
      return { json, text: formatHeadList(folder, columns) };
    }
    case "show": {
      const summary = summaryOf(folder, flags.version ?? served);
      return { json: summary, text: formatHeadSummary(summary, columns) };
    }
    case "promote":
    case "rollback":
      return await change(action, folder, flags);
    case "export":
      return await exportVersion(folder, flags);
    case "verify":
      return await verify(folder);
  }
}

function summaryOf(folder: HeadFolder, version: number): HeadSummary {
  const summary = folder.list().find((one) => one.version === version);
  if (summary !== undefined) return summary;
  const kept = folder.list().map((one) => one.version);
  throw new FoveaError(
    "USAGE",
    version === 0
      ? `Cannot take the head that ${folder.folder} serves: it is the one in the model file`
      : `Cannot find version ${version} in ${folder.folder}`,
    { hint: kept.length === 0 ? "It keeps none yet" : `Give one of ${kept.join(", ")}` },
  );
}

async function change(
  action: "promote" | "rollback",
  { folder, model }: HeadFolder,
  { version, who, why = UNSAID }: HeadsFlags,
): Promise<Answer> {
  await using store = await HeadStore.open(folder, { model });
  const before = store.served.version;
  if (action === "promote") await store.promote(version!, { who: who!, why });
  else await store.rollBack({ who: who!, why });
  const { version: now } = store.served;
  const json = { folder, before, served: now, who, why };
  const what = now === 0 ? "the head in the model file" : `version ${now}`;
  return { json, text: `${folder} serves ${what} now, in place of version ${before}` };
}

async function exportVersion(folder: HeadFolder, flags: HeadsFlags): Promise<Answer> {
  const model = flags.model!;
  const out = flags.out!;
  await checkConflicts({ reader: "export", model, read: [folder.folder], written: [out] });
  const head: HeadWeights = await folder.read(
    summaryOf(folder, flags.version ?? folder.served.version).version,
  );
  const { exportHead } = await import("../pipeline/export_head.ts");
  const report = await exportHead({ model, head, out });
  return { json: report, text: formatReport(report).trimEnd() };
}

/** Checks the chain, and whether every kept file is the head that was judged. */
async function verify(folder: HeadFolder): Promise<Answer> {
  const { fault, entries } = folder;
  const damaged: string[] = [];
  for (const { version } of folder.list()) {
    await folder.read(version).catch((error: Error) => damaged.push(error.message));
  }
  const sound = fault === null && damaged.length === 0;
  const end = entries.at(-1)!;
  const lines = [
    fault === null
      ? `the ledger holds: ${entries.length} lines, the last hash is ${end.hash}`
      : `the ledger is damaged at line ${fault.line}: ${fault.why}`,
    ...damaged,
    ...(sound ? [`all ${folder.list().length} versions are the heads that were judged`] : []),
  ];
  return {
    json: { sound, lines: entries.length, hash: end.hash, fault, damaged },
    text: lines.join("\n"),
    code: sound ? EXIT_CODE.ok : EXIT_CODE.failed,
  };
}
