// A thread that lowers its priority and says whether it could.
import { lowerThreadPriority } from "../../src/native/thread_priority.ts";

(self as unknown as { postMessage(message: unknown): void }).postMessage(lowerThreadPriority());
