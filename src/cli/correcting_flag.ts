/** What a finding is about, and the flag that corrects it. */
const FLAGS: Readonly<Record<string, string>> = {
  "family": "--family",
  "classes": "--names",
  "classes.spare": "--names",
  "input.size": "--imgsz",
  "input.channels": "--channels",
  "input.scaling": "--scale",
  "input.letterbox": "--letterbox",
};

/** The flag that corrects a finding about `about`, or `null` where there is none. */
export function correctingFlag(about: string): string | null {
  const option = /^options\.(\w+)$/.exec(about)?.[1];
  if (option !== undefined) return `--family-option ${option}=…`;
  return FLAGS[about] ?? null;
}
