export type { Clock } from "../engine/port.ts";
