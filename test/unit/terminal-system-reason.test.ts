import { statSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { systemReason } from "../../client/terminal/system-reason.ts";

test("trouble with files is told in words, also where it is rare", () => {
  const failing = (path: string) => {
    try {
      statSync(path);
    } catch (error) {
      return systemReason(error);
    }
    throw new Error(`There is ${path}.`);
  };
  expect(failing("/no/such/file")).toBe("no such file or folder");
  expect(failing(`/${"x".repeat(300)}`)).toBe("the name is too long");
  const rare = Object.assign(new Error("EBUSY: resource busy or locked, open '/a, b: 'c''"), { code: "EBUSY" });
  expect(systemReason(rare)).toBe("resource busy or locked");
  expect(systemReason(new Error("Else: as it is, or so"))).toBe("Else: as it is, or so");
});
