import { assertEquals, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { checkConflicts, type CommandFiles } from "./file_conflicts.ts";

async function withFiles(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea conflicts " });
  try {
    await Deno.mkdir(`${folder}/images`);
    for (const name of ["a clip.mp4", "m.onnx", "m.manifest.json", "names.txt", "images/1.png"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "");
    }
    await Deno.symlink("a clip.mp4", `${folder}/soft.mp4`);
    await Deno.link(`${folder}/a clip.mp4`, `${folder}/hard.mp4`);
    await Deno.symlink("images", `${folder}/same`);
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function filesIn(folder: string, files: Partial<CommandFiles>): CommandFiles {
  return {
    reader: "run",
    uri: `${folder}/a clip.mp4`,
    model: `${folder}/m.onnx`,
    read: [`${folder}/names.txt`, undefined, null],
    ...files,
  };
}

Deno.test("outputs may not take the place of what is read, however it is written", () =>
  withFiles(async (folder) => {
    const outputs = ["a clip.mp4", "./images/../a clip.mp4", "soft.mp4", "hard.mp4"];
    const uris = [`${folder}/a clip.mp4`, `file://${folder.replaceAll(" ", "%20")}/a%20clip.mp4`];
    for (const uri of uris) {
      for (const output of outputs) {
        const save = [`${folder}/${output}`];
        const error = await assertRejects(
          () => checkConflicts(filesIn(folder, { uri, save })),
          FoveaError,
          "it is what this run reads",
        );
        assertEquals(error.code, "USAGE");
      }
    }
    const model = `file://${folder.replaceAll(" ", "%20")}/m.onnx`;
    for (const stats of ["m.onnx", "m.manifest.json", "names.txt"]) {
      const files = filesIn(folder, { model, written: [`${folder}/${stats}`, null] });
      await assertRejects(() => checkConflicts(files), FoveaError, stats);
    }
  }));

Deno.test("two outputs may not go to one file, whether it exists or not", () =>
  withFiles(async (folder) => {
    for (const [one, other] of [["new.mp4", "images/../new.mp4"], ["images/x", "same/x"]]) {
      const files = filesIn(folder, {
        save: [`${folder}/${one}`],
        written: [`${folder}/${other}`],
      });
      await assertRejects(() => checkConflicts(files), FoveaError, "the same file");
    }
    await checkConflicts(
      filesIn(folder, { save: [`${folder}/1.mp4`], written: [`${folder}/1.json`] }),
    );
  }));

Deno.test("pictures may not go among the images that are read", () =>
  withFiles(async (folder) => {
    const uri = `images:${folder}/images?fps=5`;
    for (const name of ["images/%d.png", "same/now.jpg"]) {
      const files = filesIn(folder, { uri, save: [`${folder}/${name}`] });
      await assertRejects(() => checkConflicts(files), FoveaError, "among the images");
    }
    for (const name of ["images/seen.mp4", "%d.png"]) {
      await checkConflicts(filesIn(folder, { uri, save: [`${folder}/${name}`] }));
    }
  }));

Deno.test("what names no file is nobody's conflict", async () => {
  for (const uri of ["rtsp://cam/1", "nonsense:", "v4l2:/dev/video0"]) {
    await checkConflicts({ reader: "run", uri, model: "file://%", save: ["a.mp4"] });
  }
});
