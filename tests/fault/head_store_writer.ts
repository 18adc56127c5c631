// Decides about heads until the disk is full, and prints what is left. A process of its own, so that
// the size of its files can be limited.
import { FoveaError } from "../../src/core/errors.ts";
import { verifyLedger } from "../../src/refine/ledger.ts";
import { HeadStore } from "../../src/refine/head_store.ts";
import { judgedAs, SMALL_MODEL, smallHead } from "../support/judged_event.ts";

/** Far more than what fits. */
const ROUNDS = 500;

async function main(folder: string): Promise<void> {
  await using store = await HeadStore.open(folder, { model: SMALL_MODEL });
  let kept = 0;
  let promoted = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const version = await store.keep(smallHead(round), judgedAs("accepted"));
      kept = version!;
      await store.promote(kept, { who: "Ada", why: "round" });
      promoted = kept;
    }
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error;
    const { version, head } = await store.current();
    const { fault, torn } = await verifyLedger(folder);
    const report = { code: error.code, kept, promoted, version, hash: head?.hash, fault, torn };
    // deno-lint-ignore no-console
    console.log(JSON.stringify({ ...report, expected: smallHead(promoted - 1).hash }));
  }
}

if (import.meta.main) await main(Deno.args[0]!);
