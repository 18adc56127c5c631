/**
 * What the process says when it ends, for scripts.
 *
 * | code | meaning |
 * |---|---|
 * | 0 | fine, also when the reader of standard output left early |
 * | 1 | it failed: a model, a camera, an output, the machine, or a defect |
 * | 2 | the command line is wrong; nothing was opened |
 * | 3 | `fovea monitor` raised an alarm |
 * | 130 | Ctrl-C; everything was written and closed |
 * | 143 | asked to terminate; everything was written and closed |
 */
export const EXIT_CODE = {
  ok: 0,
  failed: 1,
  usage: 2,
  alarm: 3,
  interrupted: 130,
  terminated: 143,
} as const;
