import { KeyroomError } from "../../protocol/errors.ts";

/** The KeyroomError that `act` throws; anything else fails the test. */
export function refusalOf(act: () => unknown): KeyroomError {
  try {
    act();
  } catch (error) {
    if (error instanceof KeyroomError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown.");
}
