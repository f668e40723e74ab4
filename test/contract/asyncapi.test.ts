import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import { expect, test } from "@jest/globals";
import { asyncApiDocument } from "../../docs/asyncapi.ts";
import { PUSHES } from "../../protocol/pushes.ts";
import { REQUEST_NAMES } from "../../protocol/requests.ts";

const committed = readFileSync("docs/asyncapi.json", "utf8");
const ERROR = 0;

async function faults(text: string) {
  const { document, diagnostics } = await new Parser().parse(text);
  return { document, errors: diagnostics.filter(({ severity }) => severity === ERROR).map(({ message }) => message) };
}

test("docs/asyncapi.json is what `npm run docs` writes today", () => {
  expect(JSON.parse(committed)).toEqual(asyncApiDocument());
});

test("the AsyncAPI parser finds no error in it", async () => {
  const { document, errors } = await faults(committed);
  expect(errors).toEqual([]);
  const operations = document?.operations().all() ?? [];
  expect(operations.filter((one) => one.isSend()).map((one) => one.id())).toEqual(
    Object.keys(PUSHES).map((name) => `${name}.push`),
  );
  expect(operations.filter((one) => one.isReceive()).map((one) => one.id())).toEqual(["connect", ...REQUEST_NAMES]);
  for (const one of operations) expect(one.isReceive() ? one.reply()?.messages().length : 1).toBeGreaterThan(0);
});

test("the AsyncAPI parser would find one", async () => {
  const { errors } = await faults(committed.replaceAll("schemas/Entry", "schemas/Gone"));
  expect(errors).not.toEqual([]);
});

test("what JSON Schema cannot say is said in words", () => {
  expect(asyncApiDocument()).toMatchObject({
    components: {
      schemas: {
        Key: { description: expect.stringContaining("at most 512 bytes of UTF-8") },
        UserName: { description: expect.stringContaining("cannot be called shared, system, *") },
        OperationId: { description: expect.stringContaining("CLIENT:COUNTER") },
      },
    },
  });
});

test("requests are closed, answers may grow", () => {
  expect(asyncApiDocument()).toMatchObject({
    components: {
      schemas: {
        "put.request": { additionalProperties: false, required: ["key", "value"] },
        "put.value": expect.not.objectContaining({ additionalProperties: expect.anything() }),
        Auth: { additionalProperties: false },
      },
    },
  });
});
