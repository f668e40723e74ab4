// Biome does the rest; only this rule sees an async function given where a plain one is expected (socket handlers).
import tseslint from "typescript-eslint";

export default [
  {
    files: ["**/*.ts"],
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: { "@typescript-eslint/no-misused-promises": "error" },
  },
];
