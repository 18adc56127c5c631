import type { SystemFiles } from "../native/system_files.ts";
import { type MachineFinding, optionalFinding } from "./doctor_finding.ts";

const CHECK = "tensorflow";
/** Packages with a native binding, the faster one first. */
const PACKAGES: readonly string[] = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];
/** The binding inside such a package. */
const BINDING = "lib/napi-v8/tfjs_binding.node";
/** Folders inside `node_modules` with packages; `deno task tfjs:build` fills the first one. */
const PACKAGE_PLACES: readonly string[] = [".tensorflow/node_modules/", ""];
/** Folders above `python3.*`, in which pip puts wheels. */
const PYTHON_ROOTS: readonly string[] = ["/usr/local/lib", "/usr/lib"];
const WHEEL_PLACES: readonly string[] = ["dist-packages/tensorflow", "site-packages/tensorflow"];
/** The part of a TensorFlow wheel that a binding is linked with. */
const WHEEL_LIBRARY = /^libtensorflow_(cc|framework)\.so\.2$/;

/**
 * Looks whether TensorFlow.js has a native binding beside fovea, and where libraries for one lie.
 *
 * @param modulesFolder The folder `node_modules`, with a `/` at its end; `null` where there is none.
 */
export async function checkTensorFlow(
  modulesFolder: URL | null,
  files: SystemFiles | null,
): Promise<MachineFinding> {
  const wheels = files === null ? [] : findWheels(files);
  let unbuilt: string | null = null;
  const libraries = wheels.length === 0 ? "" : `; libraries for one in ${wheels.join(", ")}`;
  for (const { name, url } of packageFolders(modulesFolder)) {
    if (!await exists(new URL("package.json", url))) continue;
    if (await exists(new URL(BINDING, url))) {
      return optionalFinding(CHECK, "ok", `${name} with its native binding`);
    }
    unbuilt ??= name;
  }
  if (unbuilt !== null) {
    return optionalFinding(
      CHECK,
      "warn",
      `${unbuilt} without its native binding${libraries}`,
      wheels.length > 0
        ? `Build it: deno task tfjs:build --tensorflow ${wheels[0]}`
        : "Install TensorFlow with pip, then: deno task tfjs:build --tensorflow FOLDER",
    );
  }
  return optionalFinding(
    CHECK,
    "ok",
    `no package ${PACKAGES.join(" or ")}; the built-in trainer needs none${libraries}`,
  );
}

/** Where packages may lie, in the order in which the trainer looks for them. */
function packageFolders(modulesFolder: URL | null): { name: string; url: URL }[] {
  if (modulesFolder === null) return [];
  return PACKAGES.flatMap((name) =>
    PACKAGE_PLACES.map((place) => ({ name, url: new URL(`${place}${name}/`, modulesFolder) }))
  );
}

function findWheels(files: SystemFiles): string[] {
  return PYTHON_ROOTS.flatMap((root) =>
    files.list(root).filter((name) => /^python3(\.\d+)?$/.test(name))
      .flatMap((python) => WHEEL_PLACES.map((place) => `${root}/${python}/${place}`))
  ).filter((folder) => files.list(folder).some((name) => WHEEL_LIBRARY.test(name)));
}

async function exists(url: URL): Promise<boolean> {
  try {
    await Deno.stat(url);
    return true;
  } catch {
    // What may not be looked at cannot be used either.
    return false;
  }
}
