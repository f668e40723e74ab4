import type { Form } from "../forms.ts";
import type { Machine, SystemPorts } from "../machine.ts";

/** When, where and how a run was made. */
export interface Run {
  /** Like `2026-01-31`. */
  readonly began: string;
  readonly tookS: number;
  readonly load: { readonly before: number; readonly after: number };
  readonly machine: Machine;
  readonly systemPorts: SystemPorts;
  readonly form: Form;
}
