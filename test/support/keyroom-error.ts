import { KeyroomError } from "../../protocol/errors.ts";

/** The KeyroomError that a promise rejects with; anything else fails the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<KeyroomError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KeyroomError) return error;
    throw error;
  }
  throw new Error("The promise did not reject.");
}
