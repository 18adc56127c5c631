// deno-lint-ignore-file no-console
// Small pedestrians on a drawn street when night falls: what the measured loss says, what easy
// negatives hide from cross-entropy, when the monitor raises its alarm, and which pedestrians were
// hardest: deno run --allow-all examples/pedestrian_at_night.ts
import { createMonitor, loadDetector, openCamera, perceive } from "@fovea/fovea";
import type { MonitorReport } from "@fovea/fovea/monitor";
import { isHardlyVisible } from "@fovea/fovea/world";

const WARM_UP = 150;
const NIGHT = 200;
const FRAMES = 280;

/** Sums over the frames of a time of day. */
class Times {
  frames = 0;
  loss = 0;
  pedestrians = 0;
  pedestrianLoss = 0;
  easyOfCrossEntropy = 0;
  easyOfFocal = 0;

  add(report: MonitorReport): void {
    this.frames++;
    this.loss += report.focalLoss!;
    this.easyOfCrossEntropy += report.easyNegativeShare!;
    this.easyOfFocal += report.easyNegativeShareFocal!;
    const share = report.byClass.find(({ name }) => name === "pedestrian");
    if (share === undefined) return;
    this.pedestrians += share.targets;
    this.pedestrianLoss += share.focalLoss * Math.max(1, share.targets);
  }

  tell(when: string): void {
    const percent = (sum: number) => `${(100 * sum / this.frames).toFixed(0)} %`;
    const ofPedestrians = (this.pedestrianLoss / Math.max(1, this.pedestrians)).toFixed(2);
    console.log(
      `${when}: focal loss ${(this.loss / this.frames).toFixed(2)} a target, ` +
        `${ofPedestrians} a pedestrian; easy negatives hold ` +
        `${percent(this.easyOfCrossEntropy)} of the cross-entropy of all anchors, ` +
        `${percent(this.easyOfFocal)} of their focal loss`,
    );
  }
}

await using camera = await openCamera(
  `synthetic:street?seed=4&frames=${FRAMES}&weather=night:3@${NIGHT}`,
);
await using detector = await loadDetector();
const { classNames } = detector.spec;

// The street knows the truth about itself; at a real camera an operator labels a frame now and then.
const labels = {
  get: (seq: number) => {
    const { objects } = camera.truth!.at(seq);
    const seen = objects.filter((object) => !isHardlyVisible(object));
    return {
      targets: seen.map(({ className, xyxyPx }) => {
        return { classIndex: classNames.indexOf(className), xyxyPx };
      }),
      ignored: objects.filter(isHardlyVisible).map(({ xyxyPx }) => xyxyPx),
    };
  },
};
const monitor = createMonitor(camera, detector, { warmUpFrames: WARM_UP, labels });
const [day, night] = [new Times(), new Times()];
for await (const { seq, monitor: report } of perceive(camera, detector, { monitor })) {
  (seq < NIGHT ? day : night).add(report!);
}
day.tell("by day");
night.tell("at night");
const [first] = monitor.alarms;
console.log(
  first === undefined
    ? "no alarm"
    : `alarm ${first.seq - NIGHT} frames after night fell; health at the end: ${monitor.health}`,
);
console.log("hardest pedestrians:");
for (const { seq, className, loss, reason } of monitor.hardExamples) {
  if (className !== "pedestrian" || seq < NIGHT) continue;
  console.log(`  frame ${seq}, loss ${loss.toFixed(2)}: ${reason}`);
}
