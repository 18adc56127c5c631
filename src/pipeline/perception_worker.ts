/// <reference lib="deno.worker" />
import { serveRequests } from "./serve_requests.ts";

declare const self: DedicatedWorkerGlobalScope;

serveRequests(self);
