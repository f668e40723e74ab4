/** Where the domain reports what an operator wants to know; pino's shape. */
export interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
